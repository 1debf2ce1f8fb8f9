import { access, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './command.ts';
import { startProgram } from './program.ts';
import { waitFor } from './waiting.ts';

/** A Docker daemon of the tests' own, with nothing in it but a base image. */
export interface Docker {
  /** For a program that is to use this daemon and no other: the builder's own variables among them. */
  readonly environment: Readonly<Record<string, string>>;
  /** Asks the daemon something. */
  ask(...args: readonly string[]): Promise<string>;
  close(): Promise<void>;
}

/** Another client may come first in PATH. */
const CLIENT = '/usr/bin/docker';
const BASE = 'sower-test/debian:trixie';

/**
 * Starts a daemon inside `folder`, which is emptied. It has no bridge and touches no packet filter, so that other tests' networks stay as
 * they are. The base image is made by debootstrap, from this host's own mirror, once; no registry is asked.
 */
export async function startDocker(repository: string, folder: string): Promise<Docker> {
  await clean(folder);
  await mkdir(folder, { recursive: true });
  const socket = `unix://${join(folder, 'socket')}`;
  const environment = { DOCKER_HOST: socket, SOWER_DOCKER: CLIENT, SOWER_DOCKER_BASE: BASE };
  const ask = (...args: readonly string[]): Promise<string> => run(CLIENT, '--host', socket, ...args);
  const daemon = await startProgram({
    name: 'dockerd',
    log: join(folder, 'dockerd.log'),
    command: 'dockerd',
    args: [
      ['--iptables=false', '--ip6tables=false', '--bridge=none', '--host', socket],
      ['--data-root', join(folder, 'data'), '--exec-root', join(folder, 'exec'), '--pidfile', join(folder, 'pid')],
    ].flat(),
  });
  const close = async (): Promise<void> => {
    await daemon.stop(20_000);
    await clean(folder);
  };
  try {
    await daemon.says(/API listen on/, 30_000);
    await ask('import', await baseSystem(repository), BASE);
    return { environment, ask, close };
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
  const targets = await run('apt-get', 'indextargets', '--format', '$(LABEL) $(COMPONENT) $(REPO_URI)');
  const mirror = /^Debian main (\S+)$/m.exec(targets)?.[1];
  if (mirror === undefined) throw new Error('the apt of this host has no mirror of Debian');
  await run('debootstrap', '--variant=minbase', 'trixie', root, mirror);
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

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
