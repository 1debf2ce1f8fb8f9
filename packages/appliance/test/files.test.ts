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
    ['artifacts/ipxe.iso', 'the ISO of the artifacts folder'],
    ['artifacts/loaders/bios/ipxe.iso', 'not ours to hide'],
    ['dist/built.iso', 'the ISO that was built'],
    ['package/undionly.kpxe', 'packaged bios'],
    ['package/snponly.efi', 'packaged x64'],
    ['package/ipxe.efi', 'packaged x64 too'],
    ['package/other.efi', 'not in the table'],
  ] as const) {
    const file = join(root, name);
    await mkdir(join(file, '..'), { recursive: true });
    await writeFile(file, content);
  }
  files = createFiles(
    { artifacts: { folder: join(root, 'artifacts') }, iso: join(root, 'dist/built.iso') },
    join(root, 'package'),
  );
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
    ['ipxe.iso', 'not ours to hide'],
    ['loaders/x64/ipxe.iso', 'missing'],
  ])('%s: %s', async (name, expected) => expect(await read(files.tftp, name)).toBe(expected));
});

describe('HTTP serves the ISO, then the artifacts folder, then the packaged loaders', () => {
  test.each([
    ['harvester/v1.7.0/kernel', 'kernel'],
    ['loaders/x64/snponly.efi', 'the site’s own'],
    ['loaders/x64/ipxe.efi', 'packaged x64 too'],
    ['undionly.kpxe', 'missing'],
    ['ipxe.iso', 'the ISO that was built'],
    ['loaders/x64/ipxe.iso', 'the ISO that was built'],
    ['loaders/arm64/ipxe.iso', 'the ISO that was built'],
    ['loaders/bios/ipxe.iso', 'not ours to hide'],
    ['built.iso', 'missing'],
  ])('%s: %s', async (name, expected) => expect(await read(files.http, name)).toBe(expected));
});

test('without an ISO of ours, the one in the artifacts folder is served', async () => {
  const artifacts = { folder: join(root, 'artifacts') };
  const none = createFiles({ artifacts, iso: join(root, 'dist/nowhere.iso') }, join(root, 'package'));
  expect(await read(none.http, 'ipxe.iso')).toBe('the ISO of the artifacts folder');
  expect(await read(none.http, 'loaders/x64/ipxe.iso')).toBe('missing');
});

test('the first loader of the list that exists is taken', async () => {
  expect(await findLoader(files, 'x64', ['none.efi', 'ipxe.efi', 'snponly.efi'])).toBe('loaders/x64/ipxe.efi');
  expect(await findLoader(files, 'arm64', ['snponly.efi'])).toBeUndefined();
  expect(await findLoader(files, 'arm64', ['ipxe.iso'])).toBe('loaders/arm64/ipxe.iso');
});

test('G-12 whether a loader is there is asked of the disk every two seconds at the most', async () => {
  let now = 0;
  const folder = join(root, 'changing');
  const changing = createFiles({ artifacts: { folder }, iso: undefined }, join(root, 'none'), () => now);
  const path = 'loaders/x64/snponly.efi';
  const seen = [await changing.hasLoader(path)];
  await mkdir(join(folder, 'loaders/x64'), { recursive: true });
  await writeFile(join(folder, path), 'a loader');
  for (const passed of [1999, 1, 1999, 1]) {
    now += passed;
    seen.push(await changing.hasLoader(path));
    if (seen.length === 3) await rm(join(folder, path));
  }
  expect(seen).toEqual([false, false, true, true, false]);
});

test('with the artifacts on another server the packaged loaders are still here', async () => {
  const settings = { artifacts: { url: 'http://192.0.2.7' }, iso: join(root, 'dist/built.iso') };
  const elsewhere = createFiles(settings, join(root, 'package'));
  expect(await read(elsewhere.tftp, 'loaders/x64/snponly.efi')).toBe('packaged x64');
  expect(await read(elsewhere.http, 'harvester/v1.7.0/kernel')).toBe('missing');
  expect(await read(elsewhere.http, 'ipxe.iso')).toBe('the ISO that was built');
});
