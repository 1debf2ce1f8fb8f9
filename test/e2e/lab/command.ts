import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** Runs a command to its end and gives its standard output. Throws with the command line and what it said when it fails. */
export async function run(command: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await execute(command, args, { maxBuffer: 1 << 26 });
  return stdout;
}
