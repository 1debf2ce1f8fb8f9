/** Facts about what can be booted, in the order in which platforms are always named. */
export const PLATFORMS = ['bios', 'x64', 'arm64'] as const;
export type Platform = (typeof PLATFORMS)[number];

/** Where UEFI looks on a removable medium (UEFI 2.10, 3.5.1.1); BIOS machines start isolinux instead. */
export const REMOVABLE_LOADERS = { x64: 'EFI/BOOT/BOOTX64.EFI', arm64: 'EFI/BOOT/BOOTAA64.EFI' } as const;
export type UefiPlatform = keyof typeof REMOVABLE_LOADERS;

/** The platforms of a list that are UEFI. */
export function uefiAmong(platforms: readonly Platform[]): readonly UefiPlatform[] {
  return platforms.filter((platform) => platform !== 'bios');
}

/** A file of iPXE, as it is called here, in a Debian package, and in a source tree. */
export interface Binary {
  /** In our own folders and on our own media. */
  readonly name: string;
  /** Names that packages give it: the first that exists. */
  readonly packaged: readonly string[];
  /** The target of `make`, below `src/`. */
  readonly target: string;
}

/** How a platform's iPXE is compiled. */
export interface Make {
  /** The compiler's prefix, where the machine that compiles is of another kind. */
  readonly cross: string;
  readonly crossPackage: string;
  /** The processors, by Node's names, whose own compiler does. */
  readonly native: readonly string[];
  /** The file below `src/` that shows the script's bytes after a build; undefined: the binary itself, which is not compressed. */
  readonly witness: string | undefined;
}

const X86 = { cross: 'x86_64-linux-gnu-', crossPackage: 'gcc-x86-64-linux-gnu', native: ['x64'] };
const ARM = { cross: 'aarch64-linux-gnu-', crossPackage: 'gcc-aarch64-linux-gnu', native: ['arm64'] };

export const MAKE: Readonly<Record<Platform, Make>> = {
  bios: { ...X86, witness: 'bin/embedded.o' },
  x64: { ...X86, witness: undefined },
  arm64: { ...ARM, witness: undefined },
};

/** What of iPXE goes onto a medium. */
export const ON_MEDIUM: Readonly<Record<Platform, Binary>> = {
  bios: { name: 'ipxe.lkrn', packaged: ['ipxe.lkrn'], target: 'bin/ipxe.lkrn' },
  x64: { name: 'ipxe-x64.efi', packaged: ['ipxe-amd64.efi', 'ipxe.efi'], target: 'bin-x86_64-efi/ipxe.efi' },
  arm64: { name: 'ipxe-arm64.efi', packaged: ['ipxe-arm64.efi'], target: 'bin-arm64-efi/ipxe.efi' },
};

/** The loaders of each platform, by the names under which the appliance looks for them. Not every package has every one. */
export const LOADERS: Readonly<Record<Platform, readonly Binary[]>> = {
  bios: [{ name: 'undionly.kpxe', packaged: ['undionly.kpxe'], target: 'bin/undionly.kpxe' }],
  x64: [
    { name: 'snponly.efi', packaged: ['snponly.efi'], target: 'bin-x86_64-efi/snponly.efi' },
    { name: 'ipxe.efi', packaged: ['ipxe-amd64.efi', 'ipxe.efi'], target: 'bin-x86_64-efi/ipxe.efi' },
  ],
  arm64: [
    { name: 'snponly.efi', packaged: [], target: 'bin-arm64-efi/snponly.efi' },
    { name: 'ipxe-arm64.efi', packaged: ['ipxe-arm64.efi'], target: 'bin-arm64-efi/ipxe.efi' },
  ],
};

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
