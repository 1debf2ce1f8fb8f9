import { BuildError, tailOf } from './command.ts';
import type { Workshop } from './driver.ts';
import type { Step } from './plan.ts';
import type { Needs } from './tools.ts';

/** Folders of this host that steps may work in: the build tree, and what belongs to one build. */
export interface Rooms {
  readonly tree: string;
  readonly work: string;
}

/** Where and how one step runs. */
export interface Place {
  readonly room: keyof Rooms;
  /** The folder inside the room; empty: the room itself. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  /** Hears each line that the step writes. */
  readonly onLine: (line: string) => void;
}

/** A place where steps run: this host, or a container on it. */
export interface Shell {
  /** Gives the exit code. An interruption ends the step and rejects with the signal's reason. */
  run(step: Step, place: Place): Promise<number>;
  /** Ends everything that still runs. */
  close(): Promise<void>;
}

/** One kind of place where the tools may be. */
export interface Toolchain {
  readonly name: 'host' | 'docker';
  /** Finds, or makes, a place that has everything. BuildError names all that is missing, each with its package. */
  find(needs: Needs, workshop: Workshop): Promise<Tools>;
}

/** Tools that are there, and a shell to use them in. */
export interface Tools {
  /** Their versions, by package. */
  readonly versions: Readonly<Record<string, string>>;
  /** SHA-256 of the system's files, where no package's version stands for them. */
  readonly files: Readonly<Record<string, string>>;
  open(rooms: Rooms, signal: AbortSignal): Promise<Shell>;
}

/** Opens a shell for as long as `work` lasts. */
export async function withShell<T>(
  tools: Tools,
  rooms: Rooms,
  signal: AbortSignal,
  work: (shell: Shell) => Promise<T>,
): Promise<T> {
  const shell = await tools.open(rooms, signal);
  try {
    return await work(shell);
  } finally {
    await shell.close();
  }
}

/** Runs a step that must succeed: BuildError with the end of what it said. */
export async function mustRun(shell: Shell, step: Step, place: Omit<Place, 'onLine'>): Promise<void> {
  const said: string[] = [];
  const code = await shell.run(step, { ...place, onLine: (line) => said.push(line) });
  if (code !== 0) throw new BuildError(`${step.command} failed: ${tailOf(said) || `exit code ${code}`}`);
}
