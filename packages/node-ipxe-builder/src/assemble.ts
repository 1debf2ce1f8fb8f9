import { copyFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exists } from './cache.ts';
import { run, BuildError, versionOf } from './command.ts';
import { digest, digestOf } from './digest.ts';
import type { Driver, Workshop } from './driver.ts';
import { findIpxe } from './ipxe-package.ts';
import { planAssembly, STAGED, type Plan } from './plan.ts';
import { BIOS_FILES, MTOOLS, uefiAmong, XORRISO, type Platform, type Tool } from './targets.ts';

/** The driver without a compiler: prebuilt iPXE of the distribution, and the script beside it. */
export const assemble: Driver = {
  name: 'assemble',
  async prepare(recipe, workshop) {
    const tools = await toolsFor(recipe.platforms, workshop);
    const ipxe = await findIpxe(recipe.platforms, workshop);
    const files = stagedFiles(recipe.platforms, ipxe.binaries);
    const digests = await Promise.all(
      Object.entries(files).map(async ([name, path]) => [name, await digestOf(path)] as const),
    );
    const plan = planAssembly({ ...recipe, espContent: await espContent(ipxe.binaries, recipe.script) });
    return {
      inputs: { source: ipxe.source, files: Object.fromEntries(digests), tools, plan: digest(JSON.stringify(plan)) },
      build: (folder, to) => carryOut(plan, recipe.script, files, folder, to, workshop.signal),
    };
  },
};

/** The files of the work folder, apart from the script and what is made there: name → where it comes from. */
function stagedFiles(
  platforms: readonly Platform[],
  binaries: ReadonlyMap<Platform, string>,
): Readonly<Record<string, string>> {
  const system = platforms.includes('bios') ? Object.entries(BIOS_FILES) : [];
  return Object.fromEntries([
    ...system.map(([name, { path }]) => [name, path] as const),
    ...[...binaries].map(([platform, path]) => [STAGED.binary[platform], path] as const),
  ]);
}

/** Bytes of all that goes onto the EFI system partition. */
async function espContent(binaries: ReadonlyMap<Platform, string>, script: Uint8Array): Promise<number> {
  const uefi = [...binaries].filter(([platform]) => platform !== 'bios');
  const sizes = await Promise.all(uefi.map(async ([, path]) => (await stat(path)).size));
  return sizes.reduce((sum, size) => sum + size, script.length);
}

async function carryOut(
  { steps, texts, environment }: Plan,
  script: Uint8Array,
  files: Readonly<Record<string, string>>,
  folder: string,
  to: string,
  signal: AbortSignal,
): Promise<void> {
  for (const [name, path] of Object.entries(files)) await copyFile(path, join(folder, name));
  for (const [name, text] of Object.entries(texts)) await writeFile(join(folder, name), text);
  await writeFile(join(folder, STAGED.script), script);
  for (const { command, args } of steps) await run(command, args, { cwd: folder, env: environment, signal });
  await rename(join(folder, STAGED.iso), to);
}

/** The version of each tool. All that is missing is named at once, files of the system included. */
async function toolsFor(
  platforms: readonly Platform[],
  { signal }: Workshop,
): Promise<Readonly<Record<string, string>>> {
  const wanted: readonly Tool[] = uefiAmong(platforms).length > 0 ? [XORRISO, MTOOLS] : [XORRISO];
  const versions = await Promise.all(wanted.map(({ command, ask }) => versionOf(command, ask, signal)));
  const files = platforms.includes('bios') ? Object.values(BIOS_FILES) : [];
  const isThere = await Promise.all(files.map(({ path }) => exists(path)));
  const missing = [
    ...wanted
      .filter((_, index) => versions[index] === undefined)
      .map((tool) => ({ what: tool.command, from: tool.package })),
    ...files.filter((_, index) => isThere[index] === false).map((file) => ({ what: file.path, from: file.package })),
  ];
  if (missing.length > 0) {
    const list = missing.map(({ what, from }) => `${what} (package ${from})`).join(', ');
    const packages = [...new Set(missing.map(({ from }) => from))].join(' ');
    throw new BuildError(`missing on this host: ${list}; install with: apt-get install ${packages}`);
  }
  return Object.fromEntries(wanted.map((tool, index) => [tool.package, versions[index] ?? '']));
}
