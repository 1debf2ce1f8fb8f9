import { readdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { cached } from './cache.ts';
import { codeOf } from './command.ts';
import type { Workshop } from './driver.ts';
import { isAlive, withScratch } from './scratch.ts';

/**
 * Build trees keep what `make` has compiled, so only one build at a time may work in one. A file of the tree says who does: `idle`, or
 * `busy-<pid>`. Renaming it is the claim: of two that try, the file is there for one.
 */
const IDLE = 'idle';
const BUSY = /^busy-(\d+)$/;
const OURS = `busy-${process.pid}`;

const LOOK_AGAIN_MS = 200;

/** Trees that a build of this process has, or tries to get: state of the process, as its number is that names the claim. */
const held = new Set<string>();

/**
 * Works in the build tree `key`, which `fill` makes when it is not there, and waits for another build that does. A tree whose build
 * failed or was interrupted is thrown away, because nobody knows what in it is half written.
 */
export async function inTree<T>(
  key: string,
  fill: (folder: string) => Promise<void>,
  { cache, progress, signal }: Workshop,
  work: (folder: string) => Promise<T>,
): Promise<T> {
  const trees = join(cache, 'trees');
  const folder = await claim(trees, key, fill, progress, signal);
  try {
    const result = await work(folder);
    await rename(join(folder, OURS), join(folder, IDLE));
    return result;
  } catch (error) {
    await discard(trees, folder);
    throw error;
  } finally {
    held.delete(folder);
  }
}

async function claim(
  trees: string,
  key: string,
  fill: (folder: string) => Promise<void>,
  progress: (line: string) => void,
  signal: AbortSignal,
): Promise<string> {
  const isWhole = () => Promise.resolve(true);
  for (let hasSaid = false; ; hasSaid = true) {
    signal.throwIfAborted();
    const { folder } = await cached(trees, key, isWhole, async (fresh) => {
      await fill(fresh);
      await writeFile(join(fresh, IDLE), '');
    });
    const state = await take(trees, folder);
    if (state === 'ours') return folder;
    if (state === 'gone') continue;
    if (!hasSaid) progress(`another build is at work in ${folder}: waiting for it`);
    await setTimeout(LOOK_AGAIN_MS, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

/** Ours; or it was a dead process's and is gone; or somebody else's. */
async function take(trees: string, folder: string): Promise<'ours' | 'gone' | 'busy'> {
  if (held.has(folder)) return 'busy';
  held.add(folder);
  let isOurs = false;
  try {
    isOurs = await renamed(folder, IDLE);
    if (isOurs) return 'ours';
    const owner = await ownerOf(folder);
    // our own number without our holding it is a dead process's: in a container each run has the same one
    if (owner === undefined || (owner !== process.pid && isAlive(owner))) return 'busy';
    if (await renamed(folder, `busy-${owner}`)) await discard(trees, folder);
    return 'gone';
  } finally {
    if (!isOurs) held.delete(folder);
  }
}

async function renamed(folder: string, from: string): Promise<boolean> {
  try {
    await rename(join(folder, from), join(folder, OURS));
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}

async function ownerOf(folder: string): Promise<number | undefined> {
  const names = await readdir(folder).catch(() => []);
  const owner = names.map((name) => Number(BUSY.exec(name)?.[1])).find((pid) => pid > 0);
  return owner;
}

/** Moved aside first: a tree is there whole or not at all. */
function discard(trees: string, folder: string): Promise<void> {
  return withScratch(trees, (scratch) => rename(folder, join(scratch, 'tree')));
}
