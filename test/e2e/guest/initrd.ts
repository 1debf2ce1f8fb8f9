import { chmod, copyFile, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../lab/command.ts';
import { MODULES, type Kernel } from './kernel.ts';

/** Where Debian and Ubuntu put the static busybox. */
const BUSYBOX = '/bin/busybox';

/**
 * Packs the guest's user land: busybox, `init`, `lease` and the kernel's modules. Takes a second and is done at each run,
 * so it is never older than its sources. `sources` is the folder of init and lease. Gives the file's path.
 */
export async function packInitrd(kernel: Kernel, sources: string, cache: string): Promise<string> {
  const root = join(cache, 'initrd.d');
  const packed = join(cache, 'initrd');
  await rm(root, { recursive: true, force: true });
  await mkdir(join(root, 'bin'), { recursive: true });
  await mkdir(join(root, 'modules'));
  await copyFile(BUSYBOX, join(root, 'bin', 'busybox'));
  for (const name of ['init', 'lease']) {
    await copyFile(join(sources, name), join(root, name));
    await chmod(join(root, name), 0o755);
  }
  for (const name of await readdir(kernel.folder)) {
    if (name.endsWith('.ko')) await copyFile(join(kernel.folder, name), join(root, 'modules', name));
  }
  await writeFile(join(root, 'modules', 'order'), `${MODULES.join('\n')}\n`);
  const pack = 'cd "$0" && find . | sort | cpio --quiet --create --format=newc --owner=0:0 | gzip -n >"$1"';
  await run('sh', '-c', pack, root, packed);
  return packed;
}
