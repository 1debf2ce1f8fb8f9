// What the scripts share: the repository's root, running a command, and one way to give up.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** Prints one line and exits 1. */
export function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

/** Runs a command in the repository with our terminal, and gives its exit code (1 when it could not be started or was killed). */
export function run(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options });
  if (error) process.stderr.write(`${command}: ${error.message}\n`);
  return status ?? 1;
}

/** The path of a tool that the project installs for itself. */
export function tool(name) {
  return `${root}node_modules/.bin/${name}`;
}
