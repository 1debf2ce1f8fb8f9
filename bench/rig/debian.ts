import { access, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../test/e2e/lab/command.ts';

/** Debian's packages with the peers and the load generators. */
const PACKAGES = [
  'dnsmasq-base',
  'kea-dhcp4-server',
  'kea-admin',
  'isc-dhcp-server',
  'tftpd-hpa',
  'atftpd',
  'nginx-light',
  'wrk',
];

/** Programs of other people's making, unpacked and not installed: nothing of them is started by the system. */
export interface Peers {
  /** The path of a program, such as "usr/sbin/dnsmasq". */
  program(path: string): string;
  /** What they need in their environment to find the libraries that were unpacked beside them. */
  readonly env: Readonly<Record<string, string>>;
}

/** No peers at all: for a rig that only sower runs on. */
export const NO_PEERS: Peers = { program: (path) => `/${path}`, env: {} };

/** Unpacks the peers into `folder` if they are not there yet. Needs Debian or Ubuntu, and root for `apt-get update`. */
export async function unpackPeers(folder: string): Promise<Peers> {
  const root = join(folder, 'root');
  if (!(await exists(root))) await unpack(folder, root);
  const libraries = (await readdir(join(root, 'usr/lib'))).filter((name) => name.endsWith('-linux-gnu'));
  const paths = libraries.flatMap((name) => [join(root, 'usr/lib', name), join(root, 'lib', name)]);
  return { program: (path) => join(root, path), env: { LD_LIBRARY_PATH: paths.join(':') } };
}

async function unpack(folder: string, root: string): Promise<void> {
  console.log(`Unpacking ${PACKAGES.join(', ')} …`);
  const downloads = join(folder, 'packages');
  await rm(downloads, { recursive: true, force: true });
  await mkdir(downloads, { recursive: true });
  await run('apt-get', '-q', 'update');
  const names = new Set([...PACKAGES, ...(await missingDependencies())]);
  await run('sh', '-c', 'cd "$0" && apt-get -q -o APT::Sandbox::User=root download "$@"', downloads, ...names);
  const unpacked = `${root}.new`;
  await rm(unpacked, { recursive: true, force: true });
  for (const name of await readdir(downloads)) await run('dpkg', '-x', join(downloads, name), unpacked);
  await rename(unpacked, root);
}

/** What an installation of each package would install besides. One by one: some of them conflict with each other. */
async function missingDependencies(): Promise<readonly string[]> {
  const names: string[] = [];
  for (const name of PACKAGES) {
    const plan = await run('apt-get', 'install', '--simulate', '--no-install-recommends', name);
    for (const match of plan.matchAll(/^Inst (\S+)/gm)) names.push(match[1] ?? '');
  }
  return names;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
