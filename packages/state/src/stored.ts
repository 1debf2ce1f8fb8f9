import type { Lease } from './lease.ts';

/** What the store holds of one address; `version` is undefined when it holds nothing. */
export interface Stored {
  readonly lease: Lease | undefined;
  readonly version: number | undefined;
  /** Until when the address is the client's by what is on disk: later than `lease.expires` (G-06), or 0. */
  readonly covered: number;
}

/** Whether the record on disk already says all that this lease says, for at least as long. */
export function covers({ lease: before, covered }: Stored, lease: Lease): boolean {
  return (
    before?.state === 'bound' &&
    before.mac === lease.mac &&
    before.subnet === lease.subnet &&
    before.clientId === lease.clientId &&
    before.hostname === lease.hostname &&
    covered >= lease.expires
  );
}
