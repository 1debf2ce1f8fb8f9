import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { waitFor } from './waiting.ts';

/** A program that runs beside the tests, its output in a file. */
export interface Program {
  readonly name: string;
  readonly pid: number;
  readonly log: string;
  /** Everything it has written so far. */
  output(): Promise<string>;
  /** Waits until its output matches; throws when it ends before that, or after `within` milliseconds. */
  says(text: RegExp, within: number): Promise<RegExpExecArray>;
  /** The exit status, or the name of the signal that ended it; undefined while it runs. */
  ended(): number | NodeJS.Signals | undefined;
  /** Waits until it has ended by itself, and says how. Throws after `within` milliseconds. */
  exits(within: number): Promise<number | NodeJS.Signals>;
  /** Sends a signal. */
  signal(name: NodeJS.Signals): void;
  /** Ends it: SIGTERM, and SIGKILL after `patience` milliseconds. Gives how it ended. */
  stop(patience?: number): Promise<number | NodeJS.Signals>;
}

export interface Start {
  /** Else it runs in the host's own. */
  readonly namespace?: string;
  readonly name: string;
  readonly log: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Starts a program, perhaps in a namespace. `ip` and `setpriv` become the program, so that its process id is ours to signal; the kernel
 * kills it should this process die without having stopped it.
 */
export async function startProgram(start: Start): Promise<Program> {
  const output = openSync(start.log, 'w');
  const inside = start.namespace === undefined ? [] : ['ip', 'netns', 'exec', start.namespace];
  const [first = '', ...rest] = [...inside, 'setpriv', '--pdeathsig', 'KILL', '--', start.command, ...start.args];
  const child = spawn(first, rest, {
    stdio: ['ignore', output, output],
    env: { ...process.env, ...start.env },
    ...(start.cwd === undefined ? {} : { cwd: start.cwd }),
  });
  closeSync(output);
  await once(child, 'spawn');
  return program(start, child, child.pid ?? 0);
}

function program(start: Start, child: ChildProcess, pid: number): Program {
  const ended = (): number | NodeJS.Signals | undefined => child.exitCode ?? child.signalCode ?? undefined;
  const output = (): Promise<string> => readFile(start.log, 'utf8');

  const says = (text: RegExp, within: number): Promise<RegExpExecArray> =>
    waitFor(`${start.name} says ${text}`, within, async () => {
      const over = ended();
      const match = text.exec(await output());
      if (match === null && over !== undefined) throw new Error(`${start.name} ended (${over}) and never said ${text}`);
      return match ?? undefined;
    });

  const stop = async (patience = 5000): Promise<number | NodeJS.Signals> => {
    if (ended() === undefined) {
      const exit = once(child, 'exit');
      child.kill('SIGTERM');
      const late = new AbortController();
      const force = sleep(patience, undefined, { signal: late.signal }).then(
        () => child.kill('SIGKILL'),
        () => false,
      );
      await exit;
      late.abort();
      await force;
    }
    return ended() ?? 'SIGKILL';
  };

  const exits = (within: number) => waitFor(`${start.name} ends`, within, () => Promise.resolve(ended()));

  return {
    name: start.name,
    pid,
    log: start.log,
    output,
    says,
    ended,
    exits,
    signal: (name) => void child.kill(name),
    stop,
  };
}
