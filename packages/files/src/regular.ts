import { constants, type BigIntStats } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import type { OpenFile, Refused } from './source.ts';

/** The file is not any more what it was when it was opened (C-31). */
export class FileChanged extends Error {
  override readonly name = 'FileChanged';
}

/** System errors that say something about the name. All others (EMFILE, EIO, …) are faults and reject. */
const REFUSALS: ReadonlyMap<string, Refused['refused']> = new Map([
  ['ENOENT', 'missing'],
  ['ENOTDIR', 'missing'],
  ['ENAMETOOLONG', 'missing'],
  ['ELOOP', 'forbidden'],
  ['EACCES', 'forbidden'],
  ['EPERM', 'forbidden'],
  ['ENXIO', 'forbidden'],
]);

/** A FIFO or a device must not hold up the open; the last segment is real already, a link there now is a trick. */
const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW;

/** The refusal that a system error stands for, if it says something about the name rather than about this machine. */
export function refusalOf(error: unknown): Refused | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined;
  const refused = REFUSALS.get(error.code);
  return refused === undefined ? undefined : { refused, detail: error.message };
}

/** What `opening` gives, with the system errors that say something about the name as refusals. */
export async function orRefused(opening: () => Promise<OpenFile | Refused>): Promise<OpenFile | Refused> {
  try {
    return await opening();
  } catch (error) {
    const refused = refusalOf(error);
    if (refused === undefined) throw error;
    return refused;
  }
}

/** Opens a regular file for reading; `path` is real, without links. A system error that says nothing about the name rejects. */
export async function openRegular(path: string): Promise<OpenFile | Refused> {
  const handle = await open(path, FLAGS);
  try {
    const stats = await handle.stat({ bigint: true });
    if (stats.isFile()) return openFile(handle, stats);
  } catch (error) {
    await handle.close();
    throw error;
  }
  await handle.close();
  return { refused: 'forbidden', detail: `not a regular file: ${path}` };
}

function openFile(handle: FileHandle, stats: BigIntStats): OpenFile {
  const version = versionOf(stats);
  return {
    size: Number(stats.size),
    modified: Number(stats.mtimeMs),
    version,
    async read(position, length) {
      const content = await readFully(handle, position, Math.min(length, Number(stats.size) - position));
      // After the read, so that bytes of another version are never handed on.
      if (versionOf(await handle.stat({ bigint: true })) !== version) throw new FileChanged('the file was changed');
      return content;
    },
    close: () => handle.close(),
  };
}

async function readFully(handle: FileHandle, position: number, length: number): Promise<Uint8Array> {
  if (length <= 0) return new Uint8Array(0);
  const content = Buffer.allocUnsafeSlow(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await handle.read(content, filled, length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return content.subarray(0, filled);
}

function versionOf(stats: BigIntStats): string {
  return [stats.dev, stats.ino, stats.size, stats.mtimeNs].map((part) => part.toString(36)).join('-');
}
