import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Puts the content of a ConfigMap into its volume, as the kubelet does: the files in a folder of their own, a link `..data` to it that
 * is replaced in one step, and links to the files through that one. `generation` tells one content from the next.
 */
export async function writeConfigMap(
  volume: string,
  generation: number,
  data: Readonly<Record<string, string>>,
): Promise<void> {
  const folder = `..2026_11_22_12_00_0${generation}.1`;
  await mkdir(join(volume, folder), { recursive: true });
  for (const [name, text] of Object.entries(data)) await writeFile(join(volume, folder, name), text);
  await symlink(folder, join(volume, '..data_tmp'));
  await rename(join(volume, '..data_tmp'), join(volume, '..data'));
  if (generation > 1) await rm(join(volume, `..2026_11_22_12_00_0${generation - 1}.1`), { recursive: true });
  else for (const name of Object.keys(data)) await symlink(`..data/${name}`, join(volume, name));
}
