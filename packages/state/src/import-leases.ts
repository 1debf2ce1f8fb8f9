import { contains, parseSubnet } from '@sower/net';
import { encodeLease, leaseKey, shiftLease, type Lease } from './lease.ts';
import type { Ledger } from './ledger.ts';
import type { Store } from './store.ts';

/** Why a lease cannot be taken over. */
export interface ImportConflict {
  readonly lease: Lease;
  readonly why:
    /** The subnet is none, or the address is not in it. */
    | 'not-in-subnet'
    /** Somebody else has the address, or is being given it; or it is quarantined. */
    | 'address-taken'
    /** The client has another address in this subnet, here or in the same import. */
    | 'client-has-another';
}

/** What became of an import: all of it was done, or nothing. */
export type ImportOutcome =
  /** `kept`: leases that are older than what is known here, which stays. */
  | { readonly outcome: 'imported'; readonly taken: number; readonly kept: number }
  | { readonly outcome: 'refused'; readonly conflicts: readonly ImportConflict[] }
  /** One of the addresses changed hands in that very moment. */
  | { readonly outcome: 'changed-meanwhile' };

/**
 * Takes over leases whose times are the ledger's, `drift` behind the wall clock. Resolves when all are on disk, in one
 * piece; rejects with StoreUnwritable when none is.
 */
export async function importLeases(
  ledger: Ledger,
  store: Store,
  leases: readonly Lease[],
  drift: number,
): Promise<ImportOutcome> {
  ledger.expire();
  const { taken, conflicts } = sift(ledger, leases);
  if (conflicts.length > 0) return { outcome: 'refused', conflicts };
  for (const { address, mac } of taken) ledger.claim(address, mac);
  try {
    const writes = taken.map((lease) => ({
      key: leaseKey(lease.address),
      expected: ledger.stored(lease.address).version,
      value: encodeLease(shiftLease(lease, drift)),
    }));
    const versions = await store.writeAll(writes);
    if (versions === undefined) return { outcome: 'changed-meanwhile' };
    for (const [index, lease] of taken.entries()) {
      ledger.record(lease.address, { lease, version: versions[index], covered: lease.expires });
    }
  } finally {
    for (const { address } of taken) ledger.unclaim(address);
  }
  return { outcome: 'imported', taken: taken.length, kept: leases.length - taken.length };
}

/** Which of the leases are news, and which contradict what is known. Oldest first: a client's latest address counts. */
function sift(ledger: Ledger, leases: readonly Lease[]) {
  const taken: Lease[] = [];
  const conflicts: ImportConflict[] = [];
  const given = new Set<string>();
  for (const lease of leases.toSorted((a, b) => a.since - b.since)) {
    const why = given.has(holding(lease)) && isLive(ledger, lease) ? 'client-has-another' : judge(ledger, lease);
    if (why === 'known-better') continue;
    if (why !== 'news') conflicts.push({ lease, why });
    else taken.push(lease);
    if (why === 'news' && isLive(ledger, lease)) given.add(holding(lease));
  }
  return { taken, conflicts };
}

/** What one lease of an import is, by what is known here. */
function judge(ledger: Ledger, lease: Lease): 'news' | 'known-better' | ImportConflict['why'] {
  const { address, mac } = lease;
  const subnet = parseSubnet(lease.subnet);
  if (subnet === undefined || !contains(subnet, address)) return 'not-in-subnet';
  const here = ledger.stored(address).lease;
  const former = ledger.known(subnet, mac);
  if (here?.mac === mac && here.since >= lease.since) return 'known-better';
  const isOver = lease.state === 'released' || lease.expires <= ledger.now();
  if (isOver && here?.mac !== mac && (here !== undefined || former !== undefined)) return 'known-better';
  if (!ledger.open(address, mac)) return 'address-taken';
  const hasAnother = former !== undefined && former !== address && ledger.leaseOf(former, mac) !== undefined;
  return hasAnother && isLive(ledger, lease) ? 'client-has-another' : 'news';
}

function isLive(ledger: Ledger, { state, expires }: Lease): boolean {
  return state === 'bound' && expires > ledger.now();
}

/** A client has one address in one subnet. */
function holding({ mac, subnet }: Lease): string {
  return `${mac} ${subnet}`;
}
