import { contains, inRange, type AddressRange, type IPv4, type Mac, type Subnet } from '@sower/net';
import type { Places, SubnetPlan } from './allocate.ts';
import { Deadlines } from './deadlines.ts';
import type { Lease } from './lease.ts';
import { Pools } from './pools.ts';
import type { Stored } from './stored.ts';

interface Hold {
  readonly mac: Mac;
  readonly subnet: string;
  readonly until: number;
}

interface Slot {
  stored: Stored;
  hold: Hold | undefined;
  /** Whose bind is on its way to the disk, and how many of them. */
  claim: { readonly mac: Mac; readonly count: number } | undefined;
}

const NOTHING: Stored = { lease: undefined, version: undefined, covered: 0 };
/** Offers remembered in one subnet; beyond it the oldest is forgotten. */
const HOLDS = 4096;

/**
 * The addresses in memory: what is bound, offered, on its way to the disk, quarantined or free, each found without a
 * search (G-08). All times are milliseconds of `now`, which must not go back.
 */
export class Ledger {
  readonly now: () => number;
  readonly #slots = new Map<IPv4, Slot>();
  /** Latest address first; at most one in each subnet. */
  readonly #byMac = new Map<Mac, readonly IPv4[]>();
  readonly #holds = new Map<string, Map<Mac, IPv4>>();
  readonly #quarantined = new Set<IPv4>();
  readonly #busyUntil = new Deadlines<IPv4>();
  readonly #pools = new Pools();
  #lookups = 0;

  constructor(now: () => number) {
    this.now = now;
  }

  /** Records, heap items and bitmap words touched so far: the measure of G-08. */
  get visited(): number {
    return this.#pools.reads + this.#lookups + this.#busyUntil.moves;
  }

  /** Entries of all indexes: what grows with leases and pools, and must not grow with packets. */
  get retained(): number {
    const held = [...this.#holds.values()].reduce((sum, { size }) => sum + 1 + size, 0);
    return (
      this.#slots.size + this.#byMac.size + held + this.#quarantined.size + this.#busyUntil.size + this.#pools.size
    );
  }

  /** Forgets pools and offers of all other subnets: they have been configured away. Leases stay. */
  retain(subnets: ReadonlySet<string>): void {
    this.#pools.retain(subnets);
    for (const [key, holds] of this.#holds) {
      if (subnets.has(key)) continue;
      for (const mac of holds.keys()) this.dropHold(key, mac);
      this.#holds.delete(key);
    }
  }

  /** Frees what has run out. To be called before a decision. */
  expire(): void {
    const now = this.now();
    for (let address = this.#busyUntil.due(now); address !== undefined; address = this.#busyUntil.due(now)) {
      this.#settle(address);
    }
  }

  stored(address: IPv4): Stored {
    return this.#slot(address)?.stored ?? NOTHING;
  }

  *leases(): Generator<Lease> {
    for (const { stored } of this.#slots.values()) if (stored.lease !== undefined) yield stored.lease;
  }

  /** Nobody else is bound to, is being given, or was offered the address, and it is not quarantined. */
  open(address: IPv4, mac: Mac): boolean {
    const slot = this.#slot(address);
    if (slot === undefined) return true;
    const { claim, hold, stored } = slot;
    if (claim !== undefined && claim.mac !== mac) return false;
    if (hold !== undefined && hold.mac !== mac && hold.until > this.now()) return false;
    if (stored.lease === undefined || stored.lease.state === 'released' || stored.lease.expires <= this.now())
      return true;
    return stored.lease.state === 'bound' && stored.lease.mac === mac;
  }

  /** The unexpired lease of this address, if it is this client's. */
  leaseOf(address: IPv4, mac: Mac): Lease | undefined {
    const { lease } = this.stored(address);
    return lease?.state === 'bound' && lease.mac === mac && lease.expires > this.now() ? lease : undefined;
  }

  /** The address that this client has or last had in this subnet. */
  known(subnet: Subnet, mac: Mac): IPv4 | undefined {
    return this.#byMac.get(mac)?.find((address) => contains(subnet, address));
  }

  heldFor(subnet: string, mac: Mac): IPv4 | undefined {
    const address = this.#holds.get(subnet)?.get(mac);
    return address !== undefined && this.isHeld(address, mac) ? address : undefined;
  }

  isHeld(address: IPv4, mac: Mac): boolean {
    const hold = this.#slot(address)?.hold;
    return hold !== undefined && hold.mac === mac && hold.until > this.now();
  }

  /** Who may speak from this address now (D-13). */
  holderOf(address: IPv4): Mac | undefined {
    const slot = this.#slot(address);
    const owner = slot?.stored.lease?.mac ?? slot?.hold?.mac;
    if (owner !== undefined && this.leaseOf(address, owner) !== undefined) return owner;
    return slot?.hold !== undefined && slot.hold.until > this.now() ? slot.hold.mac : undefined;
  }

  quarantinedIn(range: AddressRange): number {
    return [...this.#quarantined].filter((address) => inRange(range, address)).length;
  }

  /** The free places of a plan's pool. */
  places(plan: SubnetPlan): Places | undefined {
    return this.#pools.places(plan, () => [...this.#slots.keys()].filter((address) => this.#busyUntil.has(address)));
  }

  /** Takes over what the store holds of an address. */
  record(address: IPv4, stored: Stored): void {
    const slot = this.#make(address);
    const before = slot.stored.lease;
    slot.stored = stored;
    if (before !== undefined) this.#forget(before.mac, address);
    if (stored.lease !== undefined && stored.lease.state !== 'quarantined') this.#remember(stored.lease);
    this.#settle(address);
  }

  /** Keeps an address for a client until then, instead of any other it was offered in this subnet. */
  hold(subnet: string, mac: Mac, address: IPv4, until: number): void {
    this.dropHold(subnet, mac);
    const holds = this.#holds.get(subnet) ?? new Map<Mac, IPv4>();
    const [oldest] = holds.keys();
    if (holds.size >= HOLDS && oldest !== undefined) this.dropHold(subnet, oldest);
    this.#holds.set(subnet, holds.set(mac, address));
    this.#make(address).hold = { mac, subnet, until };
    this.#settle(address);
  }

  extendHold(address: IPv4, until: number): void {
    const slot = this.#slot(address);
    if (slot?.hold === undefined || slot.hold.until <= this.now()) return;
    slot.hold = { ...slot.hold, until: Math.max(slot.hold.until, until) };
    this.#settle(address);
  }

  dropHold(subnet: string, mac: Mac): void {
    const holds = this.#holds.get(subnet);
    const address = holds?.get(mac);
    if (address === undefined) return;
    holds?.delete(mac);
    const slot = this.#slot(address);
    if (slot?.hold?.mac === mac) slot.hold = undefined;
    this.#settle(address);
  }

  /** Blocks an address for others while a bind is on its way to the disk; each claim needs its `unclaim`. */
  claim(address: IPv4, mac: Mac): void {
    const slot = this.#make(address);
    slot.claim = { mac, count: (slot.claim?.count ?? 0) + 1 };
    this.#settle(address);
  }

  unclaim(address: IPv4): void {
    const slot = this.#slot(address);
    if (slot?.claim === undefined) return;
    slot.claim = slot.claim.count > 1 ? { ...slot.claim, count: slot.claim.count - 1 } : undefined;
    this.#settle(address);
  }

  /** Brings the indexes of one address into line with its slot. */
  #settle(address: IPv4): void {
    const slot = this.#slot(address);
    if (slot === undefined) return;
    const now = this.now();
    if (slot.hold !== undefined && slot.hold.until <= now) {
      this.#holds.get(slot.hold.subnet)?.delete(slot.hold.mac);
      slot.hold = undefined;
    }
    const { lease } = slot.stored;
    const leased = lease === undefined || lease.state === 'released' ? 0 : lease.expires;
    const until = slot.claim === undefined ? Math.max(leased, slot.hold?.until ?? 0) : Infinity;
    const busy = until > now;
    if (busy) this.#busyUntil.set(address, until);
    else this.#busyUntil.delete(address);
    this.#pools.mark(address, busy);
    if (lease?.state === 'quarantined' && leased > now) this.#quarantined.add(address);
    else this.#quarantined.delete(address);
    if (lease === undefined && slot.stored.version === undefined && !busy) this.#slots.delete(address);
  }

  #slot(address: IPv4): Slot | undefined {
    this.#lookups += 1;
    return this.#slots.get(address);
  }

  #make(address: IPv4): Slot {
    const slot = this.#slot(address) ?? { stored: NOTHING, hold: undefined, claim: undefined };
    this.#slots.set(address, slot);
    return slot;
  }

  /** The former address of a client that has moved on is released after it has the new one, and must not replace it. */
  #remember({ mac, address, subnet, state }: Lease): void {
    const others = this.#byMac.get(mac) ?? [];
    const elsewhere = others.filter((other) => this.stored(other).lease?.subnet !== subnet);
    if (state === 'bound') this.#byMac.set(mac, [address, ...elsewhere]);
    else if (!others.some((other) => this.leaseOf(other, mac)?.subnet === subnet)) {
      this.#byMac.set(mac, [...elsewhere, address]);
    }
  }

  #forget(mac: Mac, address: IPv4): void {
    const others = (this.#byMac.get(mac) ?? []).filter((other) => other !== address);
    if (others.length > 0) this.#byMac.set(mac, others);
    else this.#byMac.delete(mac);
  }
}
