import { truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FileChanged, folder, wholeFiles, type OpenFile } from '../src/index.ts';
import { mustBeOpen, tempFolder } from './temp.ts';

/** A file that counts its reads and gives its content when the test says so. */
function countedFile(version: string, size: number) {
  const reads: ((content: Uint8Array) => void)[] = [];
  const file: OpenFile = {
    size,
    modified: 0,
    version,
    read: (_position, length) =>
      new Promise((resolve) => {
        reads.push(() => resolve(new Uint8Array(length)));
      }),
    close: () => Promise.resolve(),
  };
  return { file, reads, answer: () => reads.splice(0).forEach((read) => read(new Uint8Array(size))) };
}

test('C-33 concurrent readers of one version share one load', async () => {
  const cache = wholeFiles({ file: 100, total: 100 });
  const { file, reads, answer } = countedFile('v', 10);
  const both = [cache.of(file), cache.of({ ...file })];
  expect(reads).toHaveLength(1);
  answer();
  const [one, two] = await Promise.all(both);
  expect(one).toBe(two);
  expect(await cache.of(file)).toBe(one);
  expect(reads).toHaveLength(0);
});

test.each([
  ['as big as the bound', 64, 64],
  ['one byte more', 65, 0],
])('F-T 41 a file %s', async (_, size, held) => {
  const cache = wholeFiles({ file: 64, total: 1000 });
  const { file, answer } = countedFile('v', size);
  const content = cache.of(file);
  answer();
  expect((await content)?.length ?? 0).toBe(held);
  expect(cache.held).toBe(held);
});

test('F-T 41 1,000 files: never more than the total, and the least recently used go', () => {
  const cache = wholeFiles({ file: 10, total: 100 });
  const favourite = countedFile('favourite', 10);
  for (let n = 0; n < 1000; n += 1) {
    void cache.of(favourite.file);
    void cache.of(countedFile(`v${n}`, 10).file);
    expect(cache.held).toBeLessThanOrEqual(100);
  }
  expect(cache.held).toBe(100);
  expect(favourite.reads).toHaveLength(1);
  const recent = countedFile('v999', 10);
  const old = countedFile('v0', 10);
  void cache.of(recent.file);
  void cache.of(old.file);
  expect([recent.reads.length, old.reads.length]).toEqual([0, 1]);
});

test('a new version of a file is loaded anew', () => {
  const cache = wholeFiles({ file: 10, total: 100 });
  void cache.of(countedFile('v1', 10).file);
  const second = countedFile('v2', 10);
  void cache.of(second.file);
  expect(second.reads).toHaveLength(1);
});

test('C-31 a load that fails reaches its readers and leaves nothing behind', async () => {
  const root = await tempFolder({ x: 'content' });
  const cache = wholeFiles({ file: 100, total: 100 });
  const file = mustBeOpen(await folder(root).open('x'));
  await truncate(join(root, 'x'), 2);
  await expect(cache.of(file)).rejects.toBeInstanceOf(FileChanged);
  expect(cache.held).toBe(0);
  await file.close();
});

test('the content outlives the open file', async () => {
  const root = await tempFolder({ x: 'content' });
  const cache = wholeFiles({ file: 100, total: 100 });
  const file = mustBeOpen(await folder(root).open('x'));
  const content = await cache.of(file);
  await file.close();
  await truncate(join(root, 'x'), 0);
  expect(Buffer.from(content ?? []).toString()).toBe('content');
});

test('F-T 41 what somebody keeps stays counted: what finds no room beside it is not held', async () => {
  const cache = wholeFiles({ file: 10, total: 20 });
  const keep = async (version: string) => {
    const { file, answer } = countedFile(version, 10);
    const kept = cache.keep(file);
    answer();
    return await kept;
  };
  const [first, second] = [await keep('v1'), await keep('v2')];
  expect([first?.content.length, second?.content.length, await keep('v3'), cache.held]).toEqual([
    10,
    10,
    undefined,
    20,
  ]);
  first?.release();
  first?.release();
  expect((await keep('v4'))?.content.length).toBe(10);
  expect([await keep('v5'), cache.held]).toEqual([undefined, 20]);
});

test('what could not be read is kept by nobody', async () => {
  const cache = wholeFiles({ file: 10, total: 10 });
  const broken: OpenFile = { ...countedFile('v1', 10).file, read: () => Promise.reject(new Error('EIO')) };
  await expect(cache.keep(broken)).rejects.toThrow('EIO');
  const { file, answer } = countedFile('v2', 10);
  const kept = cache.keep(file);
  answer();
  expect((await kept)?.content.length).toBe(10);
});
