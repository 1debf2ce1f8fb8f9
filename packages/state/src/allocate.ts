import { inRange, ipv4, isHostOf, type AddressRange, type IPv4, type Mac, type Subnet } from '@sower/net';

/** What the configuration says of one subnet, for one client. */
export interface SubnetPlan {
  /** CIDR notation: leases are scoped by it. */
  readonly key: string;
  readonly subnet: Subnet;
  readonly pool: AddressRange | undefined;
  /**
   * Never given from the pool: router, DNS servers, our own addresses. This set and `reservedBy` are also what the
   * free search remembers its findings by: keep both the same objects until the configuration changes.
   */
  readonly excluded: ReadonlySet<IPv4>;
  /** The address that is reserved for a client, in whatever subnet; it wins over `excluded`. */
  readonly reservedFor: (mac: Mac) => IPv4 | undefined;
  readonly reservedBy: (address: IPv4) => Mac | undefined;
  /** Whether this client may have an address that is not reserved for it. */
  readonly mayUsePool: boolean;
}

/** Whether nobody else is bound to, is being given, or was offered this address, and it is not quarantined. */
export type Open = (address: IPv4, mac: Mac) => boolean;

/** The places of one pool, counted from its first address; `mark` is undone when the address changes hands. */
export interface Places {
  readonly size: number;
  next(from: number): number | undefined;
  mark(place: number, taken: boolean): void;
}

/** The client's reserved address, if it is one of this subnet. */
export function reservationIn(plan: SubnetPlan, mac: Mac): IPv4 | undefined {
  const address = plan.reservedFor(mac);
  return address !== undefined && isHostOf(plan.subnet, address) ? address : undefined;
}

/** Whether a pool may give this address to clients without a reservation. */
function isForAnyone(plan: SubnetPlan, address: IPv4): boolean {
  if (plan.pool === undefined || !inRange(plan.pool, address) || !isHostOf(plan.subnet, address)) return false;
  return !plan.excluded.has(address) && plan.reservedBy(address) === undefined && !looksLikeNone(plan.subnet, address);
}

/**
 * Whether this client may be committed to `address` now. A client that has a reservation may have another address only
 * while the reserved one is not open to it: so a refusal always leads to an offer of the reservation, not to a loop.
 */
export function mayHave(plan: SubnetPlan, mac: Mac, address: IPv4, open: Open): boolean {
  if (!open(address, mac)) return false;
  const reserved = reservationIn(plan, mac);
  if (reserved === address) return true;
  if (reserved !== undefined && open(reserved, mac)) return false;
  return plan.mayUsePool && isForAnyone(plan, address);
}

/**
 * The address to offer: the reservation; else the first of `wishes` (current, held, previous, requested) that
 * the client may have; else a free one of the pool, sought from a place that depends on the client only.
 */
export function choose(
  plan: SubnetPlan,
  mac: Mac,
  wishes: readonly (IPv4 | undefined)[],
  open: Open,
  places: Places | undefined,
): IPv4 | undefined {
  for (const wish of [reservationIn(plan, mac), ...wishes]) {
    if (wish !== undefined && mayHave(plan, mac, wish, open)) return wish;
  }
  return plan.mayUsePool && places !== undefined ? probe(plan, mac, places) : undefined;
}

/** An address that nobody may have is marked when it is met, so that it is met once and not with each packet. */
function probe(plan: SubnetPlan, mac: Mac, places: Places): IPv4 | undefined {
  const { pool } = plan;
  if (pool === undefined) return undefined;
  const start = hash(mac) % places.size;
  for (;;) {
    const place = places.next(start) ?? places.next(0);
    if (place === undefined) return undefined;
    const address = ipv4(pool.first + place);
    if (isForAnyone(plan, address)) return address;
    places.mark(place, true);
  }
}

/** Old clients refuse x.x.x.0 and x.x.x.255, which are host addresses in networks larger than a /24. */
function looksLikeNone(subnet: Subnet, address: IPv4): boolean {
  const last = address & 255;
  return subnet.prefix < 24 && (last === 0 || last === 255);
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let sum = 0x811c9dc5;
  for (const letter of text) sum = Math.imul(sum ^ (letter.codePointAt(0) ?? 0), 0x01000193);
  return sum >>> 0;
}
