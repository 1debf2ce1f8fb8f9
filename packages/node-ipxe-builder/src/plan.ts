import { IMAGE } from './outputs.ts';
import { ON_MEDIUM, REMOVABLE_LOADERS, uefiAmong, type Platform } from './targets.ts';
import { BIOS_FILES } from './tools.ts';

/** One program to run in a folder. */
export interface Step {
  readonly command: string;
  readonly args: readonly string[];
}

/** How an image comes to be, in a folder that holds the binaries, and the script beside them, under the names of `STAGED`. */
export interface Plan {
  /** Files to write there first. */
  readonly texts: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}

export interface Assembly {
  readonly platforms: readonly Platform[];
  readonly epoch: number;
  /** Whether the binaries find their script beside themselves or bring it with them. A second copy would only ask which one counts. */
  readonly script: 'beside' | 'embedded';
  /** Bytes of everything that goes onto the EFI system partition. */
  readonly espContent: number;
}

/** Names in the work folder. */
export const STAGED = {
  script: 'autoexec.ipxe',
  isolinuxConfig: 'isolinux.cfg',
  esp: 'esp.img',
} as const;

/** What takes time and place out of everything that is made. */
export function environmentAt(epoch: number): Readonly<Record<string, string>> {
  return { SOURCE_DATE_EPOCH: String(epoch), TZ: 'UTC', LC_ALL: 'C' };
}

/** isolinux starts iPXE as a kernel, and iPXE takes its script for the initrd of that kernel. */
function isolinuxConfig(script: Assembly['script']): string {
  const kernel = ['DEFAULT ipxe', 'LABEL ipxe', `  KERNEL /boot/${ON_MEDIUM.bios.name}`];
  const initrd = script === 'beside' ? [`  INITRD /boot/${STAGED.script}`] : [];
  return [...kernel, ...initrd, ''].join('\n');
}

/** Where each UEFI binary looks for the script: beside itself. */
const ESP_SCRIPT = 'EFI/BOOT/autoexec.ipxe';

const SECTOR = 512;
const MEBIBYTE = 1 << 20;

/**
 * The steps that assemble a hybrid image: a CD with an El Torito entry for each kind of firmware, and the same bytes as a disk
 * with a partition table. An MBR and not a GPT, because there are BIOSes that start only disks with an active partition,
 * and UEFI knows the ESP of an MBR by its type, 0xEF (UEFI 2.10, 5.2.2).
 */
export function planAssembly(assembly: Assembly): Plan {
  const { platforms, script } = assembly;
  const bios = platforms.includes('bios');
  return {
    texts: bios ? { [STAGED.isolinuxConfig]: isolinuxConfig(script) } : {},
    steps: [
      ...(bios ? [biosStep()] : []),
      ...(uefiAmong(platforms).length > 0 ? espSteps(assembly) : []),
      imageStep(assembly),
    ],
  };
}

/** A step and no copy of ours, because it is the system of the tools that has these files: a container's, perhaps. */
function biosStep(): Step {
  return { command: 'cp', args: [...Object.values(BIOS_FILES).map(({ path }) => path), '.'] };
}

/** File by file, never a folder at once: the order of names in a folder is the file system's, and would be on the medium. */
function espSteps({ platforms, espContent, script }: Assembly): readonly Step[] {
  const on = (command: string, ...args: readonly string[]): Step => ({ command, args: ['-i', STAGED.esp, ...args] });
  const geometry = ['-T', String(espSectors(espContent)), '-h', '64', '-s', '32'];
  return [
    on('mformat', '-C', ...geometry, '-N', '49505845', '-v', 'IPXE', '::'),
    on('mmd', '::/EFI', '::/EFI/BOOT'),
    ...uefiAmong(platforms).map((name) => on('mcopy', ON_MEDIUM[name].name, `::/${REMOVABLE_LOADERS[name]}`)),
    ...(script === 'beside' ? [on('mcopy', STAGED.script, `::/${ESP_SCRIPT}`)] : []),
  ];
}

/** Whole MiB with one to spare for the file system's own tables; below 4 MiB, mformat's choice of FAT has changed between versions. */
export function espSectors(content: number): number {
  return (Math.max(4, Math.ceil(content / MEBIBYTE) + 1) * MEBIBYTE) / SECTOR;
}

function imageStep({ platforms, epoch, script }: Assembly): Step {
  const bios = platforms.includes('bios');
  const uefi = uefiAmong(platforms).length > 0;
  const always = [
    ['-as', 'mkisofs', '-quiet', '-o', IMAGE, '-iso-level', '3', '-r', '-V', 'IPXE'],
    ['--set_all_file_dates', `=${epoch}`],
  ];
  const entries = [...(bios ? BIOS_ENTRY : []), ...(bios && uefi ? NEXT_ENTRY : []), ...(uefi ? UEFI_ENTRY : [])];
  const content = {
    ...(script === 'beside' ? { [`boot/${STAGED.script}`]: STAGED.script } : {}),
    ...(bios ? BIOS_CONTENT : {}),
  };
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
  [`boot/${ON_MEDIUM.bios.name}`]: ON_MEDIUM.bios.name,
};
const NEXT_ENTRY = [['-eltorito-alt-boot']];

/** One EFI system partition, which the CD's boot catalogue and the disk's partition table both name. */
const UEFI_ENTRY = [
  ['-append_partition', '2', '0xef', STAGED.esp],
  ['-e', '--interval:appended_partition_2:all::', '-no-emul-boot'],
];
