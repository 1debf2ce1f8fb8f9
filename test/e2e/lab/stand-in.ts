import { appendFile, cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What can be wrong with a source: the compiler refuses it, or its `make` never ends. */
export type Fault = 'broken' | 'endless';

/** Copies the stand-in of iPXE, whole and twice with a fault, into a folder: `good`, `broken`, `endless`. */
export async function layOutStandIns(
  repository: string,
  folder: string,
): Promise<Readonly<Record<Fault | 'good', string>>> {
  const trees = { good: join(folder, 'good'), broken: join(folder, 'broken'), endless: join(folder, 'endless') };
  for (const tree of Object.values(trees)) {
    await rm(tree, { recursive: true, force: true });
    await cp(join(repository, 'test', 'fixtures', 'ipxe-stand-in'), tree, { recursive: true });
  }
  await appendFile(join(trees.broken, 'src', 'core', 'net.c'), '#error out of ink\n');
  const makefile = join(trees.endless, 'src', 'Makefile');
  const text = await readFile(makefile, 'utf8');
  await writeFile(makefile, text.replace('\t@$$(CC) -c -o $$@ $$<\n', '\t@$$(CC) -c -o $$@ $$<; exec sleep 7654\n'));
  return trees;
}
