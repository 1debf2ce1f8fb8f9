import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../test/e2e/lab/command.ts';
import { openNetwork } from '../../test/e2e/lab/network.ts';
import { startProgram, type Program } from '../../test/e2e/lab/program.ts';
import type { Peers } from './debian.ts';
import { SITE } from './site.ts';

/** A program as a server under test is started: in its own empty folder. */
export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** A link of two namespaces, the server's and the machines', and everything that runs on it. */
export interface Rig {
  /** The repository's top folder. */
  readonly repository: string;
  readonly peers: Peers;
  /** Where the bench's own programs lie, compiled. */
  readonly programs: string;
  /** An empty folder for a server of that name. */
  folderFor(name: string): Promise<string>;
  /** Starts a server at its end of the link. */
  serve(name: string, folder: string, launch: Launch): Promise<Program>;
  /** Runs a program among the machines to its end, and gives its standard output. */
  machine(command: string, ...args: readonly string[]): Promise<string>;
  /** Gives the machines' interface these addresses. */
  addAddresses(addresses: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

/** Needs Linux and root. `prefix` begins the names of the namespaces. */
export async function openRig(repository: string, prefix: string, peers: Peers): Promise<Rig> {
  const network = await openNetwork(prefix, '192.0.2.1/24');
  const running: Program[] = [];
  const close = async (): Promise<void> => {
    for (const program of running) await program.stop();
    await network.close();
  };
  try {
    const machines = await network.addLink(SITE.device, `${SITE.server}/${SITE.prefix}`);
    await run('ip', '-n', machines, 'addr', 'add', `${SITE.relay}/${SITE.prefix}`, 'dev', SITE.machineDevice);
    return {
      repository,
      peers,
      programs: join(repository, 'bench', 'dist', 'bench'),
      async folderFor(name) {
        const folder = join(repository, '.cache', 'bench', 'run', prefix, name);
        await rm(folder, { recursive: true, force: true });
        await mkdir(folder, { recursive: true });
        return folder;
      },
      async serve(name, folder, launch) {
        const log = join(folder, 'server.log');
        const program = await startProgram({ namespace: network.name, name, log, cwd: folder, ...launch });
        running.push(program);
        return program;
      },
      machine: (command, ...args) => run('ip', 'netns', 'exec', machines, 'env', ...envWords(peers), command, ...args),
      addAddresses: (addresses) => addAddresses(machines, addresses),
      close,
    };
  } catch (cause) {
    await close();
    throw cause;
  }
}

function envWords({ env }: Peers): readonly string[] {
  return Object.entries(env).map(([key, value]) => `${key}=${value}`);
}

/** In steps that fit on a command line; without a prefix route for each. */
async function addAddresses(namespace: string, addresses: readonly string[]): Promise<void> {
  const script = 'for a in "$@"; do echo "addr replace $a/32 dev eth0"; done | ip -n "$0" -batch -';
  for (let at = 0; at < addresses.length; at += 500) {
    await run('sh', '-c', script, namespace, ...addresses.slice(at, at + 500));
  }
}
