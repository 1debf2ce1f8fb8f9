import { constants, type BigIntStats } from 'node:fs';
import { open, realpath, type FileHandle } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { OpenFile, Refused, Source } from './source.ts';

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

const UNSAFE = /[\p{Cc}\\]/u;

/**
 * The regular files below one folder, read-only (C-24, D-10).
 * Links may lead anywhere inside the folder, never out of it. The folder itself may be a link, may be replaced, and may be absent.
 */
export function folder(root: string): Source {
  return {
    async open(name) {
      const unsafe = whyUnsafe(name);
      if (unsafe !== undefined) return { refused: 'forbidden', detail: unsafe };
      try {
        return await openInside(await realpath(root), name);
      } catch (error) {
        const refused = refusalOf(error);
        if (refused === undefined) throw error;
        return refused;
      }
    },
  };
}

/** The refusal that a system error stands for, if it says something about the name rather than about this machine. */
export function refusalOf(error: unknown): Refused | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined;
  const refused = REFUSALS.get(error.code);
  return refused === undefined ? undefined : { refused, detail: error.message };
}

function whyUnsafe(name: string): string | undefined {
  if (UNSAFE.test(name)) return 'control character or backslash in the name';
  const bad = name.split('/').find((segment) => segment === '' || segment === '.' || segment === '..');
  return bad === undefined ? undefined : `segment "${bad}" in the name`;
}

async function openInside(root: string, name: string): Promise<OpenFile | Refused> {
  const path = await realpath(join(root, name));
  const inside = root.endsWith(sep) ? root : root + sep;
  if (!path.startsWith(inside)) return { refused: 'forbidden', detail: `leads out of the folder, to ${path}` };
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
