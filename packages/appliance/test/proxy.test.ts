import { decode, intentOf, option, Options, OPTIONS, type DhcpRequest, type Message } from '@sower/dhcp';
import { parseInventory } from '@sower/machines';
import { formatIPv4, parseIPv4, parseMac, subnetOf, type IPv4 } from '@sower/net';
import { memoryStore, openLeases } from '@sower/state';
import { describe, expect, test } from 'vitest';
import { answer, type Desk } from '../src/answer.ts';
import { answerBootServer } from '../src/boot-server.ts';
import { fallbackLines } from '../src/fallback.ts';
import { holderIn, inForce } from '../src/force.ts';
import { noteEvent, noteServer, type Neighbours } from '../src/neighbours.ts';
import { createRogues } from '../src/rogues.ts';
import { createSightings } from '../src/sightings.ts';
import { createTrails } from '../src/trail.ts';
import { unused } from './support/desk.ts';

const ip = (text: string): IPv4 => parseIPv4(text) ?? expect.fail(text);
const MAC = parseMac('52:54:00:aa:bb:01') ?? expect.fail('a MAC');
const ADDRESSES = [
  { name: 'eth1', address: ip('10.0.0.1'), subnet: subnetOf(ip('10.0.0.1'), 24) },
  { name: 'eth2', address: ip('10.0.1.1'), subnet: subnetOf(ip('10.0.1.1'), 24) },
];
const MODES = '{ cidr: 10.0.0.0/24, mode: proxy }, { cidr: 10.0.1.0/24, pool: 10.0.1.100-10.0.1.100 }';

async function openDesk(more = '', subnets = MODES) {
  const data = `
appliance:
  dhcp: { interfaces: [eth1, eth2], subnets: [${subnets}] }
  artifacts: ${new URL('../../../test/replay/artifacts', import.meta.url).pathname}
  ${more}
maclist:
  - { macaddress: ${MAC}, values: { version: v1.7.0, type: join, config: { token: t } } }
`;
  const { inventory, problems } = parseInventory(data, 'data.yaml');
  const force = inForce(inventory ?? expect.fail(JSON.stringify(problems)), ADDRESSES);
  const leases = await openLeases(memoryStore(), { now: () => 0 }, () => undefined);
  const waits: number[] = [];
  const wait = async (ms: number) => void waits.push(ms);
  return { ...force, leases, trails: createTrails(() => 0), ...unused, wait, waits };
}

/** A message of the machine: its type, 60 with this architecture, and more options. */
function messageOf(type: number, arch: number, more: readonly number[] = [], ciaddr = '0.0.0.0'): Message {
  const bytes = Buffer.alloc(300);
  bytes.set([1, 1, 6, 0, 0xde, 0xad, 0xbe, 0xef]);
  bytes.set(ciaddr.split('.').map(Number), 12);
  bytes.set(Buffer.from(MAC.replaceAll(':', ''), 'hex'), 28);
  const kind = arch >= 15 ? 'HTTPClient' : 'PXEClient';
  bytes.set(
    [0x63, 0x82, 0x53, 0x63, 53, 1, type, 60, kind.length, ...Buffer.from(kind), 93, 2, 0, arch, ...more, 255],
    236,
  );
  const message = decode(bytes);
  return 'malformed' in message ? expect.fail(message.malformed) : message;
}

function discover(arch: number, on = 0, more: readonly number[] = []): DhcpRequest {
  const message = messageOf(1, arch, more);
  const intent = intentOf(message, { broadcast: true, isOurs: () => false });
  if (intent.kind === 'ignored') return expect.fail(intent.why);
  const { name, address: server } = ADDRESSES[on] ?? expect.fail('an interface');
  return { message, intent, interface: name, server, broadcast: true, from: { address: '0.0.0.0', port: 68 } };
}

const IPXE = [77, 4, ...Buffer.from('iPXE')];
const given = (answered: Awaited<ReturnType<typeof answer>>) => {
  const reply = 'reply' in answered ? answered.reply : undefined;
  if (reply === undefined) return answered.why;
  const menu = reply.options.joined(OPTIONS.vendorOptions.code);
  return [
    reply.file,
    reply.options.get(OPTIONS.vendorClass),
    menu && Buffer.from(menu).toString('hex'),
    formatIPv4(reply.yiaddr),
  ];
};

describe('one interface as a proxy, one with addresses of ours', () => {
  test.each<[string, DhcpRequest, readonly (string | undefined)[]]>([
    ['BIOS', discover(0), ['loaders/bios/undionly.kpxe', 'PXEClient', '060108ff', '0.0.0.0']],
    ['UEFI', discover(7), ['loaders/x64/snponly.efi', 'PXEClient', undefined, '0.0.0.0']],
    [
      'HTTP Boot',
      discover(16),
      ['http://10.0.0.1:10000/artifacts/loaders/x64/snponly.efi', 'HTTPClient', undefined, '0.0.0.0'],
    ],
    ['iPXE', discover(0, 0, IPXE), [`http://10.0.0.1:10000/ipxe/${MAC}`, 'PXEClient', undefined, '0.0.0.0']],
    [
      'BIOS, where the address is ours',
      discover(0, 1),
      ['loaders/bios/undionly.kpxe', undefined, undefined, '10.0.1.100'],
    ],
  ])('B-10 B-14 %s', async (_, request, expected) => {
    expect(given(await answer(await openDesk(), request))).toEqual(expected);
  });

  test.each([
    ['in the list', 1],
    ['of a stranger, who is not told of as unknown', 9],
  ])('B-11 silence to the operating system of a machine %s', async (_, last) => {
    const { message, ...request } = discover(7);
    message.chaddr.set([last], 5);
    const options = Options.of([option(OPTIONS.vendorClass, 'MSFT 5.0')]);
    const answered = await answer(await openDesk(), { ...request, message: { ...message, options } });
    expect(answered).toEqual({ why: 'nothing-to-boot' });
  });

  test('B-14 a machine that is switched off, or unknown, hears nothing', async () => {
    const desk = await openDesk();
    const stranger = discover(7);
    stranger.message.chaddr.set([9], 5);
    expect(await answer(desk, stranger)).toEqual({ why: 'unknown-mac' });
    const quiet = await openDesk('quirks: [{ match: { arch: 7 }, behaviour: no-boot-file }]');
    expect(await answer(quiet, discover(7))).toEqual({ why: 'nothing-to-boot', note: 'quirk-no-boot-file' });
  });
});

describe('quirks at work', () => {
  test.each([
    ['pxe-hints', 1, ['loaders/x64/snponly.efi', 'PXEClient', '060108ff', '10.0.1.100']],
    ['skip-discovery', 1, ['loaders/x64/snponly.efi', undefined, undefined, '10.0.1.100']],
    ['skip-discovery', 0, ['loaders/x64/snponly.efi', 'PXEClient', '060108ff', '0.0.0.0']],
    ['no-answer', 1, 'quirk-no-answer'],
  ] as const)('%s on interface %i', async (behaviour, on, expected) => {
    const desk = await openDesk(`quirks: [{ match: { arch: 7 }, behaviour: ${behaviour} }]`);
    expect(given(await answer(desk, discover(7, on)))).toEqual(expected);
  });

  test('B-04 reply-delay waits two seconds before it decides', async () => {
    const desk = await openDesk('quirks: [{ match: { oui: 52:54:00 }, behaviour: reply-delay }]');
    expect((await answer(desk, discover(7, 1))).why).toBe('offered');
    expect(desk.waits).toEqual([2000]);
  });
});

describe('port 4011', () => {
  const asked = (desk: Desk, message: Message, address = '10.0.0.77', local = '10.0.0.1') =>
    answerBootServer(desk, message, { address, port: 4011 }, local);

  test.each([
    ['B-15 beside another server', '10.0.0.77', '10.0.0.1'],
    ['B-16 where the address is ours', '10.0.1.100', '10.0.1.1'],
  ])('%s', async (_, client, server) => {
    const outcome = await asked(await openDesk(), messageOf(3, 7, [], client), client, server);
    expect(outcome).toMatchObject({
      why: 'boot-acknowledged',
      note: 'loader',
      reply: { file: 'loaders/x64/snponly.efi' },
    });
    expect(formatIPv4(outcome.reply?.siaddr ?? ip('0.0.0.0'))).toBe(server);
  });

  test('N-06 on a socket for all addresses our address is that of the client’s network', async () => {
    const outcome = await asked(await openDesk(), messageOf(3, 7), '10.0.0.77', '0.0.0.0');
    expect(outcome.why).toBe('no-subnet'); // this host is not on that network
  });

  test('F-D 48 silence to who is in no network of ours, unknown, or no boot client', async () => {
    const desk = await openDesk();
    expect((await asked(desk, messageOf(3, 7), '203.0.113.9')).why).toBe('no-subnet');
    const stranger = messageOf(3, 7);
    stranger.chaddr.set([9], 5);
    expect((await asked(desk, stranger)).why).toBe('unknown-mac');
    expect((await asked(desk, messageOf(3, 16))).why).toBe('nothing-to-boot');
  });
});

test('D-13 a lease of ours says who speaks only where the addresses are ours', async () => {
  const desk = await openDesk();
  const settings = desk.plans.subnetOf(ip('10.0.1.1')) ?? expect.fail('a subnet');
  const address = ip('10.0.1.100');
  const plan = desk.plans.planOf(settings, true);
  expect(await desk.leases.bind(plan, MAC, address, 3600, {})).toBe('stored');
  expect(holderIn(desk, desk.leases, address)).toBe(MAC);
  const later = await openDesk('', '{ cidr: 10.0.1.0/24, mode: proxy }');
  expect(holderIn(later, desk.leases, address)).toBeUndefined();
  const off = await openDesk('', '{ cidr: 10.9.0.0/24 }');
  expect(holderIn(off, desk.leases, address)).toBeUndefined();
});

describe('A-52 other servers', () => {
  const open = (now = () => 0): Neighbours => ({ sightings: createSightings(), rogues: createRogues(now) });
  const trace = (interface_: string, server = '10.0.0.2') =>
    ({ interface: interface_, server: ip(server), seenIn: 'offer', client: MAC }) as const;

  test('one event a server and interface, loud where there should be none, again after an hour of silence', async () => {
    let time = 0;
    const [neighbours, force, told] = [open(() => time), await openDesk(), [] as string[]];
    const note = (interface_: string, server?: string) =>
      noteServer(neighbours, trace(interface_, server), force, ({ level, why }) => told.push(`${level} ${why}`));
    for (let packets = 0; packets < 5; packets += 1) note('eth2');
    expect(told.splice(0)).toEqual(['error rogue-server']);
    note('eth1');
    expect(told.splice(0)).toEqual(['info other-server']);
    note('eth2', '10.0.0.1');
    expect(told).toEqual([]);
    time = 3_599_999;
    note('eth2');
    expect(told).toEqual([]);
    time = 3_600_000 * 2;
    note('eth2');
    expect(told).toEqual(['error rogue-server']);
  });

  test('where the data file says that we are not alone, none is a rogue', async () => {
    const force = await openDesk('', '{ cidr: 10.0.0.0/24, authoritative: false }');
    const told: string[] = [];
    noteServer(open(), trace('eth1'), force, ({ why }) => told.push(why));
    expect(told).toEqual(['other-server']);
  });

  test('A-38 identifiers without end are told of a hundred times', async () => {
    const [neighbours, force, told] = [open(), await openDesk(), [] as string[]];
    for (let last = 2; last < 254; last += 1) {
      noteServer(neighbours, trace('eth2', `10.9.9.${last}`), force, ({ why }) => told.push(why));
    }
    expect(told).toHaveLength(100);
  });

  test('a choice of another server’s offer shows that server, and who uses the address from now on', async () => {
    const [neighbours, force, told] = [open(), await openDesk(), [] as string[]];
    const message = messageOf(3, 7, [54, 4, 10, 0, 1, 9, 50, 4, 10, 0, 1, 77]);
    const from = { address: '0.0.0.0', port: 68 };
    const event = { why: 'other-server-chosen', interface: 'eth2', from, message, intent: 'foreign' } as const;
    noteEvent(neighbours, event, force, ({ why }) => told.push(why));
    expect(told).toEqual(['rogue-server']);
    expect(neighbours.sightings.at(ip('10.0.1.77'))).toBe(MAC);
  });

  test('a request to port 4011 shows who uses the address, if it says so itself', async () => {
    const [neighbours, force] = [open(), await openDesk()];
    for (const address of ['10.0.0.77', '10.0.0.78']) {
      const event = { why: 'boot-acknowledged', interface: 'eth1', from: { address, port: 4011 } } as const;
      noteEvent(neighbours, { ...event, message: messageOf(3, 7, [], '10.0.0.77') }, force, () =>
        expect.fail('an event'),
      );
    }
    expect(neighbours.sightings.at(ip('10.0.0.77'))).toBe(MAC);
    expect(neighbours.sightings.at(ip('10.0.0.78'))).toBeUndefined();
  });
});

test('B-18 what the other server can say for firmware that takes no boot file from a proxy', async () => {
  const { inventory, addresses } = await openDesk();
  const loaders = [
    { folder: 'bios', wanted: ['undionly.kpxe'], found: 'loaders/bios/undionly.kpxe' },
    { folder: 'arm64', wanted: ['snponly.efi'], found: undefined },
    { folder: 'rpi', wanted: ['bootcode.bin'], found: 'loaders/rpi/bootcode.bin' },
  ];
  expect(fallbackLines(inventory.appliance, addresses, loaders)).toEqual([
    'proxy in 10.0.0.0/24: another DHCP server gives the addresses. For firmware that takes no boot file',
    'from a proxy, that server has to say: next server and option 66 10.0.0.1; option 67',
    'loaders/bios/undionly.kpxe for BIOS (option 93 is 0), http://10.0.0.1:10000/ipxe/${mac} for iPXE (option 77 is iPXE)',
  ]);
});
