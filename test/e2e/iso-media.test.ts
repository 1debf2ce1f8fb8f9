import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { NOTE, REPOSITORY, SKIP } from './lab/available.ts';
import { run } from './lab/command.ts';
import { buildIso } from './lab/media.ts';

const SCRIPT = '#!ipxe\necho one\nshell\n';
const OTHER = '#!ipxe\necho another script\nshell\n';

/** Where the package manager of this host keeps its own. */
const APT = ['/var/lib/apt', '/var/cache/apt', '/var/lib/dpkg'];

/** Runs a command where all that is read-only, for it alone: somebody else's apt may be at work meanwhile. */
const READ_ONLY_APT = [
  ...'unshare --mount --propagation private sh -e -c'.split(' '),
  `for path in ${APT.join(' ')}; do mount --bind $path $path; mount -o remount,bind,ro $path; done; exec "$@"`,
  'sh',
];

describe.skipIf(SKIP)(`an ISO of sower build iso, read back${NOTE}`, () => {
  const folder = join(REPOSITORY, '.cache', 'lab', 'iso-media');
  const image = join(folder, 'all.iso');
  const cache = join(folder, 'fresh');

  beforeAll(async () => {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'one.ipxe'), SCRIPT);
    await writeFile(join(folder, 'other.ipxe'), OTHER);
    await iso('all.iso', 'one.ipxe');
  }, 180_000);

  const embed = (script: string): readonly string[] => ['--script', join(folder, script)];
  const iso = async (name: string, script: string, ...options: readonly string[]): Promise<string> =>
    (await buildIso(REPOSITORY, join(folder, name), [...embed(script), ...options])).file;
  const report = (file: string): Promise<string> =>
    run('xorriso', '-indev', file, '-report_el_torito', 'plain', '-report_system_area', 'plain');
  const bytes = (name: string): Promise<Buffer> => readFile(join(folder, name));

  test('a CD for BIOS and for UEFI, and a disk with an active partition and an EFI system partition', async () => {
    const text = await report(image);
    const entries = [...text.matchAll(/^El Torito boot img : +\d+ +(\w+) +y +none/gm)].map((match) => match[1]);
    expect(entries).toEqual(['BIOS', 'UEFI']);
    expect(text).toMatch(/^MBR partition +: +1 +0x80 +0x17 /m);
    expect(text).toMatch(/^MBR partition +: +2 +0x00 +0xef /m);
    expect((await readFile(image)).readUInt16LE(510)).toBe(0xaa55);
  });

  test.each([
    ['bios', ['BIOS'], ['0x17']],
    ['x64', ['UEFI'], ['0x83', '0xef']],
    ['arm64', ['UEFI'], ['0x83', '0xef']],
  ])('--platform %s: nothing of the others', async (platform, entries, types) => {
    const text = await report(await iso(`${platform}.iso`, 'one.ipxe', '--platform', platform));
    expect([...text.matchAll(/^El Torito boot img : +\d+ +(\w+) /gm)].map((match) => match[1])).toEqual(entries);
    expect([...text.matchAll(/^MBR partition +: +\d +\S+ +(\S+) /gm)].map((match) => match[1])).toEqual(types);
  });

  test('it holds the script and the binaries of the manifest, byte for byte', async () => {
    const manifest = JSON.parse((await bytes('all.iso.manifest.json')).toString()) as {
      readonly platforms: readonly string[];
      readonly script: unknown;
      readonly output: unknown;
      readonly inputs: {
        readonly files: Readonly<Record<string, string>>;
        readonly source: { readonly version: string };
      };
    };
    await run('xorriso', '-indev', image, '-osirrox', 'on', '-extract', '/boot', join(folder, 'boot'));
    const start = Number(/^MBR partition +: +2 +\S+ +0xef +(\d+) /m.exec(await report(image))?.[1]) * 512;
    await run('mcopy', '-s', '-i', `${image}@@${start}`, '::/EFI/BOOT', folder);
    expect((await bytes('boot/autoexec.ipxe')).toString()).toBe(SCRIPT);
    expect((await bytes('BOOT/autoexec.ipxe')).toString()).toBe(SCRIPT);
    const { 'ipxe.lkrn': bios, 'ipxe-x64.efi': x64, 'ipxe-arm64.efi': arm64 } = manifest.inputs.files;
    expect(sha256(await bytes('boot/ipxe.lkrn'))).toBe(bios);
    expect(sha256(await bytes('BOOT/BOOTX64.EFI'))).toBe(x64);
    expect(sha256(await bytes('BOOT/BOOTAA64.EFI'))).toBe(arm64);
    const whole = await bytes('all.iso');
    expect(manifest).toMatchObject({
      platforms: ['bios', 'x64', 'arm64'],
      script: { bytes: SCRIPT.length, sha256: sha256(Buffer.from(SCRIPT)) },
      output: { 'ipxe.img': { bytes: whole.length, sha256: sha256(whole) } },
    });
    expect(manifest.inputs.source.version).toMatch(/^\d+\.\d+\.\d+/);
  });

  test('built again elsewhere with nothing cached, seconds later, where the apt of this host cannot be written: the same bytes', async () => {
    // The time stamps of FAT are two seconds apart.
    await setTimeout(2100);
    const again = await buildIso(REPOSITORY, join(folder, 'again.iso'), embed('one.ipxe'), cache, READ_ONLY_APT);
    expect(again).toMatchObject({ isNew: true });
    expect(sha256(await bytes('again.iso'))).toBe(sha256(await bytes('all.iso')));
    expect((await bytes('again.iso.manifest.json')).toString()).toBe((await bytes('all.iso.manifest.json')).toString());
  });

  test('nothing can be written there indeed', async () => {
    const [command = '', ...words] = READ_ONLY_APT;
    for (const path of APT) await expect(run(command, ...words, 'touch', `${path}/sower`)).rejects.toThrow(/Read-only/);
  });

  test('another script to the same file is on it, and the first one again comes from the cache', async () => {
    const changed = join(folder, 'changed.iso');
    const build = (script: string) => buildIso(REPOSITORY, changed, embed(script), cache);
    await iso('changed.iso', 'one.ipxe');
    expect(await build('other.ipxe')).toMatchObject({ isNew: true });
    expect(await bytes('changed.iso')).toSatisfy((whole: Buffer) => whole.includes(OTHER) && !whole.includes(SCRIPT));
    expect(await build('one.ipxe')).toMatchObject({ isNew: false });
    expect(sha256(await bytes('changed.iso'))).toBe(sha256(await bytes('all.iso')));
  });
});

function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
