import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { spread, type Spread } from '../report/statistics.ts';

const RECORD = Buffer.alloc(96, 'r');
const TIMES = 500;

/** Milliseconds that this folder's disk takes to have one more record of 96 bytes for certain (append, fdatasync). */
export async function syncTimes(folder: string): Promise<Spread> {
  const path = join(folder, 'sync-times');
  const file = await open(path, 'a');
  const took: number[] = [];
  for (let time = 0; time < TIMES; time += 1) {
    const begin = performance.now();
    await file.appendFile(RECORD);
    await file.datasync();
    took.push(performance.now() - begin);
  }
  await file.close();
  await rm(path);
  return spread(took);
}
