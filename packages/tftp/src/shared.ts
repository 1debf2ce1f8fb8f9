import type { OpenFile, Refused, WholeFiles } from '@sower/files';
import type { BulkSockets, Peer } from '@sower/net';
import type { Admission } from './admission.ts';
import type { Allowance } from './allowance.ts';
import type { Ceilings } from './ceiling.ts';
import type { Clock } from './clock.ts';
import type { Pacer } from './pace.ts';
import type { Report } from './report.ts';

/** Finds a file by its relative name. For files that differ by client: `peer` is who asks, `local` our address that was asked. */
export type FileFinder = (name: string, peer: Peer, local: string) => Promise<OpenFile | Refused>;

/** What all listeners and transfers of one server have in common. */
export interface Shared {
  readonly find: FileFinder;
  readonly cache: WholeFiles;
  readonly clock: Clock;
  readonly pacer: Pacer;
  /** Where the sockets of the transfers come from. */
  readonly sockets: BulkSockets;
  /** Whether transfers go through the listener's own port instead (C-01). */
  readonly singlePort: () => boolean;
  /** Requests that are being served now (C-30). */
  readonly places: Admission;
  /** Bytes to addresses that have not answered yet, by /24 network (C-28). */
  readonly unvalidated: Allowance;
  /** Answers to packets from a wrong port, by address (C-22). */
  readonly strangers: Allowance;
  /** Whether this peer may be sent anything at all (C-28, C-29). */
  readonly answerable: (peer: Peer) => boolean;
  readonly mtu: (local: string) => number;
  /** The largest block for everybody, in bytes (C-09). */
  readonly maxBlksize: () => number;
  /** What clients have shown of the way to them (C-09). */
  readonly ceilings: Ceilings;
  readonly onEvent: (report: Report) => void;
  readonly onFault: (error: Error, at: Peer) => void;
}

/** The /24 network of an IPv4 address, as a key. */
export function network24(address: string): string {
  return address.slice(0, address.lastIndexOf('.'));
}
