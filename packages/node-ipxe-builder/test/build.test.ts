import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { build, BuildError, type Driver, type Recipe } from '../src/index.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sower-builder-'));
});
afterEach(() => rm(folder, { recursive: true }));

const recipe = (script: string, epoch = 1): Recipe => ({ script: Buffer.from(script), platforms: ['bios'], epoch });
const FIRST = recipe('#!ipxe\necho one\n');

/** A driver whose medium is the script after its iPXE; it counts its builds. */
function copying(ipxe = 'ipxe-1') {
  const built: string[] = [];
  const driver: Driver = {
    name: 'assemble',
    prepare: ({ script }) =>
      Promise.resolve({
        inputs: { source: { ipxe }, files: {}, tools: {}, plan: '' },
        build: async (work, file) => {
          expect(await readdir(work)).toEqual([]);
          built.push(ipxe);
          await writeFile(join(work, 'left-over'), '');
          await writeFile(file, `${ipxe} ${Buffer.from(script).toString()}`);
        },
      }),
  };
  return { driver, built };
}

/** Breaks off after half of a medium. */
const breaking: Driver = {
  name: 'assemble',
  prepare: () =>
    Promise.resolve({
      inputs: { source: {}, files: {}, tools: {}, plan: '' },
      build: async (_, file) => {
        await writeFile(file, 'half');
        throw new BuildError('out of ink');
      },
    }),
};

const out = () => join(folder, 'out', 'ipxe.iso');
const workshop = (lines: string[] = []) => ({
  cache: join(folder, 'cache'),
  progress: (line: string) => void lines.push(line),
  signal: new AbortController().signal,
});
const everything = async () => (await readdir(folder, { recursive: true })).toSorted();

describe('build', () => {
  test('puts the medium and its manifest in place, and nothing else', async () => {
    const { driver } = copying();
    const { file, manifestFile, manifest, isNew } = await build(driver, FIRST, out(), workshop());
    expect(isNew).toBe(true);
    expect(await readFile(file, 'utf8')).toBe('ipxe-1 #!ipxe\necho one\n');
    expect(await readdir(join(folder, 'out'))).toEqual(['ipxe.iso', 'ipxe.iso.manifest.json']);
    expect(JSON.parse(await readFile(manifestFile, 'utf8'))).toEqual(manifest);
    expect(manifest).toEqual({
      format: 1,
      driver: 'assemble',
      platforms: ['bios'],
      epoch: 1,
      // sha256sum of the two texts
      script: { bytes: 16, sha256: '2c69b79666448fbb4e49bc1a86e0e39edf9249a1750ead3fa0f6e77ed50aeade' },
      inputs: { source: { ipxe: 'ipxe-1' }, files: {}, tools: {}, plan: '' },
      output: { bytes: 23, sha256: 'aca6ab0a91a8365efd95f3e6123ecee27cc18d02dbbafd8c93f7b88f9b8eb7c5' },
    });
  });

  test('the same inputs come from the cache, without a word', async () => {
    const { driver, built } = copying();
    await build(driver, FIRST, out(), workshop());
    const lines: string[] = [];
    const again = await build(driver, FIRST, join(folder, 'elsewhere.iso'), workshop(lines));
    expect({ built: built.length, isNew: again.isNew, lines }).toEqual({ built: 1, isNew: false, lines: [] });
    expect(await readFile(again.file, 'utf8')).toBe('ipxe-1 #!ipxe\necho one\n');
  });

  test.each([
    ['script', copying(), recipe('#!ipxe\necho two\n')],
    ['time', copying(), recipe('#!ipxe\necho one\n', 2)],
    ['iPXE', copying('ipxe-2'), FIRST],
  ])('another %s is another medium, and the first one stays', async (_, { driver, built }, other) => {
    await build(copying().driver, FIRST, out(), workshop());
    expect(await build(driver, other, out(), workshop())).toMatchObject({ isNew: true });
    expect(built).toHaveLength(1);
    expect(await build(copying().driver, FIRST, out(), workshop())).toMatchObject({ isNew: false });
  });

  test('a medium that is spoilt in the cache is built anew', async () => {
    const { driver, built } = copying();
    await build(driver, FIRST, out(), workshop());
    const [key = ''] = await readdir(join(folder, 'cache', 'media'));
    await writeFile(join(folder, 'cache', 'media', key, 'medium'), 'ipxe-1');
    await build(driver, FIRST, out(), workshop());
    expect(built).toHaveLength(2);
    expect(await readFile(out(), 'utf8')).toBe('ipxe-1 #!ipxe\necho one\n');
  });

  test('a build that fails leaves no file, and an older medium as it was', async () => {
    await mkdir(join(folder, 'out'));
    await writeFile(out(), 'the old one');
    await expect(build(breaking, FIRST, out(), workshop())).rejects.toThrow(new BuildError('out of ink'));
    expect(await everything()).toEqual(['cache', 'cache/media', 'out', 'out/ipxe.iso']);
    expect(await readFile(out(), 'utf8')).toBe('the old one');
  });

  test('two at the same time: both get the whole medium', async () => {
    const results = await Promise.all([1, 2, 3].map(() => build(copying().driver, FIRST, out(), workshop())));
    expect(new Set(results.map(({ manifest }) => manifest.output.sha256)).size).toBe(1);
    expect(await readFile(out(), 'utf8')).toBe('ipxe-1 #!ipxe\necho one\n');
    expect(await readdir(join(folder, 'cache', 'media'))).toHaveLength(1);
  });

  test('what is no script is refused before anything happens', async () => {
    await expect(build(copying().driver, recipe('echo one\n'), out(), workshop())).rejects.toThrow(/no iPXE script/);
    expect(await everything()).toEqual([]);
  });
});
