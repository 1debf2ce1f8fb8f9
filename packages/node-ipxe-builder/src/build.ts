import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { cached } from './cache.ts';
import { BuildError } from './command.ts';
import { digestOf } from './digest.ts';
import type { Driver, Workshop } from './driver.ts';
import { bootEntries, type Firmware } from './el-torito.ts';
import { keyOf, manifestText, measure, orderOf, type Manifest, type Measures } from './manifest.ts';
import { IMAGE, nameIn, PRODUCTS } from './outputs.ts';
import { putFile, putText } from './put.ts';
import { recipeProblem, type Recipe } from './recipe.ts';
import { LOADERS, uefiAmong } from './targets.ts';

/** A product that is in its place. */
export interface Built {
  /** The medium, or each loader. */
  readonly files: readonly string[];
  /** The manifest. */
  readonly manifestFile: string;
  readonly manifest: Manifest;
  /** False: the cache had it. */
  readonly isNew: boolean;
}

const CONTENT = 'content';
const MEASURES = 'measures.json';

/**
 * Builds a product, or takes it from the cache, and puts it in place: a medium to the file `out`, loaders into `bios/`, `x64/` and `arm64/`
 * of the folder `out`; `<out>.manifest.json` beside it. Folders are made. Each file is at every moment the old one or the
 * new one. Rejects with BuildError, or with the signal's reason.
 */
export async function build(driver: Driver, recipe: Recipe, out: string, given: Workshop): Promise<Built> {
  const problem = recipeProblem(recipe);
  if (problem !== undefined) throw new BuildError(problem);
  // tools run in folders of their own, where a relative path means something else
  const workshop = { ...given, cache: resolve(given.cache) };
  const prepared = await driver.prepare(recipe, workshop);
  const order = orderOf(driver.name, recipe, prepared.inputs);

  const { folder, isNew } = await cached(join(workshop.cache, 'media'), keyOf(order), isWhole, async (fresh) => {
    workshop.progress(`building for ${recipe.platforms.join(', ')}`);
    const [work, into] = [join(fresh, 'work'), join(fresh, CONTENT)];
    for (const path of [work, into]) await mkdir(path);
    await prepared.build(work, into);
    if (order.product === 'hybrid') expectEntries(recipe, await readFile(join(into, IMAGE)));
    await writeFile(join(fresh, MEASURES), JSON.stringify(await measureAll(into)));
    await rm(work, { recursive: true });
  });

  const content = join(folder, CONTENT);
  const manifest = { ...order, output: await measureAll(content) };
  const manifestFile = `${out}.manifest.json`;
  await mkdir(dirname(out), { recursive: true });
  const before = await putBefore(manifestFile);
  const names = Object.keys(manifest.output);
  const files = PRODUCTS[recipe.output] === 'hybrid' ? [out] : names.map((name) => join(out, name));
  for (const [index, target] of files.entries()) await putFile(join(content, names[index] ?? ''), target);
  if (order.product === 'loaders') await removeStale(before, manifest, out);
  // last, because it vouches for what is there
  await putText(manifestText(manifest), manifestFile);
  return { files, manifestFile, manifest, isNew };
}

/** The files that an earlier build put there, as its manifest has them; none where there is none. */
async function putBefore(manifestFile: string): Promise<ReadonlyMap<string, string>> {
  const text = await readFile(manifestFile, 'utf8').catch(() => '');
  const files = text.matchAll(/"([^"]+)": \{\s*"bytes": \d+,\s*"sha256": "([0-9a-f]{64})"/g);
  return new Map([...files].map(([, name = '', sha256 = '']) => [name, sha256]));
}

/**
 * Removes the loaders of an earlier build that this one has none of: a machine would go on getting that one's script. Only of the
 * platforms that were asked for, and only what is still as it was put there.
 */
async function removeStale(before: ReadonlyMap<string, string>, { platforms, output }: Manifest, out: string) {
  const known = platforms.flatMap((platform) => LOADERS[platform].map((loader) => nameIn('loaders', platform, loader)));
  for (const name of known.filter((candidate) => !(candidate in output) && before.has(candidate))) {
    const found = await digestOf(join(out, name)).catch(() => undefined);
    if (found === before.get(name)) await rm(join(out, name));
  }
}

/** Whether a cached product is still what was put there: a disk that was full, or somebody's hand, must not reach a machine. */
async function isWhole(folder: string): Promise<boolean> {
  const recorded = await readFile(join(folder, MEASURES), 'utf8').catch(() => '');
  return recorded === JSON.stringify(await measureAll(join(folder, CONTENT)).catch(() => undefined));
}

/** Every file of a folder, in the order of their names. */
async function measureAll(folder: string): Promise<Measures> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  const measured = paths
    .toSorted()
    .map(async (path) => [path.slice(folder.length + 1), measure(await readFile(path))] as const);
  return Object.fromEntries(await Promise.all(measured));
}

function expectEntries({ platforms }: Recipe, image: Uint8Array): void {
  const wanted: readonly Firmware[] = [
    ...(platforms.includes('bios') ? (['bios'] as const) : []),
    ...(uefiAmong(platforms).length > 0 ? (['uefi'] as const) : []),
  ];
  const found = bootEntries(image);
  if (found.join() !== wanted.join())
    throw new BuildError(
      `the image boots on ${found.join(', ') || 'nothing'}, and was to boot on ${wanted.join(', ')}`,
    );
}
