import { readdirSync, readFileSync } from 'node:fs';
import { decode, encode, intentOf, sizeLimit, type Message } from '@sower/dhcp';
import { parseInventory } from '@sower/machines';
import { parseIPv4, subnetOf, type IPv4 } from '@sower/net';
import { memoryStore, openLeases } from '@sower/state';
import { expect, test } from 'vitest';
import { answer, type Desk } from '../../packages/appliance/src/answer.ts';
import { answerBootServer } from '../../packages/appliance/src/boot-server.ts';
import { inForce } from '../../packages/appliance/src/force.ts';
import { createTrails } from '../../packages/appliance/src/trail.ts';
import { unused } from '../../packages/appliance/test/support/desk.ts';
import { edk2Http, edk2Pxe } from '../../packages/dhcp/test/support/edk2.ts';
import { ipxe } from '../../packages/dhcp/test/support/ipxe.ts';
import { yiaddrOf } from '../../packages/dhcp/test/support/readers.ts';

/** What real firmware sent beside another DHCP server, answered anew; the other server's part is as it was recorded. */
const FOLDER = new URL('../fixtures/captures/', import.meta.url);
const ip = (text: string): IPv4 => parseIPv4(text) ?? expect.fail(text);
/** The proxy of the recordings that are ours, and that of the one made with two dnsmasq. */
const PROXIES = ['192.168.50.1', '192.168.50.2'] as const;

interface Packet {
  readonly src: string;
  readonly dst: string;
  readonly mac: string;
  readonly payload: string;
}

function packetsOf(capture: string): readonly Packet[] {
  const lines = readFileSync(new URL(capture, FOLDER), 'utf8').trim().split('\n');
  return lines.map((line) => JSON.parse(line) as Packet);
}

async function deskOf(mac: string, server: string): Promise<Desk> {
  const data = `
appliance: { dhcp: { mode: proxy, interfaces: [br0], subnets: [{ cidr: 192.168.50.0/24 }] } }
maclist:
  - { macaddress: ${mac}, values: { version: v1.7.0, type: join, config: { token: t } } }
`;
  const { inventory, problems } = parseInventory(data, '/srv/data.yaml');
  const force = inForce(inventory ?? expect.fail(JSON.stringify(problems)), [
    { name: 'br0', address: ip(server), subnet: subnetOf(ip(server), 24) },
  ]);
  const leases = await openLeases(memoryStore(), { now: () => 0 }, () => expect.fail('nothing to report'));
  return { ...force, leases, trails: createTrails(() => 0), ...unused };
}

function read({ payload }: Packet): Message {
  const message = decode(Buffer.from(payload, 'hex'));
  return 'malformed' in message ? expect.fail(message.malformed) : message;
}

/** Everything that happens up to the boot of one firmware: its part of a capture, by its transaction. */
interface Round {
  readonly whys: readonly string[];
  readonly offers: readonly Uint8Array[];
  /** What port 4011 answered. */
  readonly served: Uint8Array | undefined;
}

/** Replays a capture, one round for each DISCOVER and what follows it. */
async function replay(capture: string, server: string): Promise<readonly Round[]> {
  const packets = packetsOf(capture);
  const mac = packets[0]?.mac ?? expect.fail('an empty capture');
  const desk = await deskOf(mac, server);
  const rounds: { whys: string[]; offers: Uint8Array[]; served: Uint8Array | undefined }[] = [];
  for (const packet of packets) {
    const [address = '', port = ''] = packet.src.split(':');
    const message = read(packet);
    const intent = intentOf(message, { broadcast: true, isOurs: (id) => id === ip(server) });
    if (intent.kind === 'discover') rounds.push({ whys: [], offers: [], served: undefined });
    const round = rounds.at(-1) ?? expect.fail('a capture that begins with no DISCOVER');
    const bytesOf = (reply: Message) => encode(reply, sizeLimit(message)).bytes;
    if (message.op === 'reply') {
      if (address !== server) round.offers.push(Buffer.from(packet.payload, 'hex'));
    } else if (packet.dst.endsWith(':4011')) {
      const outcome = await answerBootServer(desk, message, { address, port: Number(port) }, server);
      round.whys.push(outcome.why);
      round.served = outcome.reply && bytesOf(outcome.reply);
      expect(outcome.reply?.to).toEqual({ address, port: Number(port) });
    } else if (intent.kind !== 'ignored') {
      const from = { address, port: Number(port) };
      const request = { message, intent, interface: 'br0', server: ip(server), broadcast: true, from };
      const outcome = await answer(desk, request);
      round.whys.push(outcome.why);
      if ('reply' in outcome && outcome.reply !== undefined) round.offers.push(bytesOf(outcome.reply));
    }
  }
  return rounds;
}

const OS = ['nothing-to-boot', 'nothing-to-boot'];
const OFFERED = ['proxy-offered', 'not-for-a-proxy'];

test.each([
  ['proxy-bios-ipxe-rom.jsonl', PROXIES[1], [OFFERED, OS]],
  ['proxy-uefi-x64-pxe.jsonl', PROXIES[0], [[...OFFERED, 'boot-acknowledged'], OFFERED, OS]],
  ['proxy-uefi-x64-http-boot.jsonl', PROXIES[0], [OFFERED, OFFERED]],
  ['proxy-bios-ipxe-rom-4011.jsonl', PROXIES[0], [[...OFFERED, 'boot-acknowledged']]],
])('B-14 B-15 %s: what is answered, and what is not', async (capture, server, expected) => {
  expect((await replay(capture, server)).map(({ whys }) => whys)).toEqual(expected);
});

test('every capture beside another server is replayed here', () => {
  expect(readdirSync(FOLDER).filter((name) => name.startsWith('proxy-'))).toHaveLength(4);
});

test('B-10 the model of EDK2 boots the loader by way of port 4011 from what the real one sent', async () => {
  const [first = expect.fail('a round')] = await replay('proxy-uefi-x64-pxe.jsonl', PROXIES[0]);
  expect(edk2Pxe(first.offers, (server) => (server === PROXIES[0] ? first.served : undefined))).toEqual({
    file: 'loaders/x64/snponly.efi',
    server: PROXIES[0],
  });
});

test('B-12 the model of EDK2’s HTTP Boot takes our URL', async () => {
  const [first = expect.fail('a round')] = await replay('proxy-uefi-x64-http-boot.jsonl', PROXIES[0]);
  expect(edk2Http(first.offers)).toBe('http://192.168.50.1:10000/artifacts/loaders/x64/snponly.efi');
});

test.each([
  ['proxy-bios-ipxe-rom.jsonl', 0, PROXIES[1]],
  ['proxy-uefi-x64-pxe.jsonl', 1, PROXIES[0]],
  ['proxy-uefi-x64-http-boot.jsonl', 1, PROXIES[0]],
])('B-10 the model of iPXE boots its script without port 4011: %s, round %i', async (capture, number, server) => {
  const rounds = await replay(capture, server);
  const { offers } = rounds[number] ?? expect.fail('a round');
  const mac = packetsOf(capture)[0]?.mac ?? '';
  expect(ipxe(offers, () => expect.fail('port 4011 is not needed'))).toEqual({
    file: `http://${server}:10000/ipxe/${mac}`,
    server,
    waited: true,
  });
});

test('B-15 B-16 iPXE that another server sent to port 4011 gets its script there', async () => {
  const [only = expect.fail('a round')] = await replay('proxy-bios-ipxe-rom-4011.jsonl', PROXIES[0]);
  // The OFFER that sent it there named us and nothing to boot; ours was not on that network, and is left out.
  const mac = packetsOf('proxy-bios-ipxe-rom-4011.jsonl')[0]?.mac ?? '';
  const address = only.offers.find((offer) => yiaddrOf(offer) !== '0.0.0.0') ?? expect.fail('an offer');
  const pointer = Buffer.from(pointerOf('proxy-bios-ipxe-rom-4011.jsonl').payload, 'hex');
  const booted = ipxe([address, pointer], (server) => (server === PROXIES[0] ? only.served : undefined));
  expect(booted?.file).toBe(`http://192.168.50.1:10000/ipxe/${mac}`);
});

/** The OFFER that only says PXEClient. */
function pointerOf(capture: string): Packet {
  const found = packetsOf(capture).find((packet) => packet.src === `${PROXIES[0]}:67`);
  return found ?? expect.fail('no such offer');
}
