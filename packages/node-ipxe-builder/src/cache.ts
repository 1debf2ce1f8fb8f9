import { rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from './command.ts';
import { withScratch } from './scratch.ts';

/** A folder of the cache: named by what decides its content, and there whole or not at all. */
export interface Entry {
  readonly folder: string;
  readonly isNew: boolean;
}

/**
 * The folder `key` of a cache. One that is absent, or that `isWhole` refuses, is made by `make` in a folder of its own and put in
 * place with one rename: a build that is interrupted leaves nothing, and of two at the same time one wins.
 */
export async function cached(
  cache: string,
  key: string,
  isWhole: (folder: string) => Promise<boolean>,
  make: (folder: string) => Promise<void>,
): Promise<Entry> {
  const folder = join(cache, key);
  if (await exists(folder)) {
    if (await isWhole(folder)) return { folder, isNew: false };
    await rm(folder, { recursive: true, force: true });
  }
  return await withScratch(cache, async (fresh) => {
    await make(fresh);
    await rename(fresh, folder).catch((error: unknown) => {
      if (!['EEXIST', 'ENOTEMPTY'].includes(codeOf(error) ?? '')) throw error;
    });
    return { folder, isNew: true };
  });
}

/** Whether something is there. */
export function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
