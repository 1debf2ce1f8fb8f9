import { decode, intentOf, serverOverride, type DhcpRequest } from '@sower/dhcp';
import { parseInventory } from '@sower/machines';
import { ANY, formatIPv4, parseIPv4, subnetOf, type InterfaceAddress, type IPv4 } from '@sower/net';
import { memoryStore, openLeases } from '@sower/state';
import { expect } from 'vitest';
import type { Desk } from '../../src/answer.ts';
import { inForce } from '../../src/force.ts';
import { dhcpOptions } from '../../src/data.ts';
import { createTrails } from '../../src/trail.ts';

export const ip = (text: string): IPv4 => parseIPv4(text) ?? expect.fail(`no address: ${text}`);
export const quad = (address: string): readonly number[] => address.split('.').map(Number);
export const tlv = (code: number, value: readonly number[]): readonly number[] => [code, value.length, ...value];

/** An address of this host, in a network of 256. */
export const on = (name: string, address: string): InterfaceAddress => ({
  name,
  address: ip(address),
  subnet: subnetOf(ip(address), 24),
});

/** A link on which nobody uses what was not given, and where nobody waits. */
export const unused = {
  prober: { occupantOf: () => Promise.resolve(undefined) },
  inUse: () => undefined,
  wait: () => Promise.resolve(),
};

/** Everything that answers are made from, for this data file; leases in memory. */
export async function openDesk(
  data: string,
  addresses: readonly InterfaceAddress[],
  now: () => number = () => 0,
): Promise<Desk> {
  const { inventory, problems } = parseInventory(data, 'data.yaml', { dhcpOptions });
  const leases = await openLeases(memoryStore(), { now }, () => undefined);
  const force = inForce(inventory ?? expect.fail(JSON.stringify(problems)), addresses);
  return { ...force, leases, trails: createTrails(now), ...unused };
}

/** What a client sends, and how it comes in. Addresses as dotted quads. */
export interface Sent {
  readonly mac?: readonly number[];
  /** Raw options behind the cookie; an END is added. Without 53: BOOTP. */
  readonly options: readonly number[];
  readonly ciaddr?: string;
  readonly giaddr?: string;
  /** Our address there. */
  readonly server?: string;
  readonly unicast?: boolean;
}

/** The request as the server hands it to the appliance. */
export function requestOf({ plans }: Desk, sent: Sent): DhcpRequest {
  const server = ip(sent.server ?? '10.0.0.1');
  const bytes = Buffer.alloc(Math.max(300, 241 + sent.options.length));
  bytes.set([1, 1, 6, 0, 0xde, 0xad, 0xbe, 0xef]);
  bytes.set(quad(sent.ciaddr ?? '0.0.0.0'), 12);
  bytes.set(quad(sent.giaddr ?? '0.0.0.0'), 24);
  bytes.set(sent.mac ?? [0x02, 0, 0, 0, 0, 1], 28);
  bytes.set([0x63, 0x82, 0x53, 0x63, ...sent.options, 255], 236);
  const message = decode(bytes);
  if ('malformed' in message) return expect.fail(message.malformed);
  const broadcast = sent.unicast !== true;
  const isOurs = (id: IPv4) => plans.ours.has(id) || id === serverOverride(message, plans.trustsRelay);
  const intent = intentOf(message, { broadcast, isOurs });
  if (intent.kind === 'ignored') return expect.fail(intent.why);
  const from = { address: sent.giaddr ?? sent.ciaddr ?? formatIPv4(ANY), port: 68 };
  return { message, intent, interface: 'eth1', server, broadcast, from };
}
