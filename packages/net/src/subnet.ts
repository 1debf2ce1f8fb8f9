import { formatIPv4, ipv4, parseIPv4, type IPv4 } from './ip.ts';

/** An IPv4 network: `address` has no bits behind `prefix`. */
export interface Subnet {
  readonly address: IPv4;
  readonly prefix: number;
}

/** An inclusive range of addresses, `first` ≤ `last`. */
export interface AddressRange {
  readonly first: IPv4;
  readonly last: IPv4;
}

/** The network of this prefix length (0 to 32) that an address lies in. */
export function subnetOf(address: IPv4, prefix: number): Subnet {
  return { address: ipv4(address & maskOf(prefix)), prefix };
}

/** Reads CIDR notation; an address with bits behind the prefix ("10.0.0.1/24") is refused. */
export function parseSubnet(text: string): Subnet | undefined {
  const [head, tail, more] = text.split('/');
  const address = head === undefined ? undefined : parseIPv4(head);
  if (address === undefined || tail === undefined || more !== undefined || !/^(\d|[12]\d|3[0-2])$/.test(tail)) {
    return undefined;
  }
  const subnet = subnetOf(address, Number(tail));
  return subnet.address === address ? subnet : undefined;
}

/** Writes CIDR notation. */
export function formatSubnet(subnet: Subnet): string {
  return `${formatIPv4(subnet.address)}/${subnet.prefix}`;
}

/** The prefix length of a netmask, or undefined when its one-bits are not contiguous. */
export function prefixOfNetmask(mask: IPv4): number | undefined {
  const prefix = 32 - Math.log2((~mask >>> 0) + 1);
  return Number.isInteger(prefix) ? prefix : undefined;
}

export function netmaskOf(subnet: Subnet): IPv4 {
  return maskOf(subnet.prefix);
}

export function broadcastOf(subnet: Subnet): IPv4 {
  return ipv4(subnet.address | ~maskOf(subnet.prefix));
}

export function contains(subnet: Subnet, address: IPv4): boolean {
  return ipv4(address & maskOf(subnet.prefix)) === subnet.address;
}

/** Whether two networks share an address. */
export function overlaps(a: Subnet, b: Subnet): boolean {
  return contains(a, b.address) || contains(b, a.address);
}

/** Whether a host of this network may own the address: inside, and neither network nor broadcast address (RFC 3021: both are fine in a /31). */
export function isHostOf(subnet: Subnet, address: IPv4): boolean {
  if (!contains(subnet, address)) return false;
  return subnet.prefix >= 31 || (address !== subnet.address && address !== broadcastOf(subnet));
}

/** Reads "first-last", two dotted quads; a reversed range is refused. */
export function parseRange(text: string): AddressRange | undefined {
  const [head, tail, more] = text.split('-').map((part) => part.trim());
  const first = head === undefined ? undefined : parseIPv4(head);
  const last = tail === undefined ? undefined : parseIPv4(tail);
  if (first === undefined || last === undefined || more !== undefined || first > last) return undefined;
  return { first, last };
}

export function inRange(range: AddressRange, address: IPv4): boolean {
  return range.first <= address && address <= range.last;
}

function maskOf(prefix: number): IPv4 {
  return ipv4(prefix === 0 ? 0 : 0xffffffff << (32 - prefix));
}
