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

/** An image that a machine boots instead of the network: as a CD in its drive, or as a stick in its USB port. */
export interface Medium {
  readonly kind: 'cd' | 'usb';
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
  readonly medium?: Medium;
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
  // With a medium the network is no boot device: nothing but the medium can have started what reports.
  const order = wiring.medium === undefined ? ',bootindex=1' : '';
  const card = [
    ['-netdev', `tap,id=lan,ifname=${wiring.tap},script=no,downscript=no`],
    ['-device', `${firmware.card},netdev=lan,mac=${identity.mac}${order}`],
  ];
  return [...common, ...firmware.board, ...flash(firmware, wiring), ...inserted(wiring), ...card].flat();
}

/** The image itself is never written to: a stick gets a layer that is thrown away. */
function inserted({ medium }: Wiring): readonly (readonly string[])[] {
  if (medium === undefined) return [];
  const { kind, image } = medium;
  if (kind === 'cd') {
    return [
      ['-drive', `if=none,id=medium,media=cdrom,readonly=on,file=${image}`],
      ['-device', 'ide-cd,drive=medium,bootindex=1'],
    ];
  }
  return [
    ['-drive', `if=none,id=medium,format=raw,snapshot=on,file=${image}`],
    ['-device', 'qemu-xhci'],
    ['-device', 'usb-storage,drive=medium,bootindex=1'],
  ];
}

function flash({ flash: files }: Firmware, { variables }: Wiring): readonly (readonly string[])[] {
  if (files === undefined) return [];
  return [
    ['-drive', `if=pflash,format=raw,unit=0,readonly=on,file=${files.code}`],
    ['-drive', `if=pflash,format=raw,unit=1,file=${variables}`],
  ];
}
