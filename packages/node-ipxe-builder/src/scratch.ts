import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from './command.ts';

/** Names of scratch folders carry the process they belong to: `.new-<pid>-<random>`. */
const SCRATCH = /^\.new-(\d+)-/;

/** Runs `work` with a new empty folder inside `parent`, which is made; afterwards the folder is gone. Sweeps what killed processes have left there. */
export async function withScratch<T>(parent: string, work: (folder: string) => Promise<T>): Promise<T> {
  await mkdir(parent, { recursive: true });
  await sweep(parent);
  const folder = await mkdtemp(join(parent, `.new-${process.pid}-`));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function sweep(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const owner = Number(SCRATCH.exec(name)?.[1]);
    if (owner > 0 && !isAlive(owner)) await rm(join(parent, name), { recursive: true, force: true });
  }
}

/** Whether there is a process of this number. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // EPERM: there is one, of another user
    return codeOf(error) === 'EPERM';
  }
}
