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

const recipe = (script: string | undefined, epoch = 1): Recipe => ({
  output: 'loaders',
  script: script === undefined ? undefined : Buffer.from(script),
  ca: undefined,
  platforms: ['bios'],
  epoch,
});
const FIRST = recipe('#!ipxe\necho one\n');
const LOADER = 'bios/undionly.kpxe';

/** A driver whose loader is the script after its iPXE; it counts its builds. */
function copying(ipxe = 'ipxe-1') {
  const built: string[] = [];
  const driver: Driver = {
    name: 'assemble',
    prepare: ({ script }) =>
      Promise.resolve({
        inputs: { source: { ipxe }, make: [], files: {}, tools: {}, plan: '' },
        build: async (work, into) => {
          expect([...(await readdir(work)), ...(await readdir(into))]).toEqual([]);
          built.push(ipxe);
          await writeFile(join(work, 'left-over'), '');
          await mkdir(join(into, 'bios'));
          await writeFile(join(into, LOADER), `${ipxe} ${Buffer.from(script ?? []).toString()}`);
        },
      }),
  };
  return { driver, built };
}

/** Writes `content` as a medium, and then perhaps breaks off. */
function writing(content: string, fault?: Error): Driver {
  return {
    name: 'assemble',
    prepare: () =>
      Promise.resolve({
        inputs: { source: {}, make: [], files: {}, tools: {}, plan: '' },
        build: async (_, into) => {
          await writeFile(join(into, 'ipxe.img'), content);
          if (fault !== undefined) throw fault;
        },
      }),
  };
}

const out = () => join(folder, 'out', 'loaders');
const loader = () => readFile(join(out(), LOADER), 'utf8');
const workshop = (lines: string[] = []) => ({
  cache: join(folder, 'cache'),
  progress: (line: string) => void lines.push(line),
  signal: new AbortController().signal,
});
const everything = async () => (await readdir(folder, { recursive: true })).toSorted();

describe('build', () => {
  test('puts the files and their manifest in place, and nothing else', async () => {
    const { files, manifestFile, manifest, isNew } = await build(copying().driver, FIRST, out(), workshop());
    expect({ files, isNew }).toEqual({ files: [join(out(), LOADER)], isNew: true });
    expect(await loader()).toBe('ipxe-1 #!ipxe\necho one\n');
    expect((await readdir(join(folder, 'out'), { recursive: true })).toSorted()).toEqual([
      'loaders',
      'loaders.manifest.json',
      'loaders/bios',
      'loaders/bios/undionly.kpxe',
    ]);
    expect(JSON.parse(await readFile(manifestFile, 'utf8'))).toEqual(manifest);
    expect(manifest).toEqual({
      format: 2,
      driver: 'assemble',
      product: 'loaders',
      platforms: ['bios'],
      epoch: 1,
      // sha256sum of the two texts
      script: { bytes: 16, sha256: '2c69b79666448fbb4e49bc1a86e0e39edf9249a1750ead3fa0f6e77ed50aeade' },
      ca: null,
      inputs: { source: { ipxe: 'ipxe-1' }, make: [], files: {}, tools: {}, plan: '' },
      output: {
        [LOADER]: { bytes: 23, sha256: 'aca6ab0a91a8365efd95f3e6123ecee27cc18d02dbbafd8c93f7b88f9b8eb7c5' },
      },
    });
  });

  test('the same inputs come from the cache, without a word', async () => {
    const { driver, built } = copying();
    await build(driver, FIRST, out(), workshop());
    const lines: string[] = [];
    const again = await build(driver, FIRST, join(folder, 'elsewhere'), workshop(lines));
    expect({ built: built.length, isNew: again.isNew, lines }).toEqual({ built: 1, isNew: false, lines: [] });
    expect(await readFile(join(folder, 'elsewhere', LOADER), 'utf8')).toBe('ipxe-1 #!ipxe\necho one\n');
  });

  test.each([
    ['script', copying(), recipe('#!ipxe\necho two\n')],
    ['script, none', copying(), recipe(undefined)],
    ['time', copying(), recipe('#!ipxe\necho one\n', 2)],
    ['CA', copying(), { ...FIRST, ca: Buffer.from(`-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n`) }],
    ['iPXE', copying('ipxe-2'), FIRST],
  ])('another %s is another product, and the first one stays', async (_, { driver, built }, other) => {
    await build(copying().driver, FIRST, out(), workshop());
    expect(await build(driver, other, out(), workshop())).toMatchObject({ isNew: true });
    expect(built).toHaveLength(1);
    expect(await build(copying().driver, FIRST, out(), workshop())).toMatchObject({ isNew: false });
  });

  test('what is spoilt in the cache is built anew', async () => {
    const { driver, built } = copying();
    await build(driver, FIRST, out(), workshop());
    const [key = ''] = await readdir(join(folder, 'cache', 'media'));
    await writeFile(join(folder, 'cache', 'media', key, 'content', LOADER), 'ipxe-1');
    await build(driver, FIRST, out(), workshop());
    expect(built).toHaveLength(2);
    expect(await loader()).toBe('ipxe-1 #!ipxe\necho one\n');
  });

  test('a build that fails leaves no file, and an older medium as it was', async () => {
    await mkdir(join(folder, 'out'));
    const medium = join(folder, 'out', 'ipxe.iso');
    await writeFile(medium, 'the old one');
    const fault = new BuildError('out of ink');
    const building = build(writing('half', fault), { ...FIRST, output: 'iso' }, medium, workshop());
    await expect(building).rejects.toThrow(fault);
    expect(await everything()).toEqual(['cache', 'cache/media', 'out', 'out/ipxe.iso']);
    expect(await readFile(medium, 'utf8')).toBe('the old one');
  });

  test('a medium that cannot be put in place has no manifest', async () => {
    await mkdir(out(), { recursive: true });
    await expect(build(copying().driver, FIRST, join(out(), 'a'), workshop())).resolves.toBeDefined();
    await rm(join(out(), 'a/bios'), { recursive: true });
    await writeFile(join(out(), 'a/bios'), 'in the way');
    const before = await readFile(join(out(), 'a.manifest.json'), 'utf8');
    await expect(build(copying('ipxe-2').driver, FIRST, join(out(), 'a'), workshop())).rejects.toThrow(/bios/);
    expect(await readFile(join(out(), 'a.manifest.json'), 'utf8')).toBe(before);
  });

  test('a loader of an earlier build that this one has none of is removed, and no other file', async () => {
    const making = (names: readonly string[]): Driver => ({
      name: 'host',
      prepare: () =>
        Promise.resolve({
          inputs: { source: {}, make: [...names], files: {}, tools: {}, plan: '' },
          build: async (_, into) => {
            for (const name of names) {
              await mkdir(join(into, name, '..'), { recursive: true });
              await writeFile(join(into, name), name);
            }
          },
        }),
    });
    const asked = { ...FIRST, platforms: ['x64', 'arm64'] as const };
    const all = ['arm64/ipxe-arm64.efi', 'arm64/snponly.efi', 'x64/ipxe.efi', 'x64/snponly.efi'];
    await build(making(all), asked, out(), workshop());
    await writeFile(join(out(), 'arm64/other.efi'), 'the user’s own');
    await build(making(['arm64/ipxe-arm64.efi']), { ...FIRST, platforms: ['arm64'] }, out(), workshop());
    expect((await readdir(join(out(), 'arm64'))).toSorted()).toEqual(['ipxe-arm64.efi', 'other.efi']);
    await build(making(all), asked, out(), workshop());
    await writeFile(join(out(), 'x64/snponly.efi'), 'the user’s own');
    await build(making(['x64/ipxe.efi']), { ...FIRST, platforms: ['x64'] }, out(), workshop());
    expect((await readdir(join(out(), 'x64'))).toSorted()).toEqual(['ipxe.efi', 'snponly.efi']);
  });

  test('an image that no firmware boots is no medium', async () => {
    const building = build(writing('bytes'), { ...FIRST, output: 'usb' }, join(folder, 'a.usb'), workshop());
    await expect(building).rejects.toThrow('the image boots on nothing, and was to boot on bios');
    expect(await everything()).toEqual(['cache', 'cache/media']);
  });

  test('two at the same time: both get all of it', async () => {
    const results = await Promise.all([1, 2, 3].map(() => build(copying().driver, FIRST, out(), workshop())));
    expect(new Set(results.map(({ manifest }) => JSON.stringify(manifest.output))).size).toBe(1);
    expect(await loader()).toBe('ipxe-1 #!ipxe\necho one\n');
    expect(await readdir(join(folder, 'cache', 'media'))).toHaveLength(1);
  });

  test('what a killed build has left is swept, and what belongs to a living one stays', async () => {
    const media = join(folder, 'cache', 'media');
    // no process has a number above the kernel's limit of 2^22
    for (const owner of [4_194_305, process.pid]) await mkdir(join(media, `.new-${owner}-abcdef`), { recursive: true });
    await build(copying().driver, FIRST, out(), workshop());
    const left = (await readdir(media)).filter((name) => name.startsWith('.'));
    expect(left).toEqual([`.new-${process.pid}-abcdef`]);
  });

  test.each([
    [recipe('echo one\n'), /no iPXE script/],
    [{ ...recipe(undefined), output: 'iso' as const }, /a medium needs a script/],
    [{ ...FIRST, platforms: [] }, /no platform is named/],
    [{ ...FIRST, ca: Buffer.from('hello') }, /no certificate/],
  ])('what nothing can be made of is refused before anything happens: %#', async (impossible, message) => {
    await expect(build(copying().driver, impossible, out(), workshop())).rejects.toThrow(message);
    expect(await everything()).toEqual([]);
  });
});
