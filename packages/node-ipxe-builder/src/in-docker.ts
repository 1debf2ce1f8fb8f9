import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { BuildError, run } from './command.ts';
import { clientOf, type DockerOptions } from './docker-client.ts';
import { toolchainImage } from './docker-image.ts';
import { follow } from './follow.ts';
import type { Rooms, Shell, Toolchain } from './shell.ts';

/** Where the rooms are in the container: always there, because EFI binaries depend on the path of their source. */
const MOUNTED: Readonly<Record<keyof Rooms, string>> = { tree: '/sower/tree', work: '/sower/work' };

/** The tools of a container, in an image that is built on demand. The host needs nothing but Docker. */
export function inDocker(options: DockerOptions): Toolchain {
  return {
    name: 'docker',
    async find(needs, workshop) {
      const image = await toolchainImage(options, needs, workshop);
      const packages = [...needs.tools, ...needs.files].map((need) => need.package);
      return {
        versions: Object.fromEntries(packages.map((name) => [name, image.versions.get(name) ?? 'unknown'])),
        files: {},
        open: (rooms, signal) => openContainer(clientOf(options), image.id, rooms, signal),
      };
    },
  };
}

/**
 * A container lives as long as somebody holds its standard input: however this process ends, the container ends too, and with it
 * whatever runs in it. It has no network, no privileges, and our user's number, so that the files it writes are ours.
 */
async function openContainer(client: string, image: string, rooms: Rooms, signal: AbortSignal): Promise<Shell> {
  const name = `sower-${basename(dirname(rooms.work)).replaceAll(/[^\w-]/g, '')}`;
  const mounts = ROOMS.flatMap((room) => ['--mount', `type=bind,source=${rooms[room]},target=${MOUNTED[room]}`]);
  const user = `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`;
  const confined = ['--network=none', '--cap-drop=ALL', '--security-opt=no-new-privileges', '--user', user];
  const holding = ['sh', '-c', 'echo ready; exec cat'];
  signal.throwIfAborted();
  const words = ['run', '--rm', '-i', '--name', name, ...confined, ...mounts, image, ...holding];
  const held = spawn(client, words, { stdio: ['pipe', 'pipe', 'pipe'], detached: true });
  const said: string[] = [];
  createInterface(held.stderr).on('line', (line) => said.push(line));
  // it ends when the container does, however that comes
  held.stdin.on('error', () => undefined);
  const ended = once(held, 'close');

  const close = async (): Promise<void> => {
    held.stdin.end();
    // a forced removal also ends what hangs; it has nothing to do where the container is gone
    await run(client, ['rm', '--force', name], { signal: new AbortController().signal }).catch(() => undefined);
    await ended;
  };
  const isReady = await Promise.race([once(held.stdout, 'data').then(() => true), ended.then(() => false)]);
  // an interruption waits for this moment: what has not started yet cannot be removed for good
  if (!isReady || signal.aborted) {
    await close();
    signal.throwIfAborted();
    throw new BuildError(`the container did not start: ${said.join('\n')}`);
  }
  return {
    run({ command, args }, { room, folder, env, onLine }) {
      const variables = Object.entries(env).flatMap(([key, value]) => ['--env', `${key}=${value}`]);
      const where = ['--workdir', join(MOUNTED[room], folder), ...variables];
      return follow(client, ['exec', ...where, name, command, ...args], { signal, onLine });
    },
    close,
  };
}

const ROOMS = ['tree', 'work'] as const satisfies readonly (keyof Rooms)[];
