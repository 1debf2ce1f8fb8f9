import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { adminToken } from '../src/admin-token.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sower-token-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('is made once, for its owner only, and kept', async () => {
  const file = join(folder, 'state', 'admin-token');
  const token = await adminToken(file);
  expect(token).toMatch(/^[0-9a-f]{64}$/);
  expect(await readFile(file, 'utf8')).toBe(`${token}\n`);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect((await stat(join(folder, 'state'))).mode & 0o777).toBe(0o700);
  expect(await adminToken(file)).toBe(token);
});

test('an empty file is an error that says what to do', async () => {
  const file = join(folder, 'admin-token');
  await writeFile(file, '\n');
  await expect(adminToken(file)).rejects.toThrow(/empty; remove it/);
});
