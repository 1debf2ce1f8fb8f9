import type { OpenFile } from './source.ts';

/** Bounds of the cache, in bytes: of one file, and of all of them together. */
export interface WholeFileLimits {
  readonly file: number;
  readonly total: number;
}

/** Content that stays held until `release`, which is safe to call twice. */
export interface Kept {
  readonly content: Uint8Array;
  readonly release: () => void;
}

/** Files held in memory as a whole, shared by everybody who reads the same version (C-33). */
export interface WholeFiles {
  /**
   * The whole content, or undefined when the file is too big to be held.
   * Rejects as `read` does. The file must stay open until this settles, and is not needed afterwards.
   */
  of(file: OpenFile): Promise<Uint8Array | undefined>;
  /** As `of`, for who uses the content for long: it is held, and counted, until it is released. */
  keep(file: OpenFile): Promise<Kept | undefined>;
  /** Bytes held or being loaded now, for metrics and tests. */
  readonly held: number;
}

interface Entry {
  readonly size: number;
  readonly content: Promise<Uint8Array>;
  /** How many keep it. */
  users: number;
}

/**
 * A cache of whole files by version; the least recently used go first, and none that somebody keeps. What finds no room beside
 * those is not held at all: else clients that ask for ever other versions would grow the memory without bound (F-T 41).
 */
export function wholeFiles(limits: WholeFileLimits): WholeFiles {
  const entries = new Map<string, Entry>(); // in order of use, oldest first
  let held = 0;

  const forget = (version: string, entry: Entry) => {
    if (entries.get(version) !== entry) return;
    entries.delete(version);
    held -= entry.size;
  };
  /** Whether there is room now. Nothing is forgotten for what would not fit anyway. */
  const makeRoom = (size: number): boolean => {
    const free = [...entries].filter(([, { users }]) => users === 0);
    if (held + size - free.reduce((sum, [, entry]) => sum + entry.size, 0) > limits.total) return false;
    for (const [version, entry] of free) {
      if (held + size <= limits.total) break;
      forget(version, entry);
    }
    return true;
  };
  const entryOf = (file: OpenFile): Entry | undefined => {
    const known = entries.get(file.version);
    if (known !== undefined) {
      entries.delete(file.version);
      entries.set(file.version, known);
      return known;
    }
    if (file.size > Math.min(limits.file, limits.total) || !makeRoom(file.size)) return undefined;
    const entry: Entry = { size: file.size, content: file.read(0, file.size), users: 0 };
    entries.set(file.version, entry);
    held += file.size;
    entry.content.catch(() => forget(file.version, entry));
    return entry;
  };

  return {
    of: (file) => entryOf(file)?.content ?? Promise.resolve(undefined),
    async keep(file) {
      const entry = entryOf(file);
      if (entry === undefined) return undefined;
      entry.users += 1;
      let released = false;
      const release = () => {
        if (!released) entry.users -= 1;
        released = true;
      };
      try {
        return { content: await entry.content, release };
      } catch (error) {
        release();
        throw error;
      }
    },
    get held() {
      return held;
    },
  };
}
