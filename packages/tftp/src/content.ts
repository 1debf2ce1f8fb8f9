import type { OpenFile, WholeFiles } from '@sower/files';
import { netasciiSize, toNetascii } from './netascii.ts';

/** The bytes of one transfer, so that blocks can be cut out of memory without asking the file for each. */
export interface Content {
  readonly size: number;
  /** So many bytes at a position, fewer only at the end; undefined when they are not in memory: `load` them first. */
  slice(position: number, length: number): Uint8Array | undefined;
  /** Brings a range into memory. Rejects as `OpenFile.read` does. */
  load(position: number, length: number): Promise<void>;
  close(): Promise<void>;
}

/** Larger texts are refused in mode netascii: they would have to be converted as a whole. */
export const NETASCII_MAX = 4 * 1024 * 1024;

/** Read at once from a file that is too big for the cache. */
const CHUNK = 256 * 1024;

/** The content of a file: whole from the cache where it fits there (C-33), in chunks otherwise. Takes the file over: it is closed in any case. */
export async function contentOf(file: OpenFile, cache: WholeFiles): Promise<Content> {
  const whole = await keepingOpen(file, () => cache.of(file));
  if (whole === undefined) return chunked(file);
  await file.close();
  return inMemory(whole);
}

/** The same in mode netascii, converted once for all readers; undefined when the file is too big for that. Takes the file over. */
export async function netasciiContentOf(file: OpenFile, cache: WholeFiles): Promise<Content | undefined> {
  const converted = await keepingOpen(file, async () => {
    const text = file.size > NETASCII_MAX ? undefined : await cache.of(file);
    if (text === undefined) return undefined;
    return await cache.of({
      size: netasciiSize(text),
      modified: file.modified,
      version: `netascii ${file.version}`,
      read: () => Promise.resolve(toNetascii(text)),
      close: () => Promise.resolve(),
    });
  });
  await file.close();
  return converted === undefined ? undefined : inMemory(converted);
}

async function keepingOpen<T>(file: OpenFile, use: () => Promise<T>): Promise<T> {
  try {
    return await use();
  } catch (error) {
    await file.close();
    throw error;
  }
}

function inMemory(whole: Uint8Array): Content {
  return {
    size: whole.length,
    slice: (position, length) => whole.subarray(position, position + length),
    load: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}

function chunked(file: OpenFile): Content {
  let start = 0;
  let chunk: Uint8Array = new Uint8Array(0);
  return {
    size: file.size,
    slice(position, length) {
      const from = position - start;
      const wanted = Math.min(length, file.size - position);
      return from >= 0 && from + wanted <= chunk.length ? chunk.subarray(from, from + wanted) : undefined;
    },
    async load(position, length) {
      chunk = await file.read(position, Math.max(length, CHUNK));
      start = position;
    },
    close: () => file.close(),
  };
}
