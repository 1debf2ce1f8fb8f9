import type { Problem } from '@sower/machines';
import { codeOf } from '@sower/net';

/** A start that cannot go on; the message is the one clear line, nothing is left open, and the exit code is 1. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

/** The data file has errors; the exit code is 2. */
export class DataError extends Error {
  override readonly name = 'DataError';
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(`the data file has ${problems.filter((problem) => problem.severity === 'error').length} error(s)`);
    this.problems = problems;
  }
}

/** The message of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** A UDP port that somebody else has, in the words that a person can act on. */
export async function explained<T>(what: string, address: string, port: number, opened: Promise<T>): Promise<T> {
  try {
    return await opened;
  } catch (error) {
    if (codeOf(error) !== 'EADDRINUSE') throw error;
    throw new Error(`Cannot listen on ${address}:${port}/udp for ${what}: another program has it`, { cause: error });
  }
}
