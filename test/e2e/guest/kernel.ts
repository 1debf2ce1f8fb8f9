import { access, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { run } from '../lab/command.ts';

/** The packages that name the distribution's current generic kernel (Debian's, Ubuntu's). The cloud kernels lack e1000. */
const CURRENT = ['linux-image-amd64', 'linux-image-generic'] as const;

/** What brings a network card up, in the order of loading: virtio_ring before virtio, or there is no card. */
export const MODULES = [
  'failover',
  'net_failover',
  'virtio_ring',
  'virtio',
  'virtio_pci_modern_dev',
  'virtio_pci_legacy_dev',
  'virtio_pci',
  'virtio_net',
  'e1000',
] as const;

/** How a distribution may have packed a module, and what unpacks it in place. */
const UNPACK: Readonly<Record<string, readonly [string, ...string[]]>> = {
  '.xz': ['xz', '--decompress'],
  '.zst': ['zstd', '--decompress', '--rm', '--quiet'],
};

/** A folder with `vmlinuz` and those of MODULES that are not built in, as `<name>.ko`. */
export interface Kernel {
  readonly folder: string;
  readonly vmlinuz: string;
}

/** Gives the distribution's current generic kernel, fetched into the cache folder once. Throws when apt cannot fetch it. */
export async function currentKernel(cache: string): Promise<Kernel> {
  const folder = join(cache, 'kernel');
  const vmlinuz = join(folder, 'vmlinuz');
  const present = await access(vmlinuz).then(
    () => true,
    () => false,
  );
  if (!present) await fetchKernel(cache, folder);
  return { folder, vmlinuz };
}

/** Everything is made in a folder beside and moved at the end, so that a broken download is never taken for a kernel. */
async function fetchKernel(cache: string, folder: string): Promise<void> {
  await mkdir(cache, { recursive: true });
  const scratch = await mkdtemp(join(cache, 'fetch-'));
  try {
    await downloadKernel(scratch).catch(async () => {
      await run('apt-get', '-q', 'update');
      await downloadKernel(scratch);
    });
    await keepWhatBoots(scratch);
    await rm(folder, { recursive: true, force: true });
    await rename(join(scratch, 'kernel'), folder);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** The image, and Ubuntu's separate package of modules. */
async function kernelPackages(): Promise<readonly string[]> {
  for (const meta of CURRENT) {
    const [image] = await dependencies(meta, /^linux-image-\d/);
    if (image !== undefined) return [image, ...(await dependencies(image, /^linux-modules-\d/))];
  }
  throw new Error(`apt knows none of ${CURRENT.join(', ')}: is this Debian or Ubuntu, and did apt-get update run?`);
}

async function dependencies(name: string, wanted: RegExp): Promise<readonly string[]> {
  const text = await run('apt-cache', 'depends', '--important', name).catch(() => '');
  const names = [...text.matchAll(/^ *\|?Depends: <?([^\s>]+)/gm)].map(([, found]) => found ?? '');
  return names.filter((found) => wanted.test(found));
}

/** Fails with lists that are absent or older than the mirror: the caller brings them up to date and tries again. */
async function downloadKernel(folder: string): Promise<void> {
  // As root apt would work as a user who may not write here.
  const fetch = 'cd "$0" && apt-get -q -o APT::Sandbox::User=root download "$@"';
  await run('sh', '-c', fetch, folder, ...(await kernelPackages()));
}

/** tar complains of patterns without a match, and a module may well be built in: what counts is that there is a kernel. */
async function keepWhatBoots(scratch: string): Promise<void> {
  const kernel = join(scratch, 'kernel');
  await mkdir(kernel);
  const patterns = ['./boot/vmlinuz-*', ...MODULES.map((name) => `./lib/modules/*/${name}.ko*`)];
  const extract =
    'package=$1; shift; dpkg-deb --fsys-tarfile "$package" | tar -xC "$0" --wildcards --transform "s,.*/,," "$@" || true';
  for (const name of await readdir(scratch)) {
    if (name.endsWith('.deb')) await run('sh', '-c', extract, kernel, join(scratch, name), ...patterns);
  }
  const names = await readdir(kernel);
  const image = names.find((name) => name.startsWith('vmlinuz-'));
  if (image === undefined) throw new Error('the kernel package holds no vmlinuz');
  await rename(join(kernel, image), join(kernel, 'vmlinuz'));
  for (const name of names) {
    const unpack = UNPACK[extname(name)];
    if (unpack !== undefined) await run(...unpack, join(kernel, name));
  }
}
