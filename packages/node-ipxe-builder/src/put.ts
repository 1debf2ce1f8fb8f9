import { copyFile, rename, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { withScratch } from './scratch.ts';

/** Puts a copy of a file in place: written beside the target, on the same file system, and renamed. */
export function putFile(file: string, target: string): Promise<void> {
  return put(target, (fresh) => copyFile(file, fresh));
}

/** The same with a text. */
export function putText(text: string, target: string): Promise<void> {
  return put(target, (fresh) => writeFile(fresh, text));
}

function put(target: string, write: (fresh: string) => Promise<void>): Promise<void> {
  return withScratch(dirname(target), async (folder) => {
    const fresh = join(folder, basename(target));
    await write(fresh);
    await rename(fresh, target);
  });
}
