import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';

/** SHA-256 in hex. */
export function digest(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** SHA-256 of a file, in hex. */
export async function digestOf(file: string): Promise<string> {
  return digest(await readFile(file));
}
