import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sowerCommand } from './sower.ts';
import { waitFor } from './waiting.ts';

/** How a command ended, and what it said. */
export interface Ended {
  /** The exit code, or the signal that ended it. */
  readonly code: unknown;
  readonly out: string;
  readonly err: string;
}

/** What `--json` tells. */
export interface Told {
  readonly files: readonly string[];
  readonly isNew: boolean;
  readonly manifest: Manifest;
}

export interface Manifest {
  readonly driver: string;
  readonly platforms: readonly string[];
  readonly script: unknown;
  readonly ca: unknown;
  readonly output: Readonly<Record<string, { readonly bytes: number; readonly sha256: string }>>;
  readonly inputs: {
    readonly source: Readonly<Record<string, string>>;
    readonly make: readonly string[];
    readonly files: Readonly<Record<string, string>>;
    readonly tools: Readonly<Record<string, string>>;
  };
}

/** A build that runs. */
export interface Building {
  /** Waits until its standard error matches. */
  says(text: RegExp): Promise<void>;
  signal(name: NodeJS.Signals): void;
  readonly ended: Promise<Ended>;
}

/** Runs `sower build` in a folder with a cache of its own. */
export interface Builder {
  readonly cache: string;
  start(words: readonly string[], environment?: Readonly<Record<string, string>>): Building;
  run(words: readonly string[], environment?: Readonly<Record<string, string>>): Promise<Ended>;
  /** A build that must succeed. */
  build(words: readonly string[]): Promise<Told>;
  /** The steps that the stand-in of iPXE has taken in all its trees, platform by platform. */
  steps(): Promise<readonly string[]>;
  /** Folders of builds that have not ended well. */
  leftovers(): Promise<readonly string[]>;
}

/** `environment` is all that the command knows, besides HOME and the cache in `folder`. */
export async function openBuilder(
  repository: string,
  folder: string,
  environment: Readonly<Record<string, string>>,
): Promise<Builder> {
  await mkdir(folder, { recursive: true });
  const cache = join(folder, 'sower');
  const own = { HOME: folder, PATH: process.env.PATH ?? '', XDG_CACHE_HOME: folder, ...environment };
  const start: Builder['start'] = (words, more = {}) =>
    watch(
      spawn(process.execPath, [sowerCommand(repository), 'build', ...words], { cwd: folder, env: { ...own, ...more } }),
    );
  const run: Builder['run'] = (words, more) => start(words, more).ended;
  const names = (below: string) => readdir(join(cache, below)).catch(() => []);
  return {
    cache,
    start,
    run,
    build: async (words) => {
      const { code, out, err } = await run([...words, '--json']);
      if (code !== 0) throw new Error(`sower build ${words.join(' ')}: exit ${String(code)}\n${err}`);
      return JSON.parse(out) as Told;
    },
    steps: async () => {
      const logs = (await names('trees')).map((tree) =>
        readFile(join(cache, 'trees', tree, 'src', 'steps.log'), 'utf8'),
      );
      return (await Promise.all(logs)).flatMap((text) => text.trim().split('\n')).toSorted();
    },
    leftovers: async () => {
      const all = await Promise.all(['media', 'trees', 'sources'].map(names));
      return all.flat().filter((name) => name.startsWith('.'));
    },
  };
}

function watch(child: ReturnType<typeof spawn>): Building {
  const said = { out: '', err: '' };
  child.stdout?.on('data', (chunk: Buffer) => (said.out += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (said.err += chunk.toString()));
  let isOver = false;
  const ended = once(child, 'close').then(([code, signal]: unknown[]) => {
    isOver = true;
    return { code: code ?? signal, ...said };
  });
  return {
    says: (text) =>
      waitFor(`the build says ${text}`, 60_000, () => {
        if (text.test(said.err)) return Promise.resolve(true);
        if (isOver) throw new Error(`the build ended and never said ${text}:\n${said.err}`);
        return Promise.resolve(undefined);
      }).then(() => undefined),
    signal: (name) => void child.kill(name),
    ended,
  };
}
