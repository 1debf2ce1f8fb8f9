import { networkInterfaces } from 'node:os';
import { parseIPv4, type IPv4 } from './ip.ts';
import { contains, prefixOfNetmask, subnetOf, type Subnet } from './subnet.ts';

/** One IPv4 address of a network interface of this host. */
export interface InterfaceAddress {
  readonly name: string;
  readonly address: IPv4;
  readonly subnet: Subnet;
}

/** The IPv4 addresses of this host, loopback included, in the system's order. */
export function interfaceAddresses(): readonly InterfaceAddress[] {
  return Object.entries(networkInterfaces()).flatMap(([name, entries = []]) =>
    entries.flatMap((entry) => {
      const address = parseIPv4(entry.address);
      const mask = parseIPv4(entry.netmask);
      const prefix = mask === undefined ? undefined : prefixOfNetmask(mask);
      return address === undefined || prefix === undefined
        ? []
        : [{ name, address, subnet: subnetOf(address, prefix) }];
    }),
  );
}

/** The address of this host in the network that a peer is in, the smallest such network; undefined for a peer behind a router. */
export function addressTowards(peer: IPv4, own: readonly InterfaceAddress[] = interfaceAddresses()): IPv4 | undefined {
  const near = own.filter(({ subnet }) => contains(subnet, peer));
  return near.toSorted((a, b) => b.subnet.prefix - a.subnet.prefix)[0]?.address;
}
