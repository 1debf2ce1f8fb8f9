import { decode, intentOf, type DhcpRequest } from '@sower/dhcp';
import { parseInventory } from '@sower/machines';
import { formatIPv4, parseIPv4, subnetOf, type IPv4 } from '@sower/net';
import { memoryStore, openLeases } from '@sower/state';
import { expect, test } from 'vitest';
import { answer, type Desk } from '../src/answer.ts';
import { inForce } from '../src/force.ts';
import { createTrails } from '../src/trail.ts';
import { unused } from './support/desk.ts';

const server = parseIPv4('10.0.0.1') ?? expect.fail('an address');
const MAC = [0x02, 0, 0, 0, 0, 1];
const bytesOf = (address: IPv4) => [address >>> 24, (address >>> 16) & 255, (address >>> 8) & 255, address & 255];

/** A broadcast request of one client: message type, and options as code, length and value. */
function ask(type: number, options: readonly number[] = []): DhcpRequest {
  const header = Buffer.alloc(240);
  header.set([1, 1, 6, 0, 0xde, 0xad, 0xbe, 0xef]);
  header.set(MAC, 28);
  header.set([0x63, 0x82, 0x53, 0x63], 236);
  const message = decode(Buffer.from([...header, 53, 1, type, ...options, 255]));
  if ('malformed' in message) return expect.fail(message.malformed);
  const intent = intentOf(message, { broadcast: true, isOurs: (id) => id === server });
  if (intent.kind === 'ignored') return expect.fail(intent.why);
  return { message, intent, interface: 'eth1', server, broadcast: true, from: { address: '0.0.0.0', port: 68 } };
}

async function openDesk(): Promise<Desk> {
  const data = `
appliance:
  dhcp: { interfaces: [eth1], subnets: [{ cidr: 10.0.0.0/24, pool: 10.0.0.100-10.0.0.199 }] }
  unknown: local
maclist: []
`;
  const { inventory } = parseInventory(data, 'data.yaml');
  const addresses = [{ name: 'eth1', address: server, subnet: subnetOf(server, 24) }];
  const leases = await openLeases(memoryStore(), { now: () => 0 }, () => undefined);
  return {
    ...inForce(inventory ?? expect.fail('an inventory'), addresses),
    leases,
    trails: createTrails(() => 0),
    ...unused,
  };
}

/** One client's way to an address, and its refusal of it. */
async function bindAndDecline(desk: Desk): Promise<readonly string[]> {
  const offer = await answer(desk, ask(1));
  const address = 'reply' in offer ? offer.reply?.yiaddr : undefined;
  const [wanted, by] = [
    [50, 4, ...bytesOf(address ?? expect.fail(offer.why))],
    [54, 4, ...bytesOf(server)],
  ];
  const ack = await answer(desk, ask(3, [...wanted, ...by]));
  const decline = await answer(desk, ask(4, [...wanted, ...by]));
  return [formatIPv4(address ?? server), ack.why, decline.why];
}

test('A-36 three declines are believed, each with another address after it; the fourth is ignored, and says so', async () => {
  const desk = await openDesk();
  const seen = new Set<string>();
  for (const why of ['declined', 'declined', 'declined', 'decline-ignored']) {
    const [address, ...whys] = await bindAndDecline(desk);
    expect(whys).toEqual(['bound', why]);
    seen.add(address ?? '');
  }
  expect(seen.size).toBe(4);
});
