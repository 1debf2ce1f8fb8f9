import { createHash } from 'node:crypto';
import { chmod, cp, mkdir, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { NOTE, REPOSITORY, SKIP } from './lab/available.ts';
import { openBuilder, type Builder } from './lab/builder.ts';
import { run } from './lab/command.ts';
import { startDocker, type Docker } from './lab/docker.ts';
import { layOutStandIns } from './lab/stand-in.ts';
import { waitFor } from './lab/waiting.ts';

const ONE = '#!ipxe\necho one\nshell\n';
const OTHER = '#!ipxe\necho another script\nshell\n';

/** What the stand-in links for a medium. */
const LINKED = ['link bin-x86_64-efi/ipxe.efi', 'link bin/ipxe.lkrn'];

const CERTIFICATE = '-----BEGIN CERTIFICATE-----\nMIIB+w==\n-----END CERTIFICATE-----\n';

const folder = join(REPOSITORY, '.cache', 'lab', 'drivers');
const sources = { good: join(folder, 'good'), broken: join(folder, 'broken'), endless: join(folder, 'endless') };
const file = (name: string): string => join(folder, name);
const from = (source: string): readonly string[] => ['--source', source];

const COMPILING = {
  works: from(sources.good),
  fails: { words: from(sources.broken), tools: undefined },
  failure: /make failed for bios, and ended so:\n[^]*out of ink[^]*\nall of it: (\S+)/,
  hangs: { words: from(sources.endless), tools: undefined },
  atWork: /bios: step 1/,
} as const;

/** How each driver is brought to do its work, to fail at it, and not to end. */
const DRIVERS = [
  {
    name: 'assemble',
    works: [],
    fails: { words: [], tools: 'refusing' },
    failure: /xorriso failed: out of ink/,
    hangs: { words: [], tools: 'endless' },
    atWork: /building for/,
  },
  { name: 'host', ...COMPILING },
  { name: 'docker', ...COMPILING },
] as const;

/** A real source of iPXE, where there is one: it takes minutes to compile, and is not ours to carry along. */
const REAL = process.env['SOWER_IPXE_SOURCE'] ?? '';
const REAL_NOTE = REAL === '' ? ' (over a stand-in alone: SOWER_IPXE_SOURCE names no real iPXE)' : '';

describe.skipIf(SKIP)(`the drivers of sower build${NOTE}${REAL_NOTE}`, () => {
  let docker: Docker;

  beforeAll(async () => {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    await layOutStandIns(REPOSITORY, folder);
    await writeFile(file('one.ipxe'), ONE);
    await writeFile(file('other.ipxe'), OTHER);
    await layOutTools('refusing', 'echo out of ink >&2; exit 1');
    await layOutTools('endless', 'exec sleep 7654');
    docker = await startDocker(REPOSITORY, join(REPOSITORY, '.cache', 'lab', 'docker'));
  }, 180_000);
  afterAll(() => docker?.close());

  /** A folder for PATH with an xorriso that tells its version and, asked for more, behaves as the name says. */
  async function layOutTools(name: string, behaviour: string): Promise<void> {
    await mkdir(file(name), { recursive: true });
    const text = `#!/bin/sh\ncase $1 in -version) exec /usr/bin/xorriso -version ;; *) ${behaviour} ;; esac\n`;
    await writeFile(join(file(name), 'xorriso'), text);
    await chmod(join(file(name), 'xorriso'), 0o755);
  }

  describe.each(DRIVERS)('$name: the contract of every driver', (driver) => {
    const { name, works, fails, failure, hangs, atWork } = driver;
    const by = ['--driver', name];
    const script = (which: string) => ['--script', file(which)];
    const iso = (out: string, which = 'one.ipxe', platforms = 'bios,x64'): readonly string[] =>
      [['iso', '--out', out, '--platform', platforms], script(which), by, works].flat();
    let builder: Builder;
    const out = (medium: string): string => join(folder, name, medium);
    const bytes = (medium: string): Promise<Buffer> => readFile(out(medium));
    const sum = async (medium: string): Promise<string> => sha256(await bytes(medium));
    const tools = (which: string | undefined) =>
      which === undefined ? {} : { PATH: `${file(which)}:${process.env.PATH ?? ''}` };

    beforeAll(async () => {
      builder = await openBuilder(REPOSITORY, join(folder, name), docker.environment);
      await builder.build(iso(out('one.iso')));
    }, 240_000);
    const expectNothingLeft = async (): Promise<void> => {
      expect(await builder.leftovers()).toEqual([]);
      expect(await docker.ask('ps', '--all', '--quiet')).toBe('');
    };
    afterEach(expectNothingLeft);

    test('the manifest says what the medium was made of, and what came out', async () => {
      const { manifest } = await builder.build(iso(out('one.iso')));
      const image = await bytes('one.iso');
      expect(JSON.parse(await readFile(`${out('one.iso')}.manifest.json`, 'utf8'))).toEqual(manifest);
      expect(manifest).toMatchObject({
        driver: name,
        platforms: ['bios', 'x64'],
        script: { bytes: ONE.length, sha256: sha256(ONE) },
        ca: null,
        output: { 'ipxe.img': { bytes: image.length, sha256: sha256(image) } },
      });
      expect(Object.values(manifest.inputs.source)).toContainEqual(expect.stringMatching(/^[0-9a-f]{64}$|^\d+\./));
      const compilers = name === 'assemble' ? [] : ['gcc', 'make', 'perl'];
      expect(Object.keys(manifest.inputs.tools)).toEqual(expect.arrayContaining([...compilers, 'xorriso', 'mtools']));
      expect(manifest.inputs.make).toHaveLength(name === 'assemble' ? 0 : 2);
    });

    test('the same inputs make the same bytes, elsewhere, later, and with nothing cached', async () => {
      // the time stamps of FAT are two seconds apart
      await setTimeout(2100);
      const elsewhere = await openBuilder(REPOSITORY, join(folder, `${name}-again`), docker.environment);
      expect(await elsewhere.build(iso(out('again.iso')))).toMatchObject({ isNew: true });
      expect(await sum('again.iso')).toBe(await sum('one.iso'));
      expect(await readFile(`${out('again.iso')}.manifest.json`)).toEqual(
        await readFile(`${out('one.iso')}.manifest.json`),
      );
    });

    test('another script to the same file is on it; the first one again comes from the cache', async () => {
      await builder.build(iso(out('changed.iso')));
      expect(await builder.build(iso(out('changed.iso'), 'other.ipxe'))).toMatchObject({ isNew: true });
      expect(await bytes('changed.iso')).toSatisfy((image: Buffer) => image.includes(OTHER) && !image.includes(ONE));
      expect(await builder.build(iso(out('changed.iso')))).toMatchObject({ isNew: false });
      expect(await sum('changed.iso')).toBe(await sum('one.iso'));
    });

    test('a stick is the same image, and is not made twice', async () => {
      const words = ['usb', ...iso(out('one.usb')).slice(1)];
      expect(await builder.build(words)).toMatchObject({ isNew: false });
      expect(await sum('one.usb')).toBe(await sum('one.iso'));
    });

    test.each([
      ['bios', ['BIOS']],
      ['x64', ['UEFI']],
      ['bios,x64', ['BIOS', 'UEFI']],
    ])('--platform %s: these boot entries and no others', async (platforms, entries) => {
      await builder.build(iso(out('subset.iso'), 'one.ipxe', platforms));
      const report = await run('xorriso', '-indev', out('subset.iso'), '-report_el_torito', 'plain');
      expect([...report.matchAll(/^El Torito boot img : +\d+ +(\w+) +y /gm)].map((match) => match[1])).toEqual(entries);
    });

    test('loaders: by their names, in folders by platform', async () => {
      const words = ['loaders', '--out', out('loaders'), '--platform', 'bios,x64', ...by, ...works];
      const { files } = await builder.build(name === 'assemble' ? words : [...words, ...script('one.ipxe')]);
      const names = ['bios/undionly.kpxe', 'x64/ipxe.efi', 'x64/snponly.efi'];
      expect(files).toEqual(names.map((loader) => join(out('loaders'), loader)));
      const carries = (await readFile(join(out('loaders'), 'x64/snponly.efi'))).includes(ONE);
      expect(carries).toBe(name !== 'assemble');
    });

    test('a build that fails says why and leaves the old medium', async () => {
      await writeFile(out('kept.iso'), 'the old one');
      const words = ['iso', '--out', out('kept.iso'), ...script('other.ipxe'), '--platform', 'bios', ...by];
      const { code, err } = await builder.run([...words, ...fails.words], tools(fails.tools));
      expect(err).toMatch(failure);
      expect(code).toBe(1);
      expect((await bytes('kept.iso')).toString()).toBe('the old one');
      const log = failure.exec(err)?.[1];
      if (log !== undefined) expect(await readFile(log, 'utf8')).toContain('out of ink');
    });

    test.each(['SIGINT', 'SIGTERM'] as const)('%s ends everything and leaves nothing', async (signal) => {
      const words = ['iso', '--out', out('never.iso'), ...script('other.ipxe'), '--platform', 'bios', ...by];
      const building = builder.start([...words, ...hangs.words], tools(hangs.tools));
      await building.says(atWork);
      building.signal(signal);
      expect(await building.ended).toMatchObject({ code: 130, err: expect.stringMatching(/interrupted/) as string });
      await expect(bytes('never.iso')).rejects.toThrow(/ENOENT/);
      expect(await endless()).toEqual([]);
    });

    test('a build that was killed is swept away by the next one', async () => {
      const words = ['iso', '--out', out('swept.iso'), ...script('other.ipxe'), '--platform', 'bios', ...by];
      const building = builder.start([...words, ...hangs.words], tools(hangs.tools));
      await building.says(atWork);
      building.signal('SIGKILL');
      await building.ended;
      expect(await builder.leftovers()).not.toEqual([]);
      // what a killed build had started on this host has nobody to end it; a container ends with its owner
      if (name === 'docker') await waitFor('the container ends', 20_000, async () => await noContainer());
      else for (const pid of await endless()) process.kill(pid);
      expect(await builder.build([...words, ...works])).toMatchObject({ isNew: true });
    });

    const noContainer = async (): Promise<true | undefined> =>
      (await docker.ask('ps', '--all', '--quiet')) === '' ? true : undefined;
  });

  describe.each(['host', 'docker'])('%s: what compiling adds', (name) => {
    let builder: Builder;
    const out = (medium: string): string => join(folder, `${name}-compiled`, medium);
    const words = (which: string, ...more: readonly string[]): readonly string[] => {
      const medium = ['iso', '--out', out('a.iso'), '--platform', 'bios,x64', '--driver', name];
      return [...medium, '--source', sources.good, '--script', file(which), ...more];
    };
    const image = (): Promise<Buffer> => readFile(out('a.iso'));

    beforeAll(async () => {
      builder = await openBuilder(REPOSITORY, join(folder, `${name}-compiled`), docker.environment);
    });

    test('another script costs one link a platform and compiles nothing; loaders of the same source neither', async () => {
      await builder.build(words('one.ipxe'));
      const first = await builder.steps();
      expect(first.filter((step) => step.startsWith('link'))).toEqual(LINKED);
      await builder.build(words('other.ipxe'));
      expect(await builder.steps()).toEqual([...first, ...LINKED].toSorted());
      await builder.build([
        'loaders',
        ...words('other.ipxe').slice(1, 2),
        out('loaders'),
        ...words('other.ipxe').slice(3),
      ]);
      expect((await builder.steps()).filter((step) => step.startsWith('compile'))).toEqual(
        first.filter((step) => step.startsWith('compile')),
      );
    });

    test('a script that comes back, and is older than the build in between, is linked again', async () => {
      await builder.build(words('one.ipxe'));
      const before = sha256(await image());
      await builder.build(words('other.ipxe'));
      // without the finished media only the tree knows what was built before
      await rm(join(builder.cache, 'media'), { recursive: true });
      await utimes(file('one.ipxe'), 946_684_800, 946_684_800);
      expect(await builder.build(words('one.ipxe'))).toMatchObject({ isNew: true });
      expect(await image()).toSatisfy((bytes: Buffer) => bytes.includes(ONE) && !bytes.includes(OTHER));
      expect(sha256(await image())).toBe(before);
    });

    test('two builds at once in one tree: each has its own script', async () => {
      const building = (which: string) =>
        builder.build(['iso', '--out', out(`${which}.iso`), ...words(which).slice(3), '--platform', 'x64']);
      await rm(join(builder.cache, 'media'), { recursive: true, force: true });
      await Promise.all(['one.ipxe', 'other.ipxe'].map(building));
      expect((await readFile(out('one.ipxe.iso'))).includes(ONE)).toBe(true);
      expect((await readFile(out('other.ipxe.iso'))).includes(OTHER)).toBe(true);
    });

    test('--ca: the certificate is compiled in', async () => {
      await writeFile(file('ca.pem'), CERTIFICATE);
      const { manifest } = await builder.build(words('one.ipxe', '--ca', file('ca.pem')));
      expect(manifest.ca).toEqual({ bytes: CERTIFICATE.length, sha256: sha256(CERTIFICATE) });
      expect(manifest.inputs.make.every((line) => / CERT=\S+ TRUST=\S+$/.test(line))).toBe(true);
      expect((await image()).includes(CERTIFICATE)).toBe(true);
    });

    test('the source of the user is only read', async () => {
      const look = () => run('find', sources.good, '-printf', '%p %s %T@ %C@\n');
      const before = await look();
      await builder.build(words('other.ipxe', '--platform', 'bios'));
      expect(await look()).toBe(before);
    });
  });

  test.each((REAL === '' ? [] : ['host', 'docker']).map((name) => ({ name })))(
    '$name: a real iPXE is compiled, and linked again for another script',
    async ({ name }) => {
      const builder = await openBuilder(REPOSITORY, join(folder, `${name}-real`), docker.environment);
      const medium = file(`${name}-real.iso`);
      const words = ['iso', '--out', medium, '--driver', name, '--source', REAL, '--platform', 'bios,x64', '--script'];
      for (const [script, text] of [
        ['one.ipxe', ONE],
        ['other.ipxe', OTHER],
      ] as const) {
        expect(await builder.build([...words, file(script)])).toMatchObject({ isNew: true });
        expect((await readFile(medium)).includes(text)).toBe(true);
      }
      expect(await builder.build([...words, file('one.ipxe')])).toMatchObject({ isNew: false });
    },
    1_200_000,
  );

  test('docker: arm64 has a compiler of its own, and all three platforms are on one medium', async () => {
    const builder = await openBuilder(REPOSITORY, join(folder, 'arm64'), docker.environment);
    const source = ['--source', sources.good, '--script', file('one.ipxe')];
    await builder.build(['loaders', '--out', file('arm64/loaders'), ...source]);
    const loader = await readFile(file('arm64/loaders/arm64/ipxe-arm64.efi'));
    // EM_AARCH64 in the header of the object that the stand-in begins with
    expect(loader.readUInt16LE(18)).toBe(183);
    const { manifest } = await builder.build(['iso', '--out', file('arm64/a.iso'), ...source]);
    expect(manifest).toMatchObject({ driver: 'docker', platforms: ['bios', 'x64', 'arm64'] });
    expect(manifest.inputs.make.map((line) => line.includes('CROSS=aarch64-linux-gnu-'))).toEqual([false, false, true]);
  });

  test.each([
    ['no source', {}, [], 'assemble', /driver assemble: no source of iPXE is given/],
    ['a source and a daemon', {}, from(sources.good), 'docker', /driver docker: .* a Docker daemon answers/],
    ['a source and no daemon', { DOCKER_HOST: 'unix:///absent' }, from(sources.good), 'host', /no Docker: .*absent/],
    ['SOWER_IPXE_SOURCE', { SOWER_IPXE_SOURCE: sources.good }, [], 'docker', /driver docker: /],
  ] as const)('auto, %s: %s', async (_, environment, source, driver, why) => {
    const builder = await openBuilder(REPOSITORY, join(folder, 'host'), { ...docker.environment, ...environment });
    const words = ['iso', '--out', file('auto.iso'), '--script', file('one.ipxe'), '--platform', 'bios,x64'];
    const { code, out, err } = await builder.run([...words, ...source, '--json']);
    expect({ code, err }).toEqual({ code: 0, err: expect.stringMatching(why) as string });
    expect(JSON.parse(out)).toMatchObject({ manifest: { driver } });
  });

  test('from the cache: no tool has to work, and the appliance is not even loaded', async () => {
    const builder = await openBuilder(REPOSITORY, join(folder, 'assemble'), docker.environment);
    const words = [
      'iso',
      '--out',
      file('cached.iso'),
      '--script',
      file('one.ipxe'),
      '--platform',
      'bios,x64',
      '--json',
    ];
    await builder.build(words);
    const loaded = file('loaded');
    const idle = { PATH: `${file('refusing')}:${process.env.PATH ?? ''}`, NODE_V8_COVERAGE: loaded };
    expect(await builder.run(words, idle)).toMatchObject({
      code: 0,
      out: expect.stringMatching(/"isNew": false/) as string,
    });
    const [coverage = ''] = await readdir(loaded);
    const text = await readFile(join(loaded, coverage), 'utf8');
    expect(text).toMatch(/packages\/node-ipxe-builder\/dist\/build\.js/);
    expect(text).not.toMatch(/packages\/(?:appliance|http|dhcp|tftp|state)\/dist/);
  });

  /** The lines that begin with a command in the shell blocks of a page. */
  async function examples(page: string, command: string): Promise<readonly string[]> {
    const blocks = [...(await readFile(join(REPOSITORY, page), 'utf8')).matchAll(/^```sh\n([^]*?)^```/gm)];
    const lines = blocks.flatMap((block) => (block[1] ?? '').split('\n'));
    return lines
      .filter((line) => line.startsWith(command))
      .map((line) => line.replace(/ *#.*$/, '').slice(command.length));
  }

  test('docs/build-iso.md: its examples do what they say', async () => {
    const place = file('documents');
    const builder = await openBuilder(REPOSITORY, place, docker.environment);
    await cp(join(REPOSITORY, 'test/e2e/data/iso.yaml'), join(place, 'data.yaml'));
    await cp(sources.good, join(place, 'ipxe'), { recursive: true });
    await writeFile(join(place, 'ca.pem'), CERTIFICATE);
    const lines = await examples('docs/build-iso.md', 'npx sower build ');
    for (const line of lines) await builder.build(line.split(' '));
    expect(lines).toHaveLength(6);
    const made = await Promise.all(
      ['dist', 'artifacts/loaders', 'loaders/arm64'].map((below) => readdir(join(place, below))),
    );
    expect(made).toEqual([
      [
        'ipxe.iso',
        'ipxe.iso.manifest.json',
        'ipxe.usb',
        'ipxe.usb.manifest.json',
        'private.iso',
        'private.iso.manifest.json',
      ],
      ['arm64', 'bios', 'x64'],
      ['ipxe-arm64.efi', 'snponly.efi'],
    ]);
  });

  test('packages/node-ipxe-builder/README.md: its example does what it says', async () => {
    const page = join(REPOSITORY, 'packages', 'node-ipxe-builder');
    const [, text = ''] = /^```ts\n([^]*?)^```/m.exec(await readFile(join(page, 'README.md'), 'utf8')) ?? [];
    // a package can import itself by its name
    const example = join(page, '.cache', 'example.mjs');
    await mkdir(join(page, '.cache'), { recursive: true });
    await writeFile(example, text);
    await mkdir(file('library'));
    expect(await run('env', '-C', file('library'), process.execPath, example)).toMatch(/'out\/ipxe\.iso' \] true \{/);
    await rm(join(page, '.cache'), { recursive: true });
    expect(
      (await readFile(join(file('library'), 'out', 'ipxe.iso'))).includes('chain http://192.0.2.1/boot.ipxe'),
    ).toBe(true);
  });

  /** Processes of these tests that never end by themselves, in containers too. */
  async function endless(): Promise<readonly number[]> {
    const all = await run('ps', '-e', '-o', 'pid=,args=');
    return [...all.matchAll(/^ *(\d+) sleep 7654$/gm)].map((match) => Number(match[1]));
  }
});

function sha256(content: Buffer | string): string {
  return createHash('sha256').update(content).digest('hex');
}
