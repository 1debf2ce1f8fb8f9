import { contains, formatIPv4, parseIPv4, parseSubnet, type IPv4, type Subnet } from '@sower/net';
import type { Binding, BootFields, Facts, Network } from '../../src/rules/facts.ts';

export function ip(text: string): IPv4 {
  const address = parseIPv4(text);
  if (address === undefined) throw new Error(`no address: ${text}`);
  return address;
}

export function subnet(text: string): Subnet {
  const found = parseSubnet(text);
  if (found === undefined) throw new Error(`no subnet: ${text}`);
  return found;
}

export const SERVER = '10.0.0.1';

export const NETWORK: Network = {
  subnet: subnet('10.0.0.0/24'),
  router: ip('10.0.0.254'),
  dns: [ip('10.0.0.53')],
  domain: 'lab.test',
  lease: 43_200,
  authoritative: true,
  rapidCommit: false,
};

/** A client's addresses as lists: what it has, and what it may have. The first free one is offered. */
export function binding(known: string | undefined, mayHave: readonly string[], reserved?: string): Binding {
  return {
    known: known === undefined ? undefined : ip(known),
    reserved: reserved === undefined ? undefined : ip(reserved),
    offer: (requested) =>
      requested !== undefined && mayHave.includes(formatIPv4(requested))
        ? requested
        : mayHave[0] === undefined
          ? undefined
          : ip(mayHave[0]),
    mayHave: (address) => mayHave.includes(formatIPv4(address)),
  };
}

export function boot(kind: BootFields['class'], file = 'snponly.efi'): BootFields {
  return { class: kind, nextServer: ip(SERVER), file };
}

/** Facts about a client that may have 10.0.0.50, on a network where we are 10.0.0.1. */
export function facts(changes: Partial<Facts> = {}): Facts {
  return {
    server: ip(SERVER),
    isOurs: (identifier) => identifier === ip(SERVER) || identifier === ip('10.9.9.1'),
    knowsRelay: (giaddr) => contains(NETWORK.subnet, giaddr),
    network: NETWORK,
    binding: binding(undefined, ['10.0.0.50']),
    boot: undefined,
    hostname: undefined,
    extras: [],
    ...changes,
  };
}
