import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '@sower/net';
import { DISK, JournalFile, type Disk } from './journal-file.ts';
import { readLines, type Damage, type Reading } from './lines.ts';
import { StoreUnwritable, type Entry, type Json, type Store, type Write, type Written } from './store.ts';
import { Table } from './table.ts';

/** What the journal has to tell its operator. The bytes of bad lines and tails are kept in `journal.bad`. */
export type JournalReport =
  /** A damaged or repeated line between good ones was left out. */
  | { readonly why: 'journal-bad-line'; readonly line: number; readonly bytes: number }
  /** This line and all after it were unreadable and cut: a write that a crash cut short, or damage. */
  | { readonly why: 'journal-bad-tail'; readonly line: number; readonly bytes: number }
  /** The first line is missing or damaged; what follows was read as this release's format. */
  | { readonly why: 'journal-header-lost' }
  /** Nothing can be stored for now; reading goes on, and each further write tries again. */
  | { readonly why: 'journal-unwritable'; readonly code: string; readonly message: string }
  | { readonly why: 'journal-writable-again' }
  /** The journal could not be shortened: it grows on, and the next try comes when it has grown as much again. */
  | { readonly why: 'journal-snapshot-failed'; readonly code: string; readonly message: string };

export interface JournalOptions {
  /** The state folder; made with mode 0700 when missing. */
  readonly folder: string;
  readonly report: (report: JournalReport) => void;
  readonly disk?: Disk;
  /** How many replaced records the file may carry before it is rewritten; it never is while more are live. */
  readonly slack?: number;
}

interface Waiting extends Write {
  readonly resolve: (written: Written) => void;
  readonly reject: (error: Error) => void;
}

interface WaitingSet {
  readonly writes: readonly Write[];
  readonly resolve: (versions: readonly number[] | undefined) => void;
  readonly reject: (error: Error) => void;
}

const SLACK = 4096;

/**
 * Opens the store in `<folder>/journal`, made when missing. Damage inside the file is reported and does not stop it.
 * Rejects when the file cannot be read, with ForeignJournal when another release wrote it, and with StoreUnwritable
 * when there is none and none can be made.
 */
export async function openJournal(options: JournalOptions): Promise<Store> {
  await mkdir(options.folder, { recursive: true, mode: 0o700 });
  const path = join(options.folder, 'journal');
  const bytes = await readIfThere(path);
  const reading = bytes === undefined ? undefined : readLines(bytes);
  for (const part of reading?.damage ?? []) options.report(describe(part));
  if (reading?.headerLost === true) options.report({ why: 'journal-header-lost' });
  const journal = new Journal(path, reading, options);
  await journal.begin(reading);
  return journal;
}

/** Group commit (G-04): one sync under way; everything asked for meanwhile goes into the next. */
class Journal implements Store {
  readonly #path: string;
  readonly #file: JournalFile;
  readonly #table: Table;
  readonly #slack: number;
  readonly #report: (report: JournalReport) => void;
  /** Damaged stretches that are not yet safe in `journal.bad`. */
  #damage: readonly Damage[];
  /** Records in the file, replaced ones included. */
  #records: number;
  /** After a failed rewrite, how many replaced records the file must have for the next try. */
  #retryAt = 0;
  #queue: Waiting[] = [];
  #sets: WaitingSet[] = [];
  #working: Promise<void> | undefined;
  #unwritable = false;
  #closed = false;

  constructor(path: string, reading: Reading | undefined, options: JournalOptions) {
    this.#path = path;
    this.#file = new JournalFile(path, options.disk ?? DISK);
    this.#table = new Table(reading?.entries, reading?.last);
    this.#slack = options.slack ?? SLACK;
    this.#report = options.report;
    this.#damage = reading?.damage ?? [];
    this.#records = reading?.records ?? 0;
  }

  /** Goes on with a sound file and rewrites a damaged one. If the disk refuses, what was read is still served. */
  async begin(reading: Reading | undefined): Promise<void> {
    const sound = reading !== undefined && !reading.headerLost && reading.damage.length === 0;
    try {
      await (sound ? this.#file.resume() : this.#rewrite());
    } catch (error) {
      const fault = this.#fault(error);
      if (reading === undefined) throw fault;
      this.#failed(fault);
    }
  }

  async load(prefix: string): Promise<Iterable<Entry>> {
    return this.#table.withPrefix(prefix);
  }

  write(key: string, expected: number | undefined, value: Json | undefined): Promise<Written> {
    if (this.#closed) return Promise.reject(new StoreUnwritable('CLOSED', 'the journal is closed'));
    return new Promise((resolve, reject) => {
      this.#queue.push({ key, expected, value, resolve, reject });
      this.#working ??= this.#work();
    });
  }

  writeAll(writes: readonly Write[]): Promise<readonly number[] | undefined> {
    if (this.#closed) return Promise.reject(new StoreUnwritable('CLOSED', 'the journal is closed'));
    return new Promise((resolve, reject) => {
      this.#sets.push({ writes, resolve, reject });
      this.#working ??= this.#work();
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#working;
    await this.#file.close();
  }

  async #work(): Promise<void> {
    while (this.#queue.length > 0 || this.#sets.length > 0) {
      const batch = this.#queue;
      this.#queue = [];
      await this.#commit(batch);
      const set = this.#sets.shift();
      if (set !== undefined) await this.#commitSet(set);
    }
    this.#working = undefined;
  }

  async #commit(batch: readonly Waiting[]): Promise<void> {
    const { written, changes } = this.#table.decide(batch);
    if (changes.length > 0) {
      try {
        if (!this.#file.trusted) await this.#rewrite();
        await this.#file.append(changes);
      } catch (error) {
        const fault = this.#fault(error);
        this.#failed(fault);
        for (const { reject } of batch) reject(fault);
        return;
      }
      this.#table.apply(changes);
      this.#records += changes.length;
      this.#worked();
    }
    for (const [index, outcome] of written.entries()) batch[index]?.resolve(outcome);
    const stale = this.#records - this.#table.size;
    if (stale >= Math.max(this.#slack, this.#table.size, this.#retryAt)) await this.#shorten(stale);
  }

  /** A crash can cut a batch of lines in two, but not a renamed file: all of a set is in a new journal. */
  async #commitSet({ writes, resolve, reject }: WaitingSet): Promise<void> {
    const changes = this.#table.decideAll(writes);
    if (changes !== undefined && changes.length > 0) {
      try {
        await this.#rewrite(this.#table.with(changes));
      } catch (error) {
        const fault = this.#fault(error);
        this.#failed(fault);
        reject(fault);
        return;
      }
      this.#table.apply(changes);
      this.#worked();
    }
    resolve(changes?.map(({ version }) => version));
  }

  /** Work in proportion: a rewrite of n records comes after at least n records that have gone stale. */
  async #shorten(stale: number): Promise<void> {
    try {
      await this.#rewrite();
    } catch (error) {
      const { code, message } = this.#fault(error);
      this.#retryAt = 2 * stale;
      this.#report({ why: 'journal-snapshot-failed', code, message });
    }
  }

  async #rewrite(table = this.#table): Promise<void> {
    await this.#file.keepDamage(this.#damage);
    this.#damage = [];
    await this.#file.replace(table.last, table.entries());
    this.#records = table.size;
    this.#retryAt = 0;
  }

  #failed({ code, message }: StoreUnwritable): void {
    if (!this.#unwritable) this.#report({ why: 'journal-unwritable', code, message });
    this.#unwritable = true;
  }

  #worked(): void {
    if (this.#unwritable) this.#report({ why: 'journal-writable-again' });
    this.#unwritable = false;
  }

  #fault(cause: unknown): StoreUnwritable {
    const reason = cause instanceof Error ? cause.message : String(cause);
    return new StoreUnwritable(codeOf(cause) ?? 'UNKNOWN', `cannot write ${this.#path}: ${reason}`, { cause });
  }
}

async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function describe({ line, tail, bytes }: Damage): JournalReport {
  return { why: tail ? 'journal-bad-tail' : 'journal-bad-line', line, bytes: bytes.length };
}
