import { mkdtemp, mkdir, open, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { loadInventory, watchInventory, type InventoryWatch, type Parsed } from '@sower/machines';
import { dataOf } from './facts.ts';

const VALUES = 'version: 1.7.0, type: join, config: {}';
const named = (name: string) => dataOf(VALUES, `, name: ${name}`);

let folder: string;
let watch: InventoryWatch | undefined;
let seen: Parsed[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sower-watch-'));
  seen = [];
});
afterEach(async () => {
  watch?.close();
  await rm(folder, { recursive: true });
});

/** Puts another file in the place of this one, as editors and configuration tools do. */
async function replace(file: string, text: string): Promise<void> {
  await writeFile(join(folder, '.new'), text);
  await rename(join(folder, '.new'), file);
}

async function start(file: string, missingMs = 60_000): Promise<void> {
  const text = await readFile(file, 'utf8');
  watch = watchInventory(file, text, (parsed) => seen.push(parsed), { pollMs: 20, settleMs: 10, missingMs });
}

/** What the watch has told: machine names, or the first problem. */
function told(): readonly string[] {
  return seen.map(({ inventory, problems }) => inventory?.machines[0]?.name ?? problems[0]?.what ?? '');
}

async function tells(...names: readonly string[]): Promise<void> {
  await vi.waitFor(() => expect(told()).toEqual(names), { timeout: 5000, interval: 5 });
}

test('a write in place', async () => {
  const file = join(folder, 'data.yaml');
  await writeFile(file, named('one'));
  await start(file);
  const handle = await open(file, 'r+');
  await handle.write(named('two'));
  await handle.close();
  await tells('two');
});

test('an atomic rename over the file', async () => {
  const file = join(folder, 'data.yaml');
  await writeFile(file, named('one'));
  await start(file);
  await replace(file, named('two'));
  await tells('two');
});

test("Kubernetes' swap of ..data", async () => {
  for (const [version, name] of [
    ['..1', 'one'],
    ['..2', 'two'],
  ] as const) {
    await mkdir(join(folder, version));
    await writeFile(join(folder, version, 'data.yaml'), named(name));
  }
  const file = join(folder, 'data.yaml');
  await symlink('..1', join(folder, '..data'));
  await symlink('..data/data.yaml', file);
  await start(file);
  await symlink('..2', join(folder, '..data_tmp'));
  await rename(join(folder, '..data_tmp'), join(folder, '..data'));
  await tells('two');
});

test('a bad file brings its problems and no inventory, a good one after it counts again, even the old one', async () => {
  const file = join(folder, 'data.yaml');
  await writeFile(file, named('one'));
  await start(file);
  await replace(file, 'maclist: 1');
  await tells('`maclist` is a scalar');
  expect(seen[0]?.inventory).toBeUndefined();
  await replace(file, named('one'));
  await tells('`maclist` is a scalar', 'one');
});

test('a file that is written again with the same content brings nothing', async () => {
  const file = join(folder, 'data.yaml');
  await writeFile(file, named('one'));
  await start(file);
  await replace(file, named('one'));
  await replace(file, named('two'));
  await tells('two');
});

test('a file that is gone for good is a problem, and counts again when it is back', async () => {
  const file = join(folder, 'data.yaml');
  await writeFile(file, named('one'));
  await start(file, 40);
  await rm(file);
  await tells('the data file is not there');
  await replace(file, named('two'));
  await tells('the data file is not there', 'two');
});

test('a file that cannot be read is a problem at its start', async () => {
  const file = join(folder, 'data.yaml');
  const { inventory, text, problems } = await loadInventory(file);
  expect([inventory, text]).toEqual([undefined, undefined]);
  expect(problems).toMatchObject([{ file, line: 1, column: 1, severity: 'error', what: 'the data file is not there' }]);
});
