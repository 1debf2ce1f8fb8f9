import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cached, exists } from './cache.ts';
import { BuildError, run } from './command.ts';
import { digestOf } from './digest.ts';
import type { Workshop } from './driver.ts';
import { writePrivateApt } from './private-apt.ts';
import { binariesOf, nameIn, PRODUCTS, type Product } from './outputs.ts';
import type { Recipe } from './recipe.ts';
import { OLDEST_IPXE, PINNED_IPXE, type Platform } from './targets.ts';

/** Prebuilt iPXE: where it came from, for the manifest, and its files by their names in the product. */
export interface Ipxe {
  readonly source: Readonly<Record<string, string>>;
  readonly binaries: ReadonlyMap<string, string>;
}

/** Where Debian's package has its binaries. */
const FOLDER = 'usr/lib/ipxe';

/** The system's own package where it is new enough and has something for every platform, else the pinned one. */
export async function findIpxe({ output, platforms }: Recipe, workshop: Workshop): Promise<Ipxe> {
  const product = PRODUCTS[output];
  const installed = await installedVersion(workshop.signal);
  if (installed !== undefined && isNewEnough(installed)) {
    const { binaries, lacking } = await binariesIn(`/${FOLDER}`, product, platforms);
    if (lacking.length === 0) return { source: { package: PINNED_IPXE.name, version: installed }, binaries };
  }
  const { name, version, sha256 } = PINNED_IPXE;
  const folder = await pinnedPackage(workshop);
  const { binaries, lacking } = await binariesIn(join(folder, FOLDER), product, platforms);
  if (lacking.length > 0) throw new BuildError(`the package ${name} ${version} has nothing for ${lacking.join(', ')}`);
  return { source: { package: name, version, sha256 }, binaries };
}

/** Whether a Debian version is that of `OLDEST_IPXE` or a later one. */
export function isNewEnough(version: string): boolean {
  const numbers = (text: string) => /(\d+)\.(\d+)\.(\d+)/.exec(text)?.slice(1).map(Number) ?? [0, 0, 0];
  const found = numbers(version);
  const difference = numbers(OLDEST_IPXE).map((oldest, index) => (found[index] ?? 0) - oldest);
  return (difference.find((step) => step !== 0) ?? 0) >= 0;
}

async function installedVersion(signal: AbortSignal): Promise<string | undefined> {
  try {
    return await run('dpkg-query', ['-W', '-f', '${Version}', PINNED_IPXE.name], { signal });
  } catch (error) {
    // not installed, or a distribution without dpkg
    if (error instanceof BuildError) return undefined;
    throw error;
  }
}

/** What a folder of a package has of a product, and the platforms for which it has nothing. */
async function binariesIn(folder: string, product: Product, platforms: readonly Platform[]) {
  const binaries = new Map<string, string>();
  const lacking: Platform[] = [];
  for (const platform of platforms) {
    const before = binaries.size;
    for (const binary of binariesOf(product, platform)) {
      const path = await firstOf(folder, binary.packaged);
      if (path !== undefined) binaries.set(nameIn(product, platform, binary), path);
    }
    if (binaries.size === before) lacking.push(platform);
  }
  return { binaries, lacking };
}

async function firstOf(folder: string, names: readonly string[]): Promise<string | undefined> {
  for (const name of names) if (await exists(join(folder, name))) return join(folder, name);
  return undefined;
}

/** The pinned package, unpacked in the cache under its own hash. The system's apt, its lists and its packages stay as they are. */
async function pinnedPackage({ cache, signal, progress }: Workshop): Promise<string> {
  const { name, version, sha256 } = PINNED_IPXE;
  const isWhole = (folder: string) => exists(join(folder, FOLDER));
  const { folder } = await cached(join(cache, 'packages'), sha256, isWhole, async (fresh) => {
    progress(`this host's own iPXE is absent or too old: fetching the package ${name} ${version}`);
    const apt = await writePrivateApt(join(fresh, 'apt'), signal);
    const around = { cwd: apt.folder, signal };
    await run('apt-get', [...apt.options, 'update'], around);
    await run('apt-get', [...apt.options, 'download', `${name}=${version}`], around);
    const file = (await readdir(apt.folder)).find((entry) => entry.endsWith('.deb'));
    if (file === undefined) throw new BuildError(`apt-get downloaded no package ${name} ${version}`);
    const found = await digestOf(join(apt.folder, file));
    if (found !== sha256)
      throw new BuildError(`the package ${name} ${version} is not the one we know: SHA-256 ${found}, not ${sha256}`);
    await run('dpkg-deb', ['-x', join(apt.folder, file), fresh], { signal });
    await apt.remove();
    await writeFile(join(fresh, 'version'), `${version}\n`);
  });
  return folder;
}
