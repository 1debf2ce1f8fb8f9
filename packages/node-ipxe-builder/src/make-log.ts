import { tailOf } from './command.ts';
import { putText } from './put.ts';

/** What a long command says: all of it for a file, a little of it for the screen. */
export interface Log {
  readonly onLine: (line: string) => void;
  /** Writes everything to the file. */
  save(): Promise<void>;
  /** The last lines. */
  tail(): string;
}

/** One of so many steps is shown: thirty lines for a whole iPXE. */
const SHOWN = 50;

/** A step of iPXE's Makefile, in its short form: `  [BUILD] bin/tcp.o`. */
const STEP = /^\s*\[[\w-]+\]\s+(\S+)/;

/** The log of one `make`, told to `progress` as a counter and what it is at. */
export function createLog(title: string, file: string, progress: (line: string) => void): Log {
  const lines: string[] = [];
  let steps = 0;
  return {
    onLine: (line) => {
      lines.push(line);
      const target = STEP.exec(line)?.[1];
      if (target === undefined) return;
      steps += 1;
      if (steps === 1 || steps % SHOWN === 0) progress(`${title}: step ${steps}, ${target}`);
    },
    save: () => putText(`${lines.join('\n')}\n`, file),
    tail: () => tailOf(lines),
  };
}
