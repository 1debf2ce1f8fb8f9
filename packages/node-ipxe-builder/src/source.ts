import { cp, readdir, stat } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { cached, exists } from './cache.ts';
import { BuildError, run } from './command.ts';
import { digestOf } from './digest.ts';
import type { Workshop } from './driver.ts';
import { digestOfFolder, isSource } from './folder-digest.ts';
import { checkOut, isGitAddress } from './git-source.ts';
import { SOURCES } from './make.ts';

/** The source of iPXE, found. It is only ever read. */
export interface Source {
  /** What it is, for the manifest: equal facts are equal contents. */
  readonly facts: Readonly<Record<string, string>>;
  /** Copies it, so that `src/Makefile` is there. */
  readonly copyTo: (folder: string) => Promise<void>;
}

/** Finds `DIR`, `TARBALL` or `GIT-URL[#REF]`; what has to be unpacked or fetched stays in the cache. BuildError where there is no source of iPXE. */
export async function openSource(text: string, workshop: Workshop): Promise<Source> {
  const found = await stat(text).catch(() => undefined);
  if (found?.isDirectory() === true) {
    const place = await placeOf(resolve(text), text);
    const sha256 = await digestOfFolder(place.folder, join(workshop.cache, 'sources', 'seen'));
    return { facts: { kind: 'directory', sha256 }, copyTo: place.copyTo };
  }
  if (found?.isFile() === true) {
    const sha256 = await digestOf(text);
    const { copyTo } = await placeOf(await unpack(text, sha256, workshop), text);
    return { facts: { kind: 'tarball', sha256 }, copyTo };
  }
  if (!isGitAddress(text))
    throw new BuildError(
      `the source ${text} is not there: name a folder with the source of iPXE, a tarball of it, or a git URL (git clone works with it), perhaps with #branch, #tag or #commit`,
    );
  const { folder, url, commit } = await checkOut(text, workshop);
  const { copyTo } = await placeOf(folder, text);
  return { facts: { kind: 'git', url, commit }, copyTo };
}

/** By its content, in the cache; the kind of compression is tar's affair. */
async function unpack(file: string, sha256: string, { cache, signal, progress }: Workshop): Promise<string> {
  const isWhole = () => Promise.resolve(true);
  const { folder } = await cached(join(cache, 'sources'), sha256, isWhole, async (fresh) => {
    progress(`unpacking ${file}`);
    await run('tar', ['-x', '-f', resolve(file), '-C', fresh, '--no-same-owner'], { signal });
  });
  return folder;
}

/** The source tree in a folder: itself, its `src` alone, or the one folder in it, as tarballs have it. */
async function placeOf(folder: string, named: string) {
  const [only, ...more] = await readdir(folder);
  const below = only === undefined || more.length > 0 ? [] : [join(folder, only)];
  for (const candidate of [folder, ...below]) {
    if (await exists(join(candidate, SOURCES, 'Makefile'))) return copying(candidate, '');
    if (await exists(join(candidate, 'Makefile'))) return copying(candidate, SOURCES);
  }
  throw new BuildError(`${named} is no source of iPXE: there is no src/Makefile in it`);
}

/** Time stamps stay: without them make would take every copied file for changed. */
function copying(folder: string, inside: string) {
  const filter = (path: string) => isSource(join(inside, relative(folder, path)));
  return {
    folder,
    copyTo: (target: string) =>
      cp(folder, join(target, inside), { recursive: true, preserveTimestamps: true, verbatimSymlinks: true, filter }),
  };
}
