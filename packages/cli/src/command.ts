/** Does what a command is for, with the words after its name. Resolves with the exit code; rejects with UsageError for a wrong command line. */
export type Run = (words: readonly string[]) => Promise<number>;

/** One `sower` command. */
export interface Command {
  readonly name: string;
  /** The command line without `sower`. */
  readonly usage: string;
  readonly summary: string;
  /** Loads the code, which is most of the time that a short command takes. */
  load(): Promise<Run>;
}

/** The command line is wrong; the message says what. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Reads a command line with node:util's parseArgs; its complaints become UsageError. */
export function reading<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

/** The one file a command is about, given as `--data FILE` or as its only word. */
export function dataFile(named: string | undefined, positionals: readonly string[]): string {
  const [file = named, ...more] = positionals;
  if (file === undefined) throw new UsageError('which data file?');
  if (more.length > 0 || (named !== undefined && positionals.length > 0)) throw new UsageError('one data file, please');
  return file;
}
