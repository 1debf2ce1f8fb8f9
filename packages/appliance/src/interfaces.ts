import { existsSync } from 'node:fs';
import type { DhcpSettings } from '@sower/machines';
import { contains, interfaceAddresses, isConfigured, type InterfaceAddress } from '@sower/net';
import { StartError } from './start-error.ts';

/** The addresses of this host, as they are looked at every few seconds (N-12). */
export interface AddressBook {
  look(): readonly InterfaceAddress[];
}

/**
 * An address stays in the book while its link is down: a machine that is cabled to us directly drops the link at every
 * reset, and sockets that closed then would miss its DISCOVER. It goes when the kernel does not have it any more.
 */
export function createAddressBook(current = interfaceAddresses, stillThere = isConfigured): AddressBook {
  let known: readonly InterfaceAddress[] = [];
  return {
    look() {
      const found = current();
      const lost = known.filter((entry) => !found.some(({ address }) => address === entry.address));
      known = [...found, ...lost.filter(({ address }) => stillThere(address))];
      return known;
    },
  };
}

/**
 * The address that each named interface is served from: one in a configured subnet. Where relays are listed, an interface
 * outside every subnet is one that they may reach us by. An interface without an address is left out until it has one.
 */
export function servedInterfaces(
  { interfaces, subnets }: DhcpSettings,
  addresses: readonly InterfaceAddress[],
): readonly InterfaceAddress[] {
  const fits = ({ address }: InterfaceAddress) => subnets.some(({ subnet }) => contains(subnet, address));
  const hasRelays = subnets.some(({ relays }) => relays.length > 0);
  return interfaces.flatMap((name) => {
    const own = addresses.filter((entry) => entry.name === name);
    return own.find(fits) ?? (hasRelays ? own[0] : undefined) ?? [];
  });
}

/** A name that does not exist ends the start: it is a mistake in the data file far more often than an interface that comes later. */
export function mustExist({ interfaces }: DhcpSettings): void {
  const absent = interfaces.find((name) => !exists(name));
  if (absent !== undefined) throw new StartError(`${noSuch(absent)}.`);
}

/** What keeps named interfaces from being served, a line each. */
export function whyNotServed(dhcp: DhcpSettings, addresses: readonly InterfaceAddress[]): readonly string[] {
  const served = new Set(servedInterfaces(dhcp, addresses).map(({ name }) => name));
  const present = new Set(addresses.map(({ name }) => name));
  return dhcp.interfaces.flatMap((name) => {
    if (served.has(name)) return [];
    if (!exists(name)) return [noSuch(name)];
    if (!present.has(name)) return [`${name} has no link or no IPv4 address yet; it is served as soon as it has both`];
    return [`no subnet in appliance.dhcp.subnets contains the address of ${name}`];
  });
}

function exists(name: string): boolean {
  return existsSync(`/sys/class/net/${name}`);
}

function noSuch(name: string): string {
  return `There is no network interface ${name}: correct appliance.dhcp.interfaces (ip link shows the names of this host)`;
}
