import { formatIPv4, parseIPv4, parseMac, type IPv4, type Mac } from '@sower/net';
import { isObject, type Json } from './store.ts';

/** Who has, or last had, an address. Times are milliseconds since 1970. */
export interface Lease {
  readonly address: IPv4;
  /** The subnet it was given in, in CIDR notation. */
  readonly subnet: string;
  /** The client; of a quarantined address, the one that declined it. Leases go by MAC. */
  readonly mac: Mac;
  /** A bound lease may be past its end; it and a released one tell the previous owner. */
  readonly state: 'bound' | 'released' | 'quarantined';
  readonly since: number;
  readonly expires: number;
  /** Option 61 in hex, as last sent. */
  readonly clientId: string | undefined;
  readonly hostname: string | undefined;
}

/** A lease of this client in the subnet of that key; when it begins and ends is the caller's to say. */
export function boundLease(subnet: string, mac: Mac, address: IPv4): Lease {
  return { address, subnet, mac, state: 'bound', since: 0, expires: 0, clientId: undefined, hostname: undefined };
}

/** Keys in the store: one record for each address, so that no two leases of one address can exist. */
export const LEASE_PREFIX = 'lease/';

export function leaseKey(address: IPv4): string {
  return `${LEASE_PREFIX}${formatIPv4(address)}`;
}

export function encodeLease(lease: Lease): Json {
  const { subnet, mac, state, since, expires, clientId = null, hostname = null } = lease;
  return { subnet, mac, state, since, expires, clientId, hostname };
}

/** Reads a record back; undefined when it is no lease that this release could have written. */
export function decodeLease(key: string, value: Json | undefined): Lease | undefined {
  const address = key.startsWith(LEASE_PREFIX) ? parseIPv4(key.slice(LEASE_PREFIX.length)) : undefined;
  if (address === undefined || !isObject(value)) return undefined;
  const { subnet, state, since, expires, clientId, hostname } = value;
  const mac = typeof value.mac === 'string' ? parseMac(value.mac) : undefined;
  if (mac === undefined || typeof subnet !== 'string' || !isTime(since) || !isTime(expires)) return undefined;
  if (state !== 'bound' && state !== 'released' && state !== 'quarantined') return undefined;
  return { address, subnet, mac, state, since, expires, clientId: textOf(clientId), hostname: textOf(hostname) };
}

/** The lease with its times moved by so many milliseconds. */
export function shiftLease(lease: Lease, by: number): Lease {
  return { ...lease, since: lease.since + by, expires: lease.expires + by };
}

/**
 * What a record means to a process that starts at `now`, when the clock may have jumped since it was written.
 * `seen` is the latest time in any record. A record from the future keeps its length, counted from now. A lease that
 * ran out while nobody was looking is kept for half its length (T1 and more): if it is in use, it is renewed by then.
 */
export function wakeLease(lease: Lease, now: number, seen: number): Lease {
  const length = lease.expires - lease.since;
  if (lease.since > now) return { ...lease, since: now, expires: now + length };
  const unseen = lease.state === 'bound' && lease.expires <= now && lease.expires > seen;
  return unseen ? { ...lease, expires: now + length / 2 } : lease;
}

function isTime(value: Json | undefined): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function textOf(value: Json | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
