import type { Step } from './plan.ts';
import { binariesOf, PRODUCTS } from './outputs.ts';
import type { Recipe } from './recipe.ts';
import { MAKE, type Platform } from './targets.ts';
import { crossFor } from './tools.ts';

/** Where in a build tree the sources are, and where `make` runs. */
export const SOURCES = 'src';

/** SHA-256 of what is embedded; undefined: nothing of the kind. */
export interface Embedded {
  readonly script: string | undefined;
  readonly ca: string | undefined;
}

/**
 * Files of a build tree that `make` embeds. Each lies in a folder named by its content, because make goes by time stamps and would keep
 * an old script under the same path; its own name is always the same, because iPXE stores it.
 */
export const EMBEDDED = {
  script: (sha256: string) => `embed/${sha256}/script.ipxe`,
  ca: (sha256: string) => `embed/${sha256}/ca.pem`,
} as const;

/** The `make` of each platform, to be run in `SOURCES` of a build tree, on a processor that Node calls `arch`. */
export function planMake(recipe: Recipe, embedded: Embedded, arch: string): ReadonlyMap<Platform, Step> {
  return new Map(recipe.platforms.map((platform) => [platform, makeOf(platform, recipe, embedded, arch)]));
}

function makeOf(platform: Platform, { output }: Recipe, { script, ca }: Embedded, arch: string): Step {
  const targets = binariesOf(PRODUCTS[output], platform).map(({ target }) => target);
  const cross = crossFor(platform, arch);
  return {
    command: 'make',
    args: [
      ...targets,
      // sources that are older than the compiler fail on its newer warnings
      'NO_WERROR=1',
      ...(cross === '' ? [] : [`CROSS=${cross}`]),
      ...(script === undefined ? [] : [`EMBED=../${EMBEDDED.script(script)}`]),
      // CERT puts it into the binary, TRUST makes it one that is believed
      ...(ca === undefined ? [] : [`CERT=../${EMBEDDED.ca(ca)}`, `TRUST=../${EMBEDDED.ca(ca)}`]),
    ],
  };
}

/** The files below `SOURCES` that must hold the script's bytes after the `make` of a platform. */
export function witnessesOf(platform: Platform, { output }: Recipe): readonly string[] {
  const { witness } = MAKE[platform];
  return witness === undefined ? binariesOf(PRODUCTS[output], platform).map(({ target }) => target) : [witness];
}
