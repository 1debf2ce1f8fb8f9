/** One kind of machine that is switched on: firmware, network card, and how it boots from the network. */
export interface Firmware {
  readonly title: string;
  /** Seconds from power-on to the guest's report on a quiet 2-core machine without KVM. */
  readonly quietSeconds: number;
  readonly emulator: string;
  readonly board: readonly (readonly string[])[];
  /** UEFI only: the code, and the variable store of which every boot gets a fresh copy. */
  readonly flash?: { readonly code: string; readonly variables: string };
  readonly card: string;
}

const OVMF = { code: '/usr/share/OVMF/OVMF_CODE_4M.fd', variables: '/usr/share/OVMF/OVMF_VARS_4M.fd' } as const;
const AAVMF = { code: '/usr/share/AAVMF/AAVMF_CODE.fd', variables: '/usr/share/AAVMF/AAVMF_VARS.fd' } as const;
const PC = [['-machine', 'pc,graphics=off']] as const;
const Q35 = [['-machine', 'q35,graphics=off']] as const;

/** EDK2 tries PXE first, for minutes, unless it is told not to. */
const WITHOUT_PXE = [
  ['-fw_cfg', 'name=opt/org.tianocore/IPv4PXESupport,string=n'],
  ['-fw_cfg', 'name=opt/org.tianocore/IPv6PXESupport,string=n'],
] as const;

/** `romfile=` takes QEMU's own iPXE away, so that EDK2's PXE client is on its own: a client that is not iPXE. */
const VIRTIO_WITHOUT_ROM = 'virtio-net-pci,romfile=';

/** The machines that the tests switch on. */
export const FIRMWARE = {
  biosRom: {
    title: 'BIOS with iPXE as the ROM of its virtio card',
    quietSeconds: 25,
    emulator: 'qemu-system-x86_64',
    board: PC,
    card: 'virtio-net-pci',
  },
  biosRomE1000: {
    title: 'BIOS with iPXE as the ROM of its e1000 card',
    quietSeconds: 30,
    emulator: 'qemu-system-x86_64',
    board: PC,
    card: 'e1000',
  },
  uefiPxe: {
    title: 'UEFI x64, PXE',
    quietSeconds: 35,
    emulator: 'qemu-system-x86_64',
    board: Q35,
    flash: OVMF,
    card: VIRTIO_WITHOUT_ROM,
  },
  uefiHttp: {
    title: 'UEFI x64, HTTP Boot',
    quietSeconds: 30,
    emulator: 'qemu-system-x86_64',
    board: [...Q35, ...WITHOUT_PXE],
    flash: OVMF,
    card: VIRTIO_WITHOUT_ROM,
  },
  bios: {
    title: 'BIOS without a network ROM',
    quietSeconds: 25,
    emulator: 'qemu-system-x86_64',
    board: PC,
    card: VIRTIO_WITHOUT_ROM,
  },
  arm64: {
    title: 'UEFI arm64',
    quietSeconds: 35,
    emulator: 'qemu-system-aarch64',
    board: [
      ['-machine', 'virt'],
      ['-cpu', 'cortex-a57'],
    ],
    flash: AAVMF,
    card: VIRTIO_WITHOUT_ROM,
  },
} as const satisfies Readonly<Record<string, Firmware>>;

/**
 * An image that a machine boots instead of the network: a CD in its drive, one that its management board shows it (iDRAC and
 * iLO do it by USB), a stick in its USB port, or its own disk.
 */
export interface Medium {
  readonly kind: 'cd' | 'usb-cd' | 'usb' | 'disk';
  readonly image: string;
}

/** What makes one machine of its kind different from the next. */
export interface Identity {
  readonly mac: string;
  readonly uuid: string;
}

/** Files and devices of one boot. `variables` is the fresh copy of the variable store. */
export interface Wiring {
  readonly tap: string;
  readonly serial: string;
  readonly variables: string;
  /** In their boot order; none: it boots from the network. */
  readonly media: readonly Medium[];
}

/**
 * QEMU's arguments for one boot. Always in software: `/dev/kvm` may exist and yet not run a guest.
 * `-no-reboot` makes QEMU exit 0 when the guest switches off or reboots.
 */
export function qemuArguments(firmware: Firmware, identity: Identity, wiring: Wiring): readonly string[] {
  const common = [
    ['-accel', 'tcg'],
    ['-m', '512'],
    ['-display', 'none'],
    ['-vga', 'none'],
    ['-monitor', 'none'],
    ['-no-reboot'],
    ['-serial', `file:${wiring.serial}`],
    ['-uuid', identity.uuid],
  ];
  // With a medium the network is no boot device: nothing but a medium can have started what reports.
  const order = wiring.media.length === 0 ? ',bootindex=1' : '';
  const card = [
    ['-netdev', `tap,id=lan,ifname=${wiring.tap},script=no,downscript=no`],
    ['-device', `${firmware.card},netdev=lan,mac=${identity.mac}${order}`],
  ];
  return [...common, ...firmware.board, ...flash(firmware, wiring), ...wiring.media.flatMap(attached), ...card].flat();
}

const CDROM = 'media=cdrom,readonly=on';
/** The image is never written to: what a machine writes is thrown away. */
const DISK = 'format=raw,snapshot=on';
const XHCI = ['-device', 'qemu-xhci'];

interface Drive {
  /** How QEMU opens the image. */
  readonly access: string;
  readonly controllers: readonly (readonly string[])[];
  readonly device: string;
}

/** What each kind of medium is to QEMU. */
const MEDIA: Readonly<Record<Medium['kind'], Drive>> = {
  cd: { access: CDROM, controllers: [], device: 'ide-cd' },
  'usb-cd': { access: CDROM, controllers: [XHCI], device: 'usb-storage' },
  usb: { access: DISK, controllers: [XHCI], device: 'usb-storage' },
  disk: { access: DISK, controllers: [], device: 'virtio-blk-pci' },
};

/** The `index`-th in the boot order. */
function attached({ kind, image }: Medium, index: number): readonly (readonly string[])[] {
  const { access, controllers, device } = MEDIA[kind];
  return [
    ['-drive', `if=none,id=medium${index},${access},file=${image}`],
    ...controllers,
    ['-device', `${device},drive=medium${index},bootindex=${index + 1}`],
  ];
}

function flash({ flash: files }: Firmware, { variables }: Wiring): readonly (readonly string[])[] {
  if (files === undefined) return [];
  return [
    ['-drive', `if=pflash,format=raw,unit=0,readonly=on,file=${files.code}`],
    ['-drive', `if=pflash,format=raw,unit=1,file=${variables}`],
  ];
}
