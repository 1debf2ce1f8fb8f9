import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { chooseDriver, DEFAULT_EPOCH, type Recipe } from '../src/index.ts';
import { compilingNeeds } from '../src/tools.ts';

let folder = '';
const client = (name: string) => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sower-choose-'));
  const programs = {
    answering: 'echo 28.0.0',
    alone: 'echo "Cannot connect to the Docker daemon" >&2; exit 1',
  };
  for (const [name, behaviour] of Object.entries(programs)) {
    await writeFile(client(name), `#!/bin/sh\n${behaviour}\n`);
    await chmod(client(name), 0o755);
  }
});
afterAll(() => rm(folder, { recursive: true }));
afterEach(() => vi.unstubAllEnvs());

/** Loaders for this machine's own processor: no cross compiler and nothing for media. */
const RECIPE: Recipe = {
  output: 'loaders',
  script: undefined,
  ca: undefined,
  platforms: [process.arch === 'arm64' ? 'arm64' : 'x64'],
  epoch: DEFAULT_EPOCH,
};
const WITH_CA = { ...RECIPE, ca: Buffer.of(1) };

const choose = (recipe: Recipe, source: string | undefined, name: string) =>
  chooseDriver(
    recipe,
    source,
    { client: client(name), dockerfile: '' },
    { cache: folder, progress: () => undefined, signal: new AbortController().signal },
  );

describe('auto', () => {
  test('without a source: what needs no compiler, whether there is Docker or not', async () => {
    expect(await choose(RECIPE, undefined, 'answering')).toMatchObject({ driver: 'assemble' });
  });

  test('without a source, with a CA: what is missing', async () => {
    await expect(choose(WITH_CA, undefined, 'answering')).rejects.toThrow(/--source or SOWER_IPXE_SOURCE/);
  });

  test.each([RECIPE, WITH_CA])('with a source and a daemon: docker, whatever is on the host', async (recipe) => {
    vi.stubEnv('PATH', folder);
    expect(await choose(recipe, 'ipxe', 'answering')).toMatchObject({ driver: 'docker' });
  });

  test.each([
    ['alone', /Cannot connect/],
    ['absent', /no such program/],
  ])('with a source, a client that is %s, and no tools: what both ways lack', async (name, why) => {
    vi.stubEnv('PATH', join(folder, 'nothing'));
    const choosing = choose(RECIPE, 'ipxe', name);
    await expect(choosing).rejects.toThrow(why);
    await expect(choosing).rejects.toThrow(
      /neither with Docker \(.*\) nor here \(missing on this host: gcc \(package gcc\), make .*apt-get install gcc make perl/,
    );
  });
});

describe('the needs of compiling', () => {
  const commands = (recipe: Partial<Recipe>, arch = 'x64') =>
    compilingNeeds({ ...RECIPE, ...recipe }, arch).tools.map(({ command }) => command);
  test.each([
    [commands({ platforms: ['bios', 'x64'] }), ['gcc', 'make', 'perl']],
    [commands({ platforms: ['x64', 'arm64'] }), ['gcc', 'aarch64-linux-gnu-gcc', 'make', 'perl']],
    [commands({ platforms: ['x64', 'arm64'] }, 'arm64'), ['gcc', 'x86_64-linux-gnu-gcc', 'make', 'perl']],
    [commands({ platforms: ['x64'], ca: Buffer.of(1) }), ['gcc', 'make', 'perl', 'openssl']],
    [commands({ platforms: ['bios'], output: 'iso' }), ['gcc', 'make', 'perl', 'xorriso']],
    [commands({ platforms: ['x64'], output: 'usb' }), ['gcc', 'make', 'perl', 'xorriso', 'mformat']],
  ])('%#', (found, wanted) => expect(found).toEqual(wanted));
});
