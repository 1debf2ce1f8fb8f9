import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** It could not be built, and the message says why and what to do. */
export class BuildError extends Error {
  override readonly name = 'BuildError';
}

export interface Surroundings {
  readonly cwd?: string;
  /** On top of this process's own environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Ends the command. */
  readonly signal: AbortSignal;
}

const TAIL_LINES = 15;

/** Runs a command to its end and gives what it wrote to standard output. BuildError with the end of its words when it fails. */
export async function run(command: string, args: readonly string[], around: Surroundings): Promise<string> {
  const { cwd, env, signal } = around;
  const options = {
    env: { ...process.env, ...env },
    signal,
    maxBuffer: 1 << 26,
    ...(cwd === undefined ? {} : { cwd }),
  };
  try {
    return (await execute(command, args, options)).stdout;
  } catch (cause) {
    signal.throwIfAborted();
    throw new BuildError(`${command} failed: ${lastWords(cause)}`, { cause });
  }
}

/** The version that a tool tells of itself; undefined when there is no such tool. */
export async function versionOf(command: string, ask: string, signal: AbortSignal): Promise<string | undefined> {
  try {
    const { stdout, stderr } = await execute(command, [ask], { signal });
    return /\d+\.\d[\w.+-]*/.exec(stdout + stderr)?.[0] ?? 'unknown';
  } catch (cause) {
    signal.throwIfAborted();
    if (codeOf(cause) === 'ENOENT') return undefined;
    throw new BuildError(`${command} ${ask} failed: ${lastWords(cause)}`, { cause });
  }
}

/** The code of a system error (`ENOENT`), or the exit code of a command; undefined for anything else. */
export function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  const { code } = error;
  return typeof code === 'string' || typeof code === 'number' ? String(code) : undefined;
}

/** The end of a text that went on too long. */
export function tailOf(lines: readonly string[]): string {
  return lines.slice(-TAIL_LINES).join('\n');
}

function lastWords(error: unknown): string {
  if (codeOf(error) === 'ENOENT') return 'there is no such program on this host';
  const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
  return said === '' ? String(error) : tailOf(said.split('\n'));
}
