import { LeaseBook } from './lease-book.ts';
import { decodeLease, LEASE_PREFIX, wakeLease, type Lease } from './lease.ts';
import type { Clock, LeaseReport, Leases } from './leases.ts';
import { Ledger } from './ledger.ts';
import type { Store } from './store.ts';

/** Reads the leases of a store. Rejects when the store cannot be read. */
export async function openLeases(store: Store, clock: Clock, report: (report: LeaseReport) => void): Promise<Leases> {
  const monotonic = (): number => clock.monotonic?.() ?? clock.now();
  const offset = clock.now() - monotonic();
  const ledger = new Ledger(() => Math.floor(monotonic() + offset));
  await fill(ledger, store, report);
  return new LeaseBook(ledger, store, clock, report);
}

async function fill(ledger: Ledger, store: Store, report: (report: LeaseReport) => void): Promise<void> {
  const found: { readonly lease: Lease; readonly version: number }[] = [];
  for (const { key, value, version } of await store.load(LEASE_PREFIX)) {
    const lease = decodeLease(key, value);
    if (lease === undefined) report({ why: 'lease-record-bad', key });
    else found.push({ lease, version });
  }
  found.sort((a, b) => a.lease.since - b.lease.since);
  const now = ledger.now();
  const seen = found.at(-1)?.lease.since ?? 0;
  let ahead = 0;
  let grace = 0;
  for (const { lease, version } of found) {
    const woken = wakeLease(lease, now, seen);
    if (lease.since > now) ahead += 1;
    else if (woken !== lease) grace += 1;
    ledger.record(lease.address, { lease: woken, version, covered: woken === lease ? lease.expires : 0 });
  }
  if (ahead > 0) report({ why: 'clock-went-back', leases: ahead });
  if (grace > 0) report({ why: 'leases-kept-in-grace', leases: grace });
}
