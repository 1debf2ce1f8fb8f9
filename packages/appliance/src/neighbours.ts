import { macOf, OPTIONS, type DhcpEvent } from '@sower/dhcp';
import { parseIPv4, type IPv4, type Mac } from '@sower/net';
import type { Tell } from './events.ts';
import type { Force } from './force.ts';
import type { Rogues } from './rogues.ts';
import type { Sightings } from './sightings.ts';
import { tellServer } from './tell/server.ts';

/** What is remembered of others on our links: who uses an address that is not from us, and which servers there are. */
export interface Neighbours {
  readonly sightings: Sightings;
  readonly rogues: Rogues;
}

/** A reply or a choice that shows another DHCP server. */
export interface Trace {
  readonly interface: string;
  readonly server: IPv4;
  readonly seenIn: 'offer' | 'ack' | 'request';
  readonly client: Mac | undefined;
}

/** Tells of another server, once; where it is expected, quietly. Our own replies are heard, too. */
export function noteServer({ rogues }: Neighbours, trace: Trace, { plans, addresses }: Force, tell: Tell): void {
  if (plans.ours.has(trace.server) || !rogues.isNews(trace.server, trace.interface)) return;
  const subnets = addresses
    .filter(({ name }) => name === trace.interface)
    .map(({ address }) => plans.subnetOf(address));
  const isExpected = subnets.some((settings) => settings?.mode === 'proxy' || settings?.authoritative === false);
  tell(tellServer(trace, isExpected));
}

/** What one datagram to port 67 or 4011 shows of others. */
export function noteEvent<W extends string>(
  neighbours: Neighbours,
  { message, intent, interface: name, from }: DhcpEvent<W>,
  force: Force,
  tell: Tell,
): void {
  const client = message === undefined ? undefined : macOf(message);
  if (message === undefined || client === undefined) return;
  if (intent === undefined) {
    const address = parseIPv4(from.address);
    if (address !== undefined && address === message.ciaddr) neighbours.sightings.saw(client, address);
    return;
  }
  const server = message.options.get(OPTIONS.serverId);
  const chosen = message.options.get(OPTIONS.requestedAddress);
  if (intent !== 'foreign' || server === undefined) return;
  if (chosen !== undefined) neighbours.sightings.saw(client, chosen);
  noteServer(neighbours, { interface: name, server, seenIn: 'request', client }, force, tell);
}
