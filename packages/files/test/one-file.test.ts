import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { oneFile } from '../src/index.ts';
import { mustBeOpen, outcomeOf, tempFolder } from './temp.ts';

const NAMES = ['ipxe.iso', 'loaders/x64/ipxe.iso'];

test.each([
  ['ipxe.iso', 'an image'],
  ['loaders/x64/ipxe.iso', 'an image'],
  ['built.iso', 'missing'],
  ['other', 'missing'],
  ['../other', 'missing'],
  ['', 'missing'],
])('C-24 of a folder with two files, %j is %s', async (name, expected) => {
  const root = await tempFolder({ 'built.iso': 'an image', other: 'not to be served' });
  expect(await outcomeOf(await oneFile(join(root, 'built.iso'), NAMES).open(name))).toBe(expected);
});

test('its path may be a link out of its folder', async () => {
  const root = await tempFolder({ 'builds/7.iso': 'build 7', 'dist/README': '' });
  await symlink('../builds/7.iso', join(root, 'dist/ipxe.iso'));
  expect(await outcomeOf(await oneFile(join(root, 'dist/ipxe.iso'), NAMES).open('ipxe.iso'))).toBe('build 7');
});

test.each([
  ['nothing', () => Promise.resolve(), 'missing'],
  ['a folder', (path: string) => mkdir(path), 'forbidden'],
  ['a link to nowhere', (path: string) => symlink('nowhere', path), 'missing'],
  ['a link to itself', (path: string) => symlink(path, path), 'forbidden'],
])('%s at its path is %s', async (_, make, expected) => {
  const path = join(await tempFolder(), 'ipxe.iso');
  await make(path);
  expect(await outcomeOf(await oneFile(path, NAMES).open('ipxe.iso'))).toBe(expected);
});

test('C-31 made later, replaced by a rename, removed: each opening sees what is there then, and what is open stays', async () => {
  const root = await tempFolder();
  const path = join(root, 'ipxe.iso');
  const source = oneFile(path, NAMES);
  const now = async () => outcomeOf(await source.open('ipxe.iso'));
  expect(await now()).toBe('missing');
  await writeFile(path, 'the first');
  const open = mustBeOpen(await source.open('ipxe.iso'));
  await writeFile(join(root, 'new'), 'the second');
  await rename(join(root, 'new'), path);
  expect(await now()).toBe('the second');
  await rm(path);
  expect(await now()).toBe('missing');
  expect(Buffer.from(await open.read(0, open.size)).toString()).toBe('the first');
  await open.close();
});
