import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { formatIPv4, parseIPv4, type IPv4 } from './ip.ts';
import { contains, prefixOfNetmask, subnetOf, type Subnet } from './subnet.ts';

/** One IPv4 address of a network interface of this host. */
export interface InterfaceAddress {
  readonly name: string;
  readonly address: IPv4;
  readonly subnet: Subnet;
}

/** The IPv4 addresses of this host, loopback included, in the system's order. An interface without a link is left out (libuv does so). */
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

/**
 * Whether the kernel still takes this address for one of its own, link or no link: asked of the routing table (Linux),
 * where an address is local for as long as it is configured on an interface that is up. False where that cannot be read.
 */
export function isConfigured(address: IPv4): boolean {
  try {
    const entry = new RegExp(`-- ${formatIPv4(address).replaceAll('.', '\\.')}\\n\\s+/32 host LOCAL$`, 'm');
    return entry.test(readFileSync('/proc/net/fib_trie', 'utf8'));
  } catch {
    return false;
  }
}

/**
 * The kernel's number of a network interface, which one that is removed and made again under its name does not keep: a
 * socket pinned to the old one is deaf. Undefined where there is no such interface, or no /sys (Linux).
 */
export function linkIndex(name: string): number | undefined {
  return readNumber(`/sys/class/net/${name}/ifindex`);
}

/** Bytes of the largest packet that a network interface takes; undefined as for `linkIndex`. */
export function linkMtu(name: string): number | undefined {
  return readNumber(`/sys/class/net/${name}/mtu`);
}

function readNumber(path: string): number | undefined {
  try {
    return Number(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}
