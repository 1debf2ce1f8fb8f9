import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { headerLine, recordLine, type Damage } from './lines.ts';
import type { Entry } from './store.ts';
import type { Change } from './table.ts';

/** The two calls that durability depends on, to be counted or to fail in tests. */
export interface Disk {
  append(file: FileHandle, text: string): Promise<void>;
  sync(file: FileHandle): Promise<void>;
}

export const DISK: Disk = {
  append: (file, text) => file.appendFile(text),
  sync: (file) => file.datasync(),
};

/** Records that a snapshot encodes before it lets the event loop turn (G-05). */
const SLICE = 500;

/**
 * The journal on disk. After a failed write nobody knows what the file holds (a later sync would say "done" of pages
 * that the kernel has dropped), so it is then left alone until a whole new one has taken its place.
 */
export class JournalFile {
  readonly #path: string;
  readonly #disk: Disk;
  #handle: FileHandle | undefined;

  constructor(path: string, disk: Disk) {
    this.#path = path;
    this.#disk = disk;
  }

  /** Whether `append` may be called. */
  get trusted(): boolean {
    return this.#handle !== undefined;
  }

  /** Goes on with the sound file that is there. */
  async resume(): Promise<void> {
    this.#handle = await open(this.#path, 'a');
  }

  /** Adds records; resolves when they are on disk. Rejects with the system's error, and trusts the file no more. */
  async append(changes: readonly Change[]): Promise<void> {
    const handle = this.#handle;
    if (handle === undefined) throw new Error('the journal must be replaced before it is written');
    try {
      await this.#disk.append(handle, changes.map(recordLine).join(''));
      await this.#disk.sync(handle);
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  /**
   * Puts a file with just these records in the old one's place: write, sync, rename, sync of the folder. When it fails
   * before the rename, the old file is as good as before; when it fails after, neither is trusted.
   */
  async replace(last: number, entries: Iterable<Entry>): Promise<void> {
    const fresh = `${this.#path}.tmp`;
    const handle = await open(fresh, 'w', 0o600);
    try {
      for (const text of slices(last, entries)) await this.#disk.append(handle, text);
      await this.#disk.sync(handle);
      await rename(fresh, this.#path);
    } catch (error) {
      await quietly(handle.close());
      await quietly(rm(fresh, { force: true }));
      throw error;
    }
    await this.close();
    try {
      await syncFolder(dirname(this.#path));
    } catch (error) {
      await quietly(handle.close());
      throw error;
    }
    this.#handle = handle;
  }

  /** Keeps the bytes of damaged stretches in `<journal>.bad`, for whoever wants to look. */
  async keepDamage(damage: readonly Damage[]): Promise<void> {
    if (damage.length === 0) return;
    const handle = await open(`${this.#path}.bad`, 'a', 0o600);
    try {
      await handle.appendFile(Buffer.concat(damage.map((part) => part.bytes)));
      await handle.datasync();
    } finally {
      await handle.close();
    }
  }

  async close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    if (handle !== undefined) await quietly(handle.close());
  }
}

function* slices(last: number, entries: Iterable<Entry>): Generator<string> {
  let lines = [headerLine(last)];
  for (const entry of entries) {
    lines.push(recordLine({ key: entry.key, version: entry.version, entry }));
    if (lines.length >= SLICE) {
      yield lines.join('');
      lines = [];
    }
  }
  yield lines.join('');
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** What was to be made durable has been settled by a sync before, so a failing close has nothing to add. */
async function quietly(work: Promise<void>): Promise<void> {
  await work.catch(() => undefined);
}
