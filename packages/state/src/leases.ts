import type { IPv4, Mac } from '@sower/net';
import type { SubnetPlan } from './allocate.ts';
import type { ImportOutcome } from './import-leases.ts';
import type { Lease } from './lease.ts';

/** Milliseconds. `now` is the wall clock; `monotonic` never jumps nor goes back, from any start (default: `now`). */
export interface Clock {
  now(): number;
  monotonic?(): number;
}

export type LeaseReport =
  /** A record that is no lease; it is left out, and overwritten when its address is given again. */
  | { readonly why: 'lease-record-bad'; readonly key: string }
  /** The clock is behind the store: these leases now end as long after now as they were long. */
  | { readonly why: 'clock-went-back'; readonly leases: number }
  /** These leases ended while nobody was looking, or the clock jumped: they are kept for half their length. */
  | { readonly why: 'leases-kept-in-grace'; readonly leases: number }
  /** More declines than a client may make in an hour; this one was ignored. */
  | { readonly why: 'decline-flood'; readonly mac: Mac; readonly address: string }
  /** A quarter of the pool is in quarantine; the decline was ignored. */
  | { readonly why: 'quarantine-full'; readonly subnet: string; readonly address: string };

/** What a client sent about itself, recorded with its lease: option 61 in hex, option 12. */
export interface ClientDetails {
  readonly clientId?: string | undefined;
  readonly hostname?: string | undefined;
}

/** One client's addresses in one subnet, as of now: to be asked before the event loop turns. */
export interface LeaseView {
  /** Bound or remembered, expired or not. */
  readonly known: IPv4 | undefined;
  /** The address to offer, given option 50; undefined: none is free. Changes nothing: `hold` it. */
  offer(requested: IPv4 | undefined): IPv4 | undefined;
  /** Whether the client may be committed to this address now. */
  mayHave(address: IPv4): boolean;
}

/** All leases of the appliance. No address is ever two clients', whatever the order of calls. */
export interface Leases {
  view(plan: SubnetPlan, mac: Mac): LeaseView;
  /** Keeps an offered address for the client, in memory only (A-32, G-07). Nothing happens if it may not have it. */
  hold(plan: SubnetPlan, mac: Mac, address: IPv4, seconds?: number): void;
  /**
   * Keeps an address that nobody has for the one who uses it without having been given it, in memory only and
   * whatever the plan would allow that one.
   */
  occupied(plan: SubnetPlan, by: Mac, address: IPv4, seconds: number): void;
  /** Traffic from an address that is held renews the hold for another minute. */
  extendHold(address: IPv4): void;
  dropHold(plan: SubnetPlan, mac: Mac): void;
  /**
   * Commits the client to the address for `seconds`. Resolves when that is on disk, at once if what is there
   * covers it (G-06); its former address in this subnet becomes free. Rejects with StoreUnwritable: then send no ACK.
   */
  bind(plan: SubnetPlan, mac: Mac, address: IPv4, seconds: number, details: ClientDetails): Promise<BindOutcome>;
  /** Ends the client's lease of this address, durably; it stays the previous owner. Others' leases are left alone. */
  release(plan: SubnetPlan, mac: Mac, address: IPv4): Promise<void>;
  /** Quarantines an address that is bound to or held for the client, durably and within the caps of A-36. */
  decline(plan: SubnetPlan, mac: Mac, address: IPv4): Promise<DeclineOutcome>;
  /** The client that an unexpired lease or hold entitles to speak from this address (D-13). */
  holderOf(address: IPv4): Mac | undefined;
  /** Every record, expired ones too, in wall-clock time. */
  all(): Iterable<Lease>;
  /**
   * Takes over leases with wall-clock times, all or none of them, durably. What is over, or older than what is known here
   * of the same address, is left out; what contradicts it refuses the import. Rejects with StoreUnwritable.
   */
  import(leases: readonly Lease[]): Promise<ImportOutcome>;
  /** Says which subnets there are from now on (their plans' keys): offers and free places of others are forgotten. */
  retain(subnets: ReadonlySet<string>): void;
  /** Entries kept in memory: grows with leases and pools, not with packets. */
  readonly retained: number;
  /** Records, heap items and bitmap words touched so far: the measure of G-08. */
  readonly visited: number;
  /** Waits for the writes under way. The store stays open: it is the caller's. */
  close(): Promise<void>;
}

export type BindOutcome = 'stored' | 'conflict';
export type DeclineOutcome = 'quarantined' | 'ignored';
