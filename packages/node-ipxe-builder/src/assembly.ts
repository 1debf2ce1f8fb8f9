import { copyFile, mkdir, rename, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { environmentAt, planAssembly, STAGED, type Plan } from './plan.ts';
import { IMAGE, PRODUCTS } from './outputs.ts';
import type { Recipe } from './recipe.ts';
import { mustRun, type Shell } from './shell.ts';

/** A file of iPXE that is there: its name in the product's terms (`ipxe-x64.efi`, `x64/snponly.efi`), and its path. */
export type Binaries = ReadonlyMap<string, string>;

/** The plan of a medium, for binaries of these paths; undefined for loaders, which are only copied. */
export async function assemblyOf(
  { output, platforms, epoch, script }: Recipe,
  how: 'beside' | 'embedded',
  binaries: Binaries,
): Promise<Plan | undefined> {
  if (PRODUCTS[output] === 'loaders') return undefined;
  const uefi = [...binaries].filter(([name]) => name.endsWith('.efi'));
  const sizes = await Promise.all(uefi.map(async ([, path]) => (await stat(path)).size));
  const espContent = sizes.reduce((sum, size) => sum + size, how === 'beside' ? (script?.length ?? 0) : 0);
  return planAssembly({ platforms, epoch, script: how, espContent });
}

/** Puts the product together in `into`. `shell` works in `work`; without a plan nothing runs. */
export async function putTogether(
  plan: Plan | undefined,
  { script, epoch }: Recipe,
  binaries: Binaries,
  shell: Shell,
  work: string,
  into: string,
): Promise<void> {
  const folder = plan === undefined ? into : work;
  for (const [name, path] of binaries) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await copyFile(path, join(folder, name));
  }
  if (plan === undefined) return;
  for (const [name, text] of Object.entries(plan.texts)) await writeFile(join(work, name), text);
  if (script !== undefined) await writeFile(join(work, STAGED.script), script);
  const place = { room: 'work', folder: '', env: environmentAt(epoch) } as const;
  for (const step of plan.steps) await mustRun(shell, step, place);
  await rename(join(work, IMAGE), join(into, IMAGE));
}
