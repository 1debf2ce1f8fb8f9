import { mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { inTree } from '../src/tree.ts';

let cache = '';
let filled = 0;
beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'sower-tree-'));
  filled = 0;
});
afterEach(() => rm(cache, { recursive: true }));

const lines: string[] = [];
const work = <T>(task: (folder: string) => Promise<T>, signal = new AbortController().signal): Promise<T> =>
  inTree(
    'key',
    async (folder) => {
      filled += 1;
      await writeFile(join(folder, 'source'), '');
    },
    { cache, progress: (line) => void lines.push(line), signal },
    task,
  );

describe('a build tree', () => {
  test('is filled once, and keeps what was built', async () => {
    await work((folder) => writeFile(join(folder, 'object'), ''));
    expect(await work((folder) => readdir(folder))).toEqual([`busy-${process.pid}`, 'object', 'source']);
    expect(filled).toBe(1);
  });

  test('is thrown away when a build did not end well', async () => {
    const fault = new Error('half an object');
    await expect(work(() => Promise.reject(fault))).rejects.toBe(fault);
    expect(await readdir(join(cache, 'trees'))).toEqual([]);
    await work(() => Promise.resolve());
    expect(filled).toBe(2);
  });

  test('one build at a time; the next one waits and says so', async () => {
    const events: string[] = [];
    const building = (name: string) =>
      work(async () => {
        events.push(`${name} begins`);
        await setTimeout(300);
        events.push(`${name} ends`);
      });
    await Promise.all([building('one'), building('two')]);
    const [first = ''] = (events[0] ?? '').split(' ');
    const second = first === 'one' ? 'two' : 'one';
    expect(events).toEqual([`${first} begins`, `${first} ends`, `${second} begins`, `${second} ends`]);
    expect(lines).toContain(`another build is at work in ${join(cache, 'trees/key')}: waiting for it`);
  });

  test('a waiting build can be interrupted', async () => {
    const interruption = new AbortController();
    await work(async () => {
      const waiting = work(() => Promise.resolve(), interruption.signal);
      interruption.abort(new Error('enough'));
      await expect(waiting).rejects.toThrow('enough');
    });
    expect(await readdir(join(cache, 'trees', 'key'))).toEqual(['idle', 'source']);
  });

  test.each([
    // no process has a number above the kernel's limit of 2^22
    ['another number', 4194305],
    ['our number, as in a container', process.pid],
  ])('whose build was killed is made anew: %s', async (_, pid) => {
    await work((folder) => writeFile(join(folder, 'object'), ''));
    await rename(join(cache, 'trees/key/idle'), join(cache, `trees/key/busy-${pid}`));
    expect(await work((folder) => readdir(folder))).toEqual([`busy-${process.pid}`, 'source']);
    expect(filled).toBe(2);
  });
});
