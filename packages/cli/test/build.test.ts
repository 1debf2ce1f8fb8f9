import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { UsageError } from '../src/command.ts';
import { build } from '../src/commands/build.ts';

/** The command as it is installed: it runs what the last build made. */
const SOWER = fileURLToPath(new URL('../bin/sower.js', import.meta.url));

const DATA = `maclist:
  - macaddress: 52:54:00:aa:bb:01
    values: { version: v1.7.0, type: create, config: { token: a-token } }
`;

const NAMES = new Set(['data.yaml', 'elsewhere.yaml', 'no-script', 'own.ipxe', 'absent']);

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sower-build-'));
  await writeFile(join(folder, 'data.yaml'), DATA);
  await writeFile(join(folder, 'wrong.yaml'), DATA.replace('create', 'crate'));
  await writeFile(join(folder, 'elsewhere.yaml'), `appliance: { artifacts: 'http://192.0.2.2/files' }\n${DATA}`);
  await writeFile(join(folder, 'no-script'), 'echo hello\n');
  await writeFile(join(folder, 'own.ipxe'), '#!ipxe\necho hello\n');
});
afterAll(() => rm(folder, { recursive: true }));

/** Runs the installed command where no tool of the system can be found. */
function sower(...words: readonly string[]): Promise<{ readonly code: unknown; readonly err: string }> {
  const surroundings = { cwd: folder, env: { HOME: folder, PATH: join(folder, 'empty') } };
  return new Promise((resolve) => {
    execFile(process.execPath, [SOWER, ...words], surroundings, (error, _, err) =>
      resolve({ code: error?.code ?? 0, err }),
    );
  });
}

describe('sower build: a wrong command line is refused and leaves no file', () => {
  /** The names of our files, as paths. */
  const inFolder = (word: string) => (NAMES.has(word) ? join(folder, word) : word);
  const url = ['--url', 'http://192.0.2.1:10000'];
  const data = ['--data', 'data.yaml'];
  test.each([
    [[], /build what/],
    [['floppy'], /build what/],
    [['iso', 'iso'], /build what/],
    [['iso', '--flavour', 'x'], /--flavour/],
    [['iso', ...data], /Neither --url nor appliance\.http\.url in \S+data\.yaml/],
    [['iso', ...data, '--url', 'ftp://192.0.2.1'], /ftp:\/\/192\.0\.2\.1 is no URL/],
    [['iso', ...data, '--url', 'http://a/${b} && shell'], /is no URL/],
    [['iso', ...data, ...url, '--mac', '52:54:00:aa:bb:99'], /no machine .* 52:54:00:aa:bb:99/],
    [['iso', ...data, ...url, '--platform', 'bios,mips'], /--platform is a list of bios, x64, arm64/],
    [['iso', ...data, ...url, '--driver', 'podman'], /--driver is auto or one of docker, host, assemble/],
    [['iso', ...data, ...url, '--driver', 'docker'], /docker compiles iPXE: .* --source .* SOWER_IPXE_SOURCE/],
    [['usb', ...data, ...url, '--driver', 'host'], /host compiles iPXE: .* --source .* SOWER_IPXE_SOURCE/],
    [['iso', ...data, ...url, '--ca', 'ca.pem', '--driver', 'assemble'], /--ca needs .* docker or host/],
    [['iso', ...data, ...url, '--ca', 'ca.pem'], /--ca needs .* --source/],
    [['iso', ...data, ...url, '--ca', 'no-script', '--source', 'absent'], /no-script is no certificate: /],
    [['iso', ...data, ...url, '--ca', 'absent', '--source', 'absent'], /the CA cannot be read: ENOENT/],
    [['loaders', ...data, ...url], /prebuilt loaders take no script along/],
    [['loaders', ...data, '--driver', 'assemble', '--script', 'own.ipxe'], /prebuilt loaders take no script along/],
    [['loaders', '--data', 'elsewhere.yaml'], /`artifacts` of the data file is on another server: .* --out/],
    [['iso', '--script', 'own.ipxe', ...data], /--data, --url and --mac have no say/],
    [['iso', '--script', 'own.ipxe', ...url], /--data, --url and --mac have no say/],
    [['iso', '--script', 'absent'], /cannot be read: ENOENT/],
    [['iso', '--script', 'no-script'], /no-script is no iPXE script: its first line/],
  ])('%j', async (words, message) => {
    const before = await readdir(folder);
    await expect(build(words.map(inFolder))).rejects.toThrow(UsageError);
    await expect(build(words.map(inFolder))).rejects.toThrow(message);
    expect(await readdir(folder)).toEqual(before);
  });

  test.each(['0', '315532799', '1e9', 'now'])('SOURCE_DATE_EPOCH=%s', async (epoch) => {
    vi.stubEnv('SOURCE_DATE_EPOCH', epoch);
    onTestFinished(() => void vi.unstubAllEnvs());
    const words = ['iso', '--script', inFolder('own.ipxe')];
    await expect(build(words)).rejects.toThrow(/between the years 1980 and 2100/);
  });
});

describe('sower build: the installed command', () => {
  test.each([
    [
      ['--data', 'data.yaml'],
      /Neither --url nor appliance\.http\.url in data\.yaml says it\nusage: sower build iso\|usb/,
    ],
    [['--data', 'wrong.yaml', '--url', 'http://192.0.2.1'], /wrong\.yaml:3:\d+: error: .*crate/],
  ])('%j exits 2', async (words, message) => {
    expect(await sower('build', 'iso', ...words)).toEqual({ code: 2, err: expect.stringMatching(message) as string });
  });

  test('missing tools are named with their packages, all at once; exit 1', async () => {
    const { code, err } = await sower('build', 'iso', '--script', 'own.ipxe');
    expect(err).toMatch(/driver assemble: no source of iPXE is given/);
    expect(err).toMatch(/missing on this host: xorriso \(package xorriso\), mformat \(package mtools\)/);
    expect(err).toMatch(/apt-get install xorriso mtools/);
    expect(code).toBe(1);
  });
});

test('a URL is enough: no data file has to be there', async () => {
  const { code, err } = await sower('build', 'iso', '--url', 'http://192.0.2.1');
  expect({ code, err }).toEqual({ code: 1, err: expect.stringMatching(/missing on this host/) as string });
  const machine = await sower('build', 'iso', '--url', 'http://192.0.2.1', '--mac', '52:54:00:aa:bb:01');
  expect(machine).toMatchObject({ code: 2, err: expect.stringMatching(/the data file is not there/) as string });
});
