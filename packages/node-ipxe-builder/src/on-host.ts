import { basename, join } from 'node:path';
import { exists } from './cache.ts';
import { BuildError, versionOf } from './command.ts';
import { digestOf } from './digest.ts';
import { follow } from './follow.ts';
import type { Rooms, Shell, Toolchain, Tools } from './shell.ts';
import type { Needs } from './tools.ts';

/** The tools of this host. */
export const onHost: Toolchain = {
  name: 'host',
  async find(needs, { signal }) {
    return { ...(await survey(needs, signal)), open: (rooms, signal) => Promise.resolve(shellIn(rooms, signal)) };
  },
};

function shellIn(rooms: Rooms, signal: AbortSignal): Shell {
  return {
    run: ({ command, args }, { room, folder, env, onLine }) =>
      follow(command, args, { cwd: join(rooms[room], folder), env, base: surroundings(process.env), onLine, signal }),
    // a step that is interrupted has ended before it rejects
    close: () => Promise.resolve(),
  };
}

/**
 * What a step gets to know of this process's environment. Not more: make takes every variable for one of its own, and iPXE's would
 * embed a `CERT` or a `KEY`, and choose by `CONFIG` and `DEBUG`, which no manifest and no key of the cache would know of.
 */
function surroundings({ PATH, HOME, TMPDIR }: NodeJS.ProcessEnv): Readonly<Record<string, string | undefined>> {
  return { PATH, HOME, TMPDIR };
}

async function survey({ tools, files }: Needs, signal: AbortSignal): Promise<Omit<Tools, 'open'>> {
  const versions = await Promise.all(tools.map(({ command, ask }) => versionOf(command, ask, signal)));
  const isThere = await Promise.all(files.map(({ path }) => exists(path)));
  const missing = [
    ...tools
      .filter((_, index) => versions[index] === undefined)
      .map((tool) => ({ what: tool.command, from: tool.package })),
    ...files.filter((_, index) => isThere[index] === false).map((file) => ({ what: file.path, from: file.package })),
  ];
  if (missing.length > 0) {
    const list = missing.map(({ what, from }) => `${what} (package ${from})`).join(', ');
    const packages = [...new Set(missing.map(({ from }) => from))].join(' ');
    throw new BuildError(`missing on this host: ${list}; install with: apt-get install ${packages}`);
  }
  const digests = files.map(async ({ path }) => [basename(path), await digestOf(path)] as const);
  return {
    versions: Object.fromEntries(tools.map((tool, index) => [tool.package, versions[index] ?? ''])),
    files: Object.fromEntries(await Promise.all(digests)),
  };
}
