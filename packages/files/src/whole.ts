import type { OpenFile } from './source.ts';

/** Bounds of the cache, in bytes: of one file, and of all of them together. */
export interface WholeFileLimits {
  readonly file: number;
  readonly total: number;
}

/** Files held in memory as a whole, shared by everybody who reads the same version (C-33). */
export interface WholeFiles {
  /**
   * The whole content, or undefined when the file is too big to be held.
   * Rejects as `read` does. The file must stay open until this settles, and is not needed afterwards.
   */
  of(file: OpenFile): Promise<Uint8Array | undefined>;
  /** Bytes held or being loaded now, for metrics and tests. */
  readonly held: number;
}

interface Entry {
  readonly size: number;
  readonly content: Promise<Uint8Array>;
}

/**
 * A cache of whole files by version; the least recently used go first.
 * The bound is on what the cache holds: content that a reader still uses lives until that reader lets go of it.
 */
export function wholeFiles(limits: WholeFileLimits): WholeFiles {
  const entries = new Map<string, Entry>(); // in order of use, oldest first
  let held = 0;

  const forget = (version: string, entry: Entry) => {
    if (entries.get(version) !== entry) return;
    entries.delete(version);
    held -= entry.size;
  };
  const makeRoom = (size: number) => {
    for (const [version, entry] of entries) {
      if (held + size <= limits.total) return;
      forget(version, entry);
    }
  };

  return {
    of(file) {
      const known = entries.get(file.version);
      if (known !== undefined) {
        entries.delete(file.version);
        entries.set(file.version, known);
        return known.content;
      }
      if (file.size > Math.min(limits.file, limits.total)) return Promise.resolve(undefined);
      makeRoom(file.size);
      const entry: Entry = { size: file.size, content: file.read(0, file.size) };
      entries.set(file.version, entry);
      held += file.size;
      entry.content.catch(() => forget(file.version, entry));
      return entry.content;
    },
    get held() {
      return held;
    },
  };
}
