import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './command.ts';
import { debianMirror, exists } from './debian.ts';
import { startProgram } from './program.ts';
import { waitFor } from './waiting.ts';

/** A Docker daemon of the tests' own, with nothing in it but one image. */
export interface Docker {
  /** For a program that is to use this daemon and no other: the builder's own variables among them. */
  readonly environment: Readonly<Record<string, string>>;
  /** Asks the daemon something. */
  ask(...args: readonly string[]): Promise<string>;
  /** Everything that a container has written so far. */
  logs(container: string): Promise<string>;
  close(): Promise<void>;
}

/** Another client may come first in PATH. */
const CLIENT = '/usr/bin/docker';
const BASE = 'sower-test/debian:trixie';

/** Starts a daemon with a base image, made by debootstrap, from this host's own mirror, once; no registry is asked. */
export async function startDocker(repository: string, folder: string): Promise<Docker> {
  const archive = await baseSystem(repository);
  return startDaemon({ folder }, ['import', archive, BASE]);
}

/** Starts a daemon in a namespace, whose network is then "the host's" to its containers, with the images of an archive. */
export function startDockerIn(namespace: string, folder: string, archive: string): Promise<Docker> {
  return startDaemon({ folder, namespace }, ['load', '--input', archive]);
}

/**
 * Starts a daemon inside a folder, which is emptied. It has no bridge and touches no packet filter, so that other tests' networks stay
 * as they are. `filling` is the command that brings its image.
 */
async function startDaemon(
  { folder, namespace }: { readonly folder: string; readonly namespace?: string },
  filling: readonly string[],
): Promise<Docker> {
  await clean(folder);
  await mkdir(folder, { recursive: true });
  const socket = `unix://${join(folder, 'socket')}`;
  const environment = { DOCKER_HOST: socket, SOWER_DOCKER: CLIENT, SOWER_DOCKER_BASE: BASE };
  const ask = (...args: readonly string[]): Promise<string> => run(CLIENT, '--host', socket, ...args);
  const logs = (container: string): Promise<string> =>
    run('sh', '-c', '"$0" --host "$1" logs "$2" 2>&1', CLIENT, socket, container);
  // Not by `ip netns exec`: that has a /sys of its own, in which there are no control groups.
  const inside = namespace === undefined ? [] : ['nsenter', `--net=/run/netns/${namespace}`];
  const [command, ...words] = [...inside, 'dockerd'];
  const daemon = await startProgram({
    name: 'dockerd',
    log: join(folder, 'dockerd.log'),
    command,
    args: [
      ...words,
      '--iptables=false',
      '--ip6tables=false',
      '--bridge=none',
      `--host=${socket}`,
      `--data-root=${join(folder, 'data')}`,
      `--exec-root=${join(folder, 'exec')}`,
      `--pidfile=${join(folder, 'pid')}`,
    ],
  });
  const close = async (): Promise<void> => {
    await daemon.stop(20_000);
    await clean(folder);
  };
  try {
    await daemon.says(/API listen on/, 30_000);
    await ask(...filling);
    return { environment, ask, logs, close };
  } catch (error) {
    await daemon.stop(20_000);
    throw error;
  }
}

/** A minimal Debian as one archive; half a minute, the first time. */
async function baseSystem(repository: string): Promise<string> {
  const folder = join(repository, '.cache', 'debian');
  const archive = join(folder, 'trixie-minbase.tar');
  if (await exists(archive)) return archive;
  const root = join(folder, 'root');
  await rm(root, { recursive: true, force: true });
  await mkdir(root, { recursive: true });
  await run('debootstrap', '--variant=minbase', 'trixie', root, await debianMirror());
  // devices and what apt has downloaded are of no use in an image
  await run('tar', '-C', root, '--exclude=./dev/*', '--exclude=./var/cache/apt/*', '-c', '-f', `${archive}.new`, '.');
  await rename(`${archive}.new`, archive);
  await rm(root, { recursive: true });
  return archive;
}

/** Removes a daemon's folder, mounts of containers and of their network namespaces first. */
async function clean(folder: string): Promise<void> {
  const mounts = (await readFile('/proc/self/mounts', 'utf8')).split('\n').map((line) => line.split(' ')[1] ?? '');
  for (const mount of mounts.filter((path) => path.startsWith(`${folder}/`)).toReversed())
    await run('umount', '--lazy', mount);
  await waitFor(`${folder} can be removed`, 10_000, async () => {
    await rm(folder, { recursive: true, force: true }).catch(() => undefined);
    return (await exists(folder)) ? undefined : true;
  });
}
