import { formatIPv4 } from '@sower/net';
import { decodeLease, LEASE_PREFIX, type Lease } from './lease.ts';
import { isObject, type Json, type JsonObject } from './store.ts';

/*
 * Leases as a JSON document, to be kept, read by other programs, or taken to another host. Times are written as ISO 8601
 * in UTC; a field that is not known is null.
 */
const FORMAT = 'sower-leases';
const VERSION = 1;

/** What a document holds, or why it holds nothing that can be used: a line for each fault. */
export type LeaseFile = { readonly leases: readonly Lease[] } | { readonly problems: readonly string[] };

/** Writes all of these leases, by address. */
export function writeLeaseFile(leases: Iterable<Lease>): JsonObject {
  const sorted = [...leases].toSorted((a, b) => a.address - b.address);
  return { format: FORMAT, version: VERSION, leases: sorted.map(entryOf) };
}

/** Reads a document whole: one bad entry spoils it. */
export function readLeaseFile(document: Json): LeaseFile {
  if (!isObject(document) || document.format !== FORMAT) return { problems: [`not a file of format "${FORMAT}"`] };
  if (document.version !== VERSION) {
    return { problems: [`version ${JSON.stringify(document.version)}; this release reads version ${VERSION}`] };
  }
  if (!Array.isArray(document.leases)) return { problems: ['no list "leases"'] };
  const entries: readonly Json[] = document.leases;
  const leases = new Map<number, Lease>();
  const problems: string[] = [];
  for (const [index, entry] of entries.entries()) {
    const lease = leaseOf(entry);
    if (lease === undefined) problems.push(`entry ${index + 1} is no lease: ${JSON.stringify(entry).slice(0, 120)}`);
    else if (leases.has(lease.address)) problems.push(`entry ${index + 1} has ${formatIPv4(lease.address)} once more`);
    else leases.set(lease.address, lease);
  }
  return problems.length > 0 ? { problems } : { leases: [...leases.values()] };
}

function entryOf({ address, subnet, mac, state, since, expires, clientId, hostname }: Lease): JsonObject {
  const times = { since: new Date(since).toISOString(), expires: new Date(expires).toISOString() };
  const details = { clientId: clientId ?? null, hostname: hostname ?? null };
  return { address: formatIPv4(address), subnet, mac, state, ...times, ...details };
}

function leaseOf(entry: Json): Lease | undefined {
  if (!isObject(entry) || typeof entry.address !== 'string') return undefined;
  const [since, expires] = [timeOf(entry.since), timeOf(entry.expires)];
  if (since === undefined || expires === undefined || expires < since) return undefined;
  if (typeof entry.hostname === 'string' && /\p{Cc}/u.test(entry.hostname)) return undefined; // it is printed
  return decodeLease(`${LEASE_PREFIX}${entry.address}`, { ...entry, since, expires });
}

/** Only as it is written here: `Date` would guess at anything else. Of four-digit years, so that it can be shifted. */
function timeOf(text: Json | undefined): number | undefined {
  const time = typeof text === 'string' && /^\d{4}-/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) || new Date(time).toISOString() !== text ? undefined : time;
}
