import { networkInterfaces } from 'node:os';
import { parseIPv4, type IPv4 } from './ip.ts';
import { prefixOfNetmask, subnetOf, type Subnet } from './subnet.ts';

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
