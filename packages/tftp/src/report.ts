import type { Peer } from '@sower/net';
import type { TransferOutcome } from './transfer.ts';

/**
 * How a request ended: as its transfer did, or before one began. `missing` is normal, clients probe for many names (C-26).
 * `write`, `mode`, `empty`: refused requests. `malformed`: no request at all. `unserved`: from an address or port that is never answered.
 * `overload`: dropped without an answer, so that the client tries again (C-30).
 */
export type Outcome =
  TransferOutcome | 'missing' | 'forbidden' | 'write' | 'mode' | 'empty' | 'malformed' | 'unserved' | 'overload';

/** One line for the log: each request ends in exactly one of these. */
export interface Report {
  readonly peer: Peer;
  /** The address of this host that was asked; on a socket for all addresses, the one that answers. */
  readonly local: string;
  /** The name as it was asked for, printable. Empty when there was none. */
  readonly file: string;
  /** Bytes of the file, when one was found. */
  readonly size: number | undefined;
  readonly outcome: Outcome;
  /** The reason in words, for the log only; may be empty. */
  readonly detail: string;
  /** Payload bytes that the client has acknowledged. */
  readonly bytes: number;
  /** DATA packets sent more than once. */
  readonly resent: number;
  /** From the request to its end. */
  readonly ms: number;
  /** The options agreed on. */
  readonly options: Readonly<Record<string, number>>;
}
