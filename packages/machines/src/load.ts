import { readFile } from 'node:fs/promises';
import type { ParseOptions } from './appliance.ts';
import { parseInventory, type Parsed } from './parse.ts';

/** A data file as it was read: its text, unless it could not be read, and what is in it. */
export interface Loaded extends Parsed {
  readonly text: string | undefined;
}

/** Reads and parses a data file; one that cannot be read is a problem like any other. */
export async function loadInventory(file: string, options: ParseOptions = {}): Promise<Loaded> {
  try {
    const text = await readFile(file, 'utf8');
    return { text, ...parseInventory(text, file, options) };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown fault';
    const what = code === 'ENOENT' ? 'the data file is not there' : `the data file cannot be read: ${code}`;
    const hint = 'check its path and its permissions';
    return {
      text: undefined,
      inventory: undefined,
      problems: [{ file, line: 1, column: 1, severity: 'error', what, hint }],
    };
  }
}
