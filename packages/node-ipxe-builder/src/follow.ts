import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { BuildError, codeOf, type Surroundings } from './command.ts';

export interface Following extends Surroundings {
  /** Hears each line of the command, of both its outputs, as it comes. */
  readonly onLine: (line: string) => void;
  /** The environment that `env` comes on top of; else this process's own. */
  readonly base?: Readonly<Record<string, string | undefined>>;
  /** What the command reads; else nothing. */
  readonly input?: Uint8Array;
}

/**
 * Runs a command that takes its time, and gives its exit code once it and its outputs have ended. It leads a process group of its
 * own: an interruption ends all of it at once, and rejects with the signal's reason. BuildError where there is no such program.
 */
export async function follow(command: string, args: readonly string[], around: Following): Promise<number> {
  const { cwd, env, base = process.env, signal, onLine, input } = around;
  signal.throwIfAborted();
  const child = spawn(command, args, {
    env: { ...base, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
    ...(cwd === undefined ? {} : { cwd }),
  });
  const end = () => killGroup(child.pid);
  signal.addEventListener('abort', end);
  for (const output of [child.stdout, child.stderr]) createInterface(output).on('line', onLine);
  // a command that ends before it has read everything is judged by its exit code
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  try {
    const [code] = await once(child, 'close');
    signal.throwIfAborted();
    return typeof code === 'number' ? code : 1;
  } catch (cause) {
    if (codeOf(cause) !== 'ENOENT') throw cause;
    throw new BuildError(`${command}: there is no such program on this host`, { cause });
  } finally {
    signal.removeEventListener('abort', end);
  }
}

function killGroup(leader: number | undefined): void {
  if (leader === undefined) return;
  try {
    process.kill(-leader, 'SIGKILL');
  } catch (error) {
    // ESRCH: it has just ended by itself
    if (codeOf(error) !== 'ESRCH') throw error;
  }
}
