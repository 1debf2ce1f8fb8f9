import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sowerCommand } from '../../test/e2e/lab/sower.ts';
import type { Launch, Rig } from './rig.ts';

/** The product as its users run it, with this data file; its state and artifacts lie in the same folder. */
export async function sowerLaunch({ repository }: Rig, folder: string, data: string): Promise<Launch> {
  const file = join(folder, 'data.yaml');
  await writeFile(file, data);
  return { command: process.execPath, args: [sowerCommand(repository), 'serve', '--data', file, '--json'] };
}
