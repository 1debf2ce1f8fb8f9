import type { Recipe } from './recipe.ts';
import { PRODUCTS } from './outputs.ts';
import { MAKE, uefiAmong, type Platform } from './targets.ts';

/** A program that a driver runs, and the package that holds it. */
export interface Tool {
  readonly command: string;
  /** Makes it print its version and nothing else happen. */
  readonly ask: string;
  readonly package: string;
}

/** A file of the system that is needed, or becomes part of a medium. */
export interface SystemFile {
  readonly path: string;
  readonly package: string;
}

/** Everything that a build wants of the system it runs on. */
export interface Needs {
  readonly tools: readonly Tool[];
  readonly files: readonly SystemFile[];
}

const XORRISO: Tool = { command: 'xorriso', ask: '-version', package: 'xorriso' };
const MTOOLS: Tool = { command: 'mformat', ask: '--version', package: 'mtools' };
const OPENSSL: Tool = { command: 'openssl', ask: 'version', package: 'openssl' };
const COMPILING: readonly Tool[] = [
  { command: 'make', ask: '--version', package: 'make' },
  { command: 'perl', ask: '--version', package: 'perl' },
];
const LZMA: SystemFile = { path: '/usr/include/lzma.h', package: 'liblzma-dev' };

/** What makes BIOS machines start from a CD (isolinux and its core module) and from a disk (the boot sector). */
export const BIOS_FILES = {
  'isolinux.bin': { path: '/usr/lib/ISOLINUX/isolinux.bin', package: 'isolinux' },
  'isohdpfx.bin': { path: '/usr/lib/ISOLINUX/isohdpfx.bin', package: 'isolinux' },
  'ldlinux.c32': { path: '/usr/lib/syslinux/modules/bios/ldlinux.c32', package: 'syslinux-common' },
} as const satisfies Readonly<Record<string, SystemFile>>;

/** The needs of putting a product together from binaries that are there. */
export function assemblyNeeds({ output, platforms }: Recipe): Needs {
  if (PRODUCTS[output] === 'loaders') return { tools: [], files: [] };
  return {
    tools: uefiAmong(platforms).length > 0 ? [XORRISO, MTOOLS] : [XORRISO],
    files: platforms.includes('bios') ? Object.values(BIOS_FILES) : [],
  };
}

/** The needs of compiling it first, on a processor that Node calls `arch`. */
export function compilingNeeds(recipe: Recipe, arch: string): Needs {
  const assembly = assemblyNeeds(recipe);
  const prefixes = new Set(recipe.platforms.map((platform) => crossFor(platform, arch)));
  // programs that run while it builds are compiled for the machine that builds
  const compilers = ['', ...[...prefixes].filter((prefix) => prefix !== '')].map((prefix) => compiler(prefix));
  return {
    tools: [...compilers, ...COMPILING, ...(recipe.ca === undefined ? [] : [OPENSSL]), ...assembly.tools],
    files: [LZMA, ...assembly.files],
  };
}

/** The prefix of the compiler for a platform, on a processor that Node calls `arch`; empty: its own. */
export function crossFor(platform: Platform, arch: string): string {
  const { native, cross } = MAKE[platform];
  return native.includes(arch) ? '' : cross;
}

function compiler(prefix: string): Tool {
  const known = Object.values(MAKE).find(({ cross }) => cross === prefix);
  return { command: `${prefix}gcc`, ask: '--version', package: known?.crossPackage ?? 'gcc' };
}

/** The packages of the cross compilers among the needs. */
export function crossPackagesAmong({ tools }: Needs): readonly string[] {
  const cross = new Set(Object.values(MAKE).map(({ crossPackage }) => crossPackage));
  return tools.map((tool) => tool.package).filter((name) => cross.has(name));
}
