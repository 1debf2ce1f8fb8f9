import type { Kept, OpenFile, WholeFiles } from '@sower/files';
import { netasciiSize, toNetascii } from './netascii.ts';
import { packetised } from './packets.ts';
import { DATA_HEADER } from './wire/packet.ts';

/** The DATA packets of one transfer, so that windows can be cut out of memory without asking the file for each. */
export interface Content {
  /** Bytes of the file as they go over the wire, headers not counted. */
  readonly size: number;
  /** The packets of these blocks, one after the other; undefined when they are not in memory: `load` them first. */
  packets(first: number, last: number): Uint8Array | undefined;
  /** Brings these blocks into memory. Rejects as `OpenFile.read` does. */
  load(first: number, last: number): Promise<void>;
  close(): Promise<void>;
}

/** Larger texts are refused in mode netascii: they would have to be converted as a whole. */
export const NETASCII_MAX = 4 * 1024 * 1024;

/** Read at once from a file that is too big for the cache. */
const CHUNK = 256 * 1024;

/** The content of a file in blocks: whole from the cache where it fits there (C-33), in chunks otherwise. Takes the file over: it is closed in any case. */
export async function contentOf(file: OpenFile, blksize: number, cache: WholeFiles): Promise<Content> {
  const packets = packetised(file, blksize);
  const whole = await keepingOpen(file, () => cache.keep(packets));
  if (whole === undefined) return chunked(file.size, packets, blksize);
  await file.close();
  return inMemory(file.size, whole, blksize);
}

/** A file as its text goes over the wire in mode netascii, converted once for all readers; undefined when it is too big for that. Takes the file over. */
export async function netasciiOf(file: OpenFile, cache: WholeFiles): Promise<OpenFile | undefined> {
  const text = await keepingOpen(file, async () => (file.size > NETASCII_MAX ? undefined : await cache.of(file)));
  await file.close();
  if (text === undefined) return undefined;
  return {
    size: netasciiSize(text),
    modified: file.modified,
    version: `netascii ${file.version}`,
    read: (position, length) => Promise.resolve(toNetascii(text).subarray(position, position + length)),
    close: () => Promise.resolve(),
  };
}

async function keepingOpen<T>(file: OpenFile, use: () => Promise<T>): Promise<T> {
  try {
    return await use();
  } catch (error) {
    await file.close();
    throw error;
  }
}

function inMemory(size: number, { content, release }: Kept, blksize: number): Content {
  const each = blksize + DATA_HEADER;
  return {
    size,
    packets: (first, last) => content.subarray((first - 1) * each, last * each),
    load: () => Promise.resolve(),
    close() {
      release();
      return Promise.resolve();
    },
  };
}

function chunked(size: number, packets: OpenFile, blksize: number): Content {
  const each = blksize + DATA_HEADER;
  let start = 0;
  let chunk: Uint8Array = new Uint8Array(0);
  return {
    size,
    packets(first, last) {
      const from = (first - 1) * each - start;
      const to = Math.min(last * each, packets.size) - start;
      return from >= 0 && to <= chunk.length ? chunk.subarray(from, to) : undefined;
    },
    async load(first, last) {
      const position = (first - 1) * each;
      const blocks = Math.max(last - first + 1, Math.floor(CHUNK / each));
      chunk = await packets.read(position, blocks * each);
      start = position;
    },
    close: () => packets.close(),
  };
}
