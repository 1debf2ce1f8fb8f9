/** What a record may hold. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [name: string]: Json;
}

/** One record. `version` is a positive number that never comes back for the same key. */
export interface Entry {
  readonly key: string;
  readonly version: number;
  readonly value: Json;
}

/** What became of a write: done, or refused because the record is no longer the one that the writer had seen. */
export type Written =
  | { readonly outcome: 'stored'; readonly version: number }
  | { readonly outcome: 'conflict'; readonly current: Entry | undefined };

/** One change of one record, as `write` takes it. */
export interface Write {
  readonly key: string;
  /** The version that the writer has seen; undefined: there must be no record. */
  readonly expected: number | undefined;
  /** Undefined deletes the record. */
  readonly value: Json | undefined;
}

/**
 * The port to durable state: versioned records with compare-and-set, under keys such as `lease/<address>` and
 * `machine/<mac>`. Memory and journal implement it and pass one contract suite.
 */
export interface Store {
  /** The durable records whose key begins with `prefix`, in no promised order. */
  load(prefix: string): Promise<Iterable<Entry>>;
  /**
   * Replaces one record if its version is still `expected` (undefined: there must be none); a `value` of undefined
   * deletes it. Resolves only when the change is durable, and a conflict only with what is durable.
   * Rejects with StoreUnwritable: then nothing was changed, and reading goes on. Writes take effect in call order.
   */
  write(key: string, expected: number | undefined, value: Json | undefined): Promise<Written>;
  /**
   * All of these writes or none, durably, also when the process dies in between: the versions in their order, or
   * undefined when one of the records is no longer the expected one. Rejects as `write` does. For rare, large changes.
   */
  writeAll(writes: readonly Write[]): Promise<readonly number[] | undefined>;
  /** Waits for the writes under way; later ones reject with StoreUnwritable. Safe to call twice. */
  close(): Promise<void>;
}

/** The store could not make a write durable, so it was not done. `code` is the system's (ENOSPC, EIO, …) or `CLOSED`. */
export class StoreUnwritable extends Error {
  override readonly name = 'StoreUnwritable';
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
