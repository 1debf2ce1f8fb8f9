/** Why a name gives no file. `missing`: nothing there. `forbidden`: outside the root, not a regular file, or not readable. */
export interface Refused {
  readonly refused: 'missing' | 'forbidden';
  /** For the log only, never for a client: what exactly was in the way. */
  readonly detail: string;
}

/**
 * A file that is open: what was opened stays what is read, even when another file takes its name (C-31).
 * Whoever opened it closes it.
 */
export interface OpenFile {
  /** Bytes, at the time it was opened. */
  readonly size: number;
  /** Last change in ms since 1970, at the time it was opened. */
  readonly modified: number;
  /** Changes whenever the content may have changed (dev, ino, size, mtime): the stuff of a strong ETag. */
  readonly version: string;
  /** Reads up to `length` bytes at `position`; fewer only at the end of the file. Rejects when the file has changed since it was opened. */
  read(position: number, length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** Where named files come from. A name is relative, with `/` between its segments, and already decoded by the protocol that brought it. */
export interface Source {
  open(name: string): Promise<OpenFile | Refused>;
}
