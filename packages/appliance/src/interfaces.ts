import { existsSync } from 'node:fs';
import type { DhcpSettings } from '@sower/machines';
import { contains, interfaceAddresses, type InterfaceAddress, type IPv4 } from '@sower/net';
import { StartError } from './start-error.ts';

/** Every address of this host. */
export function localAddresses(): ReadonlySet<IPv4> {
  return new Set(interfaceAddresses().map(({ address }) => address));
}

/** The address that each named interface is served from; an interface without one in a configured subnet is left out until it has one (N-12). */
export function servedInterfaces({ interfaces, subnets }: DhcpSettings): readonly InterfaceAddress[] {
  const addresses = interfaceAddresses();
  return interfaces.flatMap(
    (name) =>
      addresses.find((entry) => entry.name === name && subnets.some(({ subnet }) => contains(subnet, entry.address))) ??
      [],
  );
}

/**
 * What keeps named interfaces from being served, a line each. A name that does not exist is a StartError: it is a
 * mistake in the data file far more often than an interface that comes later.
 */
export function whyNotServed(dhcp: DhcpSettings): readonly string[] {
  const served = new Set(servedInterfaces(dhcp).map(({ name }) => name));
  const present = new Set(interfaceAddresses().map(({ name }) => name));
  return dhcp.interfaces.flatMap((name) => {
    if (served.has(name)) return [];
    if (!existsSync(`/sys/class/net/${name}`)) {
      throw new StartError(
        `There is no network interface ${name}: correct appliance.dhcp.interfaces (ip link shows the names of this host).`,
      );
    }
    if (!present.has(name)) return [`${name} has no link or no IPv4 address yet; it is served as soon as it has both`];
    return [`no subnet in appliance.dhcp.subnets contains the address of ${name}`];
  });
}
