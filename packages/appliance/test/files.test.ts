import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createFiles, findLoader, type Files } from '../src/files.ts';

let root = '';
let files: Files;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'sower-files-'));
  for (const [name, content] of [
    ['artifacts/loaders/x64/snponly.efi', 'the site’s own'],
    ['artifacts/harvester/v1.7.0/kernel', 'kernel'],
    ['artifacts/secret.txt', 'not a loader'],
    ['package/undionly.kpxe', 'packaged bios'],
    ['package/snponly.efi', 'packaged x64'],
    ['package/ipxe.efi', 'packaged x64 too'],
    ['package/other.efi', 'not in the table'],
  ] as const) {
    const file = join(root, name);
    await mkdir(join(file, '..'), { recursive: true });
    await writeFile(file, content);
  }
  files = createFiles({ folder: join(root, 'artifacts') }, join(root, 'package'));
});
afterAll(() => rm(root, { recursive: true }));

async function read(source: Files['http'], name: string): Promise<string> {
  const file = await source.open(name);
  if ('refused' in file) return file.refused;
  try {
    return Buffer.from(await file.read(0, file.size)).toString();
  } finally {
    await file.close();
  }
}

describe('TFTP serves loaders and nothing else', () => {
  test.each([
    ['loaders/x64/snponly.efi', 'the site’s own'],
    ['loaders/bios/undionly.kpxe', 'packaged bios'],
    ['undionly.kpxe', 'packaged bios'],
    ['snponly.efi', 'the site’s own'],
    ['ipxe.efi', 'packaged x64 too'],
    ['loaders/arm64/snponly.efi', 'missing'],
    ['loaders/bios/snponly.efi', 'missing'],
    ['loaders/x64/other.efi', 'missing'],
    ['secret.txt', 'missing'],
    ['harvester/v1.7.0/kernel', 'missing'],
    ['loaders/../secret.txt', 'forbidden'],
  ])('%s: %s', async (name, expected) => expect(await read(files.tftp, name)).toBe(expected));
});

describe('HTTP serves the artifacts folder, then the packaged loaders', () => {
  test.each([
    ['harvester/v1.7.0/kernel', 'kernel'],
    ['loaders/x64/snponly.efi', 'the site’s own'],
    ['loaders/x64/ipxe.efi', 'packaged x64 too'],
    ['undionly.kpxe', 'missing'],
  ])('%s: %s', async (name, expected) => expect(await read(files.http, name)).toBe(expected));
});

test('the first loader of the list that exists is taken', async () => {
  expect(await findLoader(files, 'x64', ['none.efi', 'ipxe.efi', 'snponly.efi'])).toBe('loaders/x64/ipxe.efi');
  expect(await findLoader(files, 'arm64', ['snponly.efi'])).toBeUndefined();
});

test('with the artifacts on another server the packaged loaders are still here', async () => {
  const elsewhere = createFiles({ url: 'http://192.0.2.7' }, join(root, 'package'));
  expect(await read(elsewhere.tftp, 'loaders/x64/snponly.efi')).toBe('packaged x64');
  expect(await read(elsewhere.http, 'harvester/v1.7.0/kernel')).toBe('missing');
});
