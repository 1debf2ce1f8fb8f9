import { REMOVABLE_LOADERS, uefiAmong, type Platform } from './targets.ts';

/** One program to run in the work folder. */
export interface Step {
  readonly command: string;
  readonly args: readonly string[];
}

/** How an ISO comes to be, in a folder that holds the script and the binaries under the names of `STAGED`. */
export interface Plan {
  /** Files to write there first. */
  readonly texts: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
  /** The environment that takes time and place out of the result. */
  readonly environment: Readonly<Record<string, string>>;
}

export interface Assembly {
  readonly platforms: readonly Platform[];
  readonly epoch: number;
  /** Bytes of everything that goes onto the EFI system partition. */
  readonly espContent: number;
}

/** Names in the work folder. */
export const STAGED = {
  script: 'autoexec.ipxe',
  isolinuxConfig: 'isolinux.cfg',
  esp: 'esp.img',
  iso: 'ipxe.iso',
  binary: { bios: 'ipxe.lkrn', x64: 'ipxe-x64.efi', arm64: 'ipxe-arm64.efi' },
} as const;

/** isolinux starts iPXE as a kernel, and iPXE takes its script for the initrd of that kernel. */
const ISOLINUX_CONFIG = [
  'DEFAULT ipxe',
  'LABEL ipxe',
  `  KERNEL /boot/${STAGED.binary.bios}`,
  `  INITRD /boot/${STAGED.script}`,
  '',
].join('\n');

/** Where each binary looks for the script: beside itself. */
const ESP_SCRIPT = 'EFI/BOOT/autoexec.ipxe';

const SECTOR = 512;
const MEBIBYTE = 1 << 20;

/**
 * The steps that assemble a hybrid ISO: a CD with an El Torito entry for each kind of firmware, and the same bytes as a disk
 * with a partition table. An MBR and not a GPT, because there are BIOSes that start only disks with an active partition,
 * and UEFI knows the ESP of an MBR by its type, 0xEF (UEFI 2.10, 5.2.2).
 */
export function planAssembly({ platforms, epoch, espContent }: Assembly): Plan {
  const hasUefi = uefiAmong(platforms).length > 0;
  return {
    texts: platforms.includes('bios') ? { [STAGED.isolinuxConfig]: ISOLINUX_CONFIG } : {},
    steps: [...(hasUefi ? espSteps(platforms, espContent) : []), isoStep(platforms, epoch)],
    environment: { SOURCE_DATE_EPOCH: String(epoch), TZ: 'UTC', LC_ALL: 'C' },
  };
}

/** File by file, never a folder at once: the order of names in a folder is the file system's, and would be on the medium. */
function espSteps(platforms: readonly Platform[], content: number): readonly Step[] {
  const on = (command: string, ...args: readonly string[]): Step => ({ command, args: ['-i', STAGED.esp, ...args] });
  const geometry = ['-T', String(espSectors(content)), '-h', '64', '-s', '32'];
  return [
    on('mformat', '-C', ...geometry, '-N', '49505845', '-v', 'IPXE', '::'),
    on('mmd', '::/EFI', '::/EFI/BOOT'),
    ...uefiAmong(platforms).map((name) => on('mcopy', STAGED.binary[name], `::/${REMOVABLE_LOADERS[name]}`)),
    on('mcopy', STAGED.script, `::/${ESP_SCRIPT}`),
  ];
}

/** Whole MiB with one to spare for the file system's own tables; below 4 MiB, mformat's choice of FAT has changed between versions. */
export function espSectors(content: number): number {
  return (Math.max(4, Math.ceil(content / MEBIBYTE) + 1) * MEBIBYTE) / SECTOR;
}

function isoStep(platforms: readonly Platform[], epoch: number): Step {
  const bios = platforms.includes('bios');
  const uefi = uefiAmong(platforms).length > 0;
  const always = [
    ['-as', 'mkisofs', '-quiet', '-o', STAGED.iso, '-iso-level', '3', '-r', '-V', 'IPXE'],
    ['--set_all_file_dates', `=${epoch}`],
  ];
  const entries = [...(bios ? BIOS_ENTRY : []), ...(bios && uefi ? NEXT_ENTRY : []), ...(uefi ? UEFI_ENTRY : [])];
  const content = { [`boot/${STAGED.script}`]: STAGED.script, ...(bios ? BIOS_CONTENT : {}) };
  const grafts = Object.entries(content).map(([inside, file]) => `${inside}=${file}`);
  return { command: 'xorriso', args: [...always, ...entries, ['-graft-points', ...grafts]].flat() };
}

/** isolinux by El Torito, and its boot sector for disks. */
const BIOS_ENTRY = [
  ['-isohybrid-mbr', 'isohdpfx.bin'],
  ['-b', 'isolinux/isolinux.bin', '-c', 'isolinux/boot.cat'],
  ['-no-emul-boot', '-boot-load-size', '4', '-boot-info-table'],
];
const BIOS_CONTENT = {
  'isolinux/isolinux.bin': 'isolinux.bin',
  'isolinux/ldlinux.c32': 'ldlinux.c32',
  'isolinux/isolinux.cfg': STAGED.isolinuxConfig,
  [`boot/${STAGED.binary.bios}`]: STAGED.binary.bios,
};
const NEXT_ENTRY = [['-eltorito-alt-boot']];

/** One EFI system partition, which the CD's boot catalogue and the disk's partition table both name. */
const UEFI_ENTRY = [
  ['-append_partition', '2', '0xef', STAGED.esp],
  ['-e', '--interval:appended_partition_2:all::', '-no-emul-boot'],
];
