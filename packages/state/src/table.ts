import type { Entry, Write, Written } from './store.ts';

/** One accepted write: what it makes of the record (`entry` undefined: deleted) and its version. */
export interface Change {
  readonly key: string;
  readonly version: number;
  readonly entry: Entry | undefined;
}

/** The outcome of each write of a batch, in order, and the changes that make it true. */
export interface Decision {
  readonly written: readonly Written[];
  readonly changes: readonly Change[];
}

/** The records in memory, oldest version first. Deciding and applying are two steps, so that a disk can come between. */
export class Table {
  readonly #entries: Map<string, Entry>;
  #last: number;

  /** `entries` in ascending order of version; `last` is the highest version ever given, deleted records included. */
  constructor(entries: Map<string, Entry> = new Map<string, Entry>(), last = 0) {
    this.#entries = entries;
    this.#last = last;
  }

  get size(): number {
    return this.#entries.size;
  }

  get last(): number {
    return this.#last;
  }

  entries(): IterableIterator<Entry> {
    return this.#entries.values();
  }

  withPrefix(prefix: string): Entry[] {
    return [...this.#entries.values()].filter((entry) => entry.key.startsWith(prefix));
  }

  /** Compares and sets on paper: each write sees those before it in the batch. */
  decide(writes: readonly Write[]): Decision {
    const ahead = new Map<string, Entry | undefined>();
    const written: Written[] = [];
    const changes: Change[] = [];
    for (const { key, expected, value } of writes) {
      const current = ahead.has(key) ? ahead.get(key) : this.#entries.get(key);
      if (current?.version !== expected) {
        written.push({ outcome: 'conflict', current });
        continue;
      }
      const version = this.#last + changes.length + 1;
      const entry = value === undefined ? undefined : { key, version, value };
      ahead.set(key, entry);
      changes.push({ key, version, entry });
      written.push({ outcome: 'stored', version });
    }
    return { written, changes };
  }

  /** The changes that make all of the writes true; undefined when one of them is refused. */
  decideAll(writes: readonly Write[]): readonly Change[] | undefined {
    const { changes } = this.decide(writes);
    return changes.length === writes.length ? changes : undefined;
  }

  /** A copy with these changes applied. */
  with(changes: readonly Change[]): Table {
    const copy = new Table(new Map(this.#entries), this.#last);
    copy.apply(changes);
    return copy;
  }

  apply(changes: readonly Change[]): void {
    for (const { key, version, entry } of changes) {
      this.#last = version;
      this.#entries.delete(key);
      if (entry !== undefined) this.#entries.set(key, entry);
    }
  }
}
