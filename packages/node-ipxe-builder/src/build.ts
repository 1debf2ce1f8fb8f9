import { copyFile, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { cached } from './cache.ts';
import { BuildError } from './command.ts';
import { digest } from './digest.ts';
import type { Driver, Workshop } from './driver.ts';
import { keyOf, manifestText, measure, orderOf, type Manifest } from './manifest.ts';
import { scriptProblem, type Recipe } from './recipe.ts';

/** A medium that is in its place. */
export interface Built {
  readonly file: string;
  /** Its manifest, beside it. */
  readonly manifestFile: string;
  readonly manifest: Manifest;
  /** False: the cache had it. */
  readonly isNew: boolean;
}

const MEDIUM = 'medium';
const DIGEST = 'sha256';

/**
 * Builds a medium, or takes it from the cache, and puts it to `out` with `<out>.manifest.json` beside it; folders are made.
 * `out` is at every moment the old file or the new one. Rejects with BuildError, or with the signal's reason.
 */
export async function build(driver: Driver, recipe: Recipe, out: string, workshop: Workshop): Promise<Built> {
  const problem = scriptProblem(recipe.script);
  if (problem !== undefined) throw new BuildError(`this is no iPXE script: ${problem}`);
  const prepared = await driver.prepare(recipe, workshop);
  const order = orderOf(driver.name, recipe, prepared.inputs);

  const { folder, isNew } = await cached(join(workshop.cache, 'media'), keyOf(order), isWhole, async (fresh) => {
    workshop.progress(`building for ${recipe.platforms.join(', ')}`);
    const work = join(fresh, 'work');
    await mkdir(work);
    await prepared.build(work, join(fresh, MEDIUM));
    await rm(work, { recursive: true });
    await writeFile(join(fresh, DIGEST), digest(await readFile(join(fresh, MEDIUM))));
  });

  const medium = join(folder, MEDIUM);
  const manifest = { ...order, output: measure(await readFile(medium)) };
  const manifestFile = `${out}.manifest.json`;
  await mkdir(dirname(out), { recursive: true });
  await put(manifestFile, (fresh) => writeFile(fresh, manifestText(manifest)));
  await put(out, (fresh) => copyFile(medium, fresh));
  return { file: out, manifestFile, manifest, isNew };
}

/** Whether a cached medium is still what was put there: a disk that was full, or somebody's hand, must not reach a machine. */
async function isWhole(folder: string): Promise<boolean> {
  const read = (name: string) => readFile(join(folder, name)).catch(() => Buffer.of());
  return digest(await read(MEDIUM)) === (await read(DIGEST)).toString();
}

/** Writes beside the target, on the same file system, and renames. */
async function put(target: string, write: (fresh: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(dirname(target), '.new-'));
  const fresh = join(folder, basename(target));
  try {
    await write(fresh);
    await rename(fresh, target);
  } finally {
    await rm(folder, { recursive: true });
  }
}
