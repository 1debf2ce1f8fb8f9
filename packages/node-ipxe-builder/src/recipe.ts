import { PLATFORMS, type Platform } from './targets.ts';

/** What a medium is to be. */
export interface Recipe {
  /** The script that iPXE runs, unchanged. */
  readonly script: Uint8Array;
  /** At least one, in the order of `PLATFORMS`. */
  readonly platforms: readonly Platform[];
  /** The time stamp of everything on the medium, in seconds since 1970: the same inputs make the same bytes. */
  readonly epoch: number;
}

/** 2025-01-01. Any fixed time will do; FAT begins in 1980. */
export const DEFAULT_EPOCH = 1_735_689_600;

const FIRST_LINE = '#!ipxe';

/** iPXE's own limit is memory; this one keeps a mistyped file name from becoming a medium. */
const LARGEST_SCRIPT = 1 << 20;

/** Why these bytes are no script that iPXE would run; undefined when they are one. */
export function scriptProblem(script: Uint8Array): string | undefined {
  const [first = ''] = Buffer.from(script.subarray(0, 64)).toString('latin1').split('\n');
  if (script.length > LARGEST_SCRIPT)
    return `it has ${script.length} bytes, and no script has more than ${LARGEST_SCRIPT}`;
  if (!/^#!ipxe\s*$/.test(first)) return `its first line is not ${FIRST_LINE}, and iPXE runs nothing else`;
  return undefined;
}

/** Reads `bios,x64,arm64` in any order; undefined when a name is none or nothing is named. */
export function parsePlatforms(text: string): readonly Platform[] | undefined {
  const names = text.split(',').map((name) => name.trim());
  const known = PLATFORMS.filter((platform) => names.includes(platform));
  const isEveryNameKnown = names.every((name) => known.some((platform) => platform === name));
  return isEveryNameKnown && known.length > 0 ? known : undefined;
}
