/** Facts about what a medium can boot on, in the order in which it is always named. */
export const PLATFORMS = ['bios', 'x64', 'arm64'] as const;
export type Platform = (typeof PLATFORMS)[number];

/** What of iPXE a platform boots, by the names that packages give it: the first that exists. */
export const IPXE_BINARIES: Readonly<Record<Platform, readonly string[]>> = {
  bios: ['ipxe.lkrn'],
  x64: ['ipxe-amd64.efi', 'ipxe.efi'],
  arm64: ['ipxe-arm64.efi'],
};

/** Where UEFI looks on a removable medium (UEFI 2.10, 3.5.1.1); BIOS machines start isolinux instead. */
export const REMOVABLE_LOADERS = { x64: 'EFI/BOOT/BOOTX64.EFI', arm64: 'EFI/BOOT/BOOTAA64.EFI' } as const;
export type UefiPlatform = keyof typeof REMOVABLE_LOADERS;

/** The platforms of a list that are UEFI. */
export function uefiAmong(platforms: readonly Platform[]): readonly UefiPlatform[] {
  return platforms.filter((platform) => platform !== 'bios');
}

/** A program that a driver runs, and the package that holds it. */
export interface Tool {
  readonly command: string;
  /** Makes it print its version and nothing else happen. */
  readonly ask: string;
  readonly package: string;
}

export const XORRISO: Tool = { command: 'xorriso', ask: '-version', package: 'xorriso' };
export const MTOOLS: Tool = { command: 'mformat', ask: '--version', package: 'mtools' };

/** A file of the system that becomes part of a medium. */
export interface SystemFile {
  readonly path: string;
  readonly package: string;
}

/** What makes BIOS machines start from a CD (isolinux and its core module) and from a disk (the boot sector). */
export const BIOS_FILES = {
  'isolinux.bin': { path: '/usr/lib/ISOLINUX/isolinux.bin', package: 'isolinux' },
  'isohdpfx.bin': { path: '/usr/lib/ISOLINUX/isohdpfx.bin', package: 'isolinux' },
  'ldlinux.c32': { path: '/usr/lib/syslinux/modules/bios/ldlinux.c32', package: 'syslinux-common' },
} as const satisfies Readonly<Record<string, SystemFile>>;

/**
 * The oldest iPXE whose EFI binaries read `autoexec.ipxe` from the medium they came from. Older distributions get the
 * package of a later stable release, which keeps its version for years.
 */
export const OLDEST_IPXE = '1.21.1';

export const PINNED_IPXE = {
  name: 'ipxe',
  suite: 'trixie',
  version: '1.21.1+git20250501.dad20602+dfsg-1',
  sha256: 'eeaca79dbde0fb86c102bf1d362c6f6a67ed0ddab38b3dd12e1b332339f5dd99',
} as const;
