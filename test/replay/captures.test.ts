import { readFileSync, readdirSync } from 'node:fs';
import { decode, intentOf, OPTIONS, type DhcpRequest, type Reply } from '@sower/dhcp';
import { parseInventory } from '@sower/machines';
import { formatIPv4, parseIPv4, subnetOf } from '@sower/net';
import { memoryStore, openLeases } from '@sower/state';
import { describe, expect, test } from 'vitest';
import { answer, type Desk } from '../../packages/appliance/src/answer.ts';
import { inForce } from '../../packages/appliance/src/force.ts';
import { createTrails } from '../../packages/appliance/src/trail.ts';
import { unused } from '../../packages/appliance/test/support/desk.ts';

/** What real firmware sent, answered by the appliance's own glue: inventory, boot decision, leases, reply matrix (B.2). */
const fixtures = new URL('../fixtures/captures/', import.meta.url);
const server = parseIPv4('192.168.50.1') ?? expect.fail('an address');
const OWN = parseIPv4('192.168.50.31') ?? expect.fail('an address');
const MAC = '52:54:00:aa:bb:01';

interface Packet {
  readonly src: string;
  readonly dst: string;
  readonly payload: string;
}

/** The requests that clients broadcast to port 67, in their order. */
function requests(capture: string): readonly DhcpRequest[] {
  const packets = readFileSync(new URL(capture, fixtures), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Packet)
    .filter(({ dst }) => dst.endsWith(':67'));
  return packets.flatMap(({ payload }) => {
    const message = decode(Buffer.from(payload, 'hex'));
    if ('malformed' in message) return expect.fail(`malformed: ${message.malformed}`);
    // Requests name the recording's server by 54: here they are addressed to this one.
    const intent = intentOf(message, { broadcast: true, isOurs: () => true });
    if (intent.kind === 'ignored') return [];
    const from = { address: '0.0.0.0', port: 68 };
    return [{ message, intent, interface: 'br0', server, broadcast: true, from }];
  });
}

/** The address that the recording's server gave: reserved here, so that the client's REQUEST fits our offer. */
function recordedAddress(capture: string): string {
  const given = requests(capture).map(({ message }) => message.options.get(OPTIONS.requestedAddress));
  return formatIPv4(given.find((address) => address !== undefined) ?? OWN);
}

function dataFile(machine: string, settings: string, address = formatIPv4(OWN)): string {
  return `
appliance:
  dhcp: { interfaces: [br0], subnets: [{ cidr: 192.168.50.0/24, pool: 192.168.50.100-192.168.50.110, router: 192.168.50.254 }] }
  artifacts: ${new URL('artifacts', import.meta.url).pathname}
  ${settings}
maclist:
  - macaddress: ${MAC}
    ${machine}
    values:
      ipaddress: ${address}
      version: v1.7.0
      type: create
      config: { token: t, os: { hostname: node1, password: p } }
`;
}

async function deskOf(data: string): Promise<Desk> {
  const { inventory, problems } = parseInventory(data, 'data.yaml');
  if (inventory === undefined) return expect.fail(JSON.stringify(problems));
  const leases = await openLeases(memoryStore(), { now: () => 0 }, () => expect.fail('nothing to report'));
  const trails = createTrails(() => 0);
  return {
    ...inForce(inventory, [{ name: 'br0', address: server, subnet: subnetOf(server, 24) }]),
    leases,
    trails,
    ...unused,
  };
}

/** The replies to a whole capture, in order. */
async function replay(
  capture: string,
  desk: Desk,
): Promise<readonly { readonly why: string; readonly note?: string; readonly reply?: Reply }[]> {
  const outcomes = [];
  for (const request of requests(capture)) outcomes.push(await answer(desk, request));
  return outcomes;
}

function bootOf(reply: Reply | undefined) {
  return {
    file: reply?.file === '' ? undefined : reply?.file,
    option67: reply?.options.get(OPTIONS.bootFile),
    option60: reply?.options.get(OPTIONS.vendorClass),
    option175: reply?.options.has(175),
    siaddr: formatIPv4(reply?.siaddr ?? server),
  };
}

const SCRIPT = `http://192.168.50.1:10000/ipxe/${MAC}`;
const ipxe = { file: SCRIPT, option67: SCRIPT, option60: undefined, option175: true, siaddr: '192.168.50.1' };
const loader = (file: string) => ({
  file,
  option67: file,
  option60: undefined,
  option175: false,
  siaddr: '192.168.50.1',
});
const http = (file: string) => ({ ...loader(file), option60: 'HTTPClient' });
/** The installed or live system's own DHCP client, at the end of a capture. */
const plain = { file: undefined, option67: undefined, option60: undefined, option175: false, siaddr: '0.0.0.0' };
const x64 = 'loaders/x64/snponly.efi';

describe('B-10 B-13 what each real client is told to boot', () => {
  test.each([
    ['bios-ipxe-rom.jsonl', [ipxe, plain]],
    ['bios-ipxe-rom-with-uuid.jsonl', [ipxe]],
    ['bios-iso.jsonl', [ipxe, plain]],
    ['uefi-x64-pxe-to-ipxe.jsonl', [loader(x64), ipxe]],
    ['uefi-x64-pxe-with-uuid.jsonl', [loader(x64)]],
    ['uefi-x64-http-boot.jsonl', [http(`http://192.168.50.1:10000/artifacts/${x64}`), ipxe, plain]],
  ])('%s', async (capture, expected) => {
    const address = recordedAddress(capture);
    const replies = await replay(capture, await deskOf(dataFile('name: node1', 'unknown: ignore', address)));
    for (const { reply } of replies) expect(formatIPv4(reply?.yiaddr ?? server)).toBe(address);
    // OFFER and ACK say the same, so neighbours that are equal are one decision.
    const boots = replies.map(({ reply }) => JSON.stringify(bootOf(reply)));
    expect(boots.filter((boot, index) => boot !== boots[index - 1]).map((boot) => JSON.parse(boot) as object)).toEqual(
      expected.map((boot) => JSON.parse(JSON.stringify(boot)) as object),
    );
  });

  test('every capture has a row here or is a proxy’s', () => {
    expect(readdirSync(fixtures).filter((name) => name.endsWith('.jsonl') && !name.startsWith('proxy-'))).toHaveLength(
      6,
    );
  });
});

describe('what a machine is told by policy', () => {
  const capture = 'uefi-x64-pxe-with-uuid.jsonl';
  const stranger = (settings: string) => dataFile('name: node1', settings).replaceAll(MAC, '52:54:00:00:00:99');

  test('an unknown MAC under ignore gets no answer at all', async () => {
    for (const outcome of await replay(capture, await deskOf(stranger('unknown: ignore')))) {
      expect(outcome).toEqual({ why: 'unknown-mac' });
    }
  });

  test('an unknown MAC under discover gets a pool address and the loader', async () => {
    const [offer] = await replay(capture, await deskOf(stranger('unknown: discover')));
    expect(formatIPv4(offer?.reply?.yiaddr ?? server)).toMatch(/^192\.168\.50\.1(0\d|10)$/);
    expect(bootOf(offer?.reply)).toEqual(loader(x64));
  });

  test('an unknown MAC under local gets a pool address and no boot file', async () => {
    const [offer] = await replay(capture, await deskOf(stranger('unknown: local')));
    expect(formatIPv4(offer?.reply?.yiaddr ?? server)).toMatch(/^192\.168\.50\.1(0\d|10)$/);
    expect(bootOf(offer?.reply)).toMatchObject({ file: undefined, option67: undefined });
  });

  test('a machine whose ipaddress is our own gets one of the pool: we never give ourselves away', async () => {
    const [offer] = await replay(capture, await deskOf(dataFile('name: node1', 'unknown: ignore', formatIPv4(server))));
    expect(formatIPv4(offer?.reply?.yiaddr ?? server)).toMatch(/^192\.168\.50\.1(0\d|10)$/);
  });

  test.each([
    ['name: Node_1.lab', 'node1.lab'],
    ['', '525400aabb01'],
  ])('A-54 the host name is one that a resolver takes: %s', async (name, expected) => {
    const nameless = dataFile(name, 'unknown: ignore').replace('os: { hostname: node1, password: p }', 'os: {}');
    const [offer] = await replay(capture, await deskOf(nameless));
    expect(offer?.reply?.options.get(OPTIONS.hostName)).toBe(expected);
  });

  test('netboot: never gives an address and no boot file', async () => {
    const [offer] = await replay(capture, await deskOf(dataFile('netboot: never', 'unknown: ignore')));
    expect(bootOf(offer?.reply)).toMatchObject({ file: undefined, option67: undefined });
    expect(offer?.note).toBe('netboot-never');
  });

  test.each([
    ['firmware gets no boot file', capture, undefined],
    ['B-21 iPXE that would be rechained gets its script', 'bios-ipxe-rom.jsonl', SCRIPT],
  ])('where its own loader is nowhere, %s, and the reason is told', async (_, from, file) => {
    const [offer] = await replay(
      from,
      await deskOf(dataFile('loader: nosuch.efi, rechain: true'.replace(', ', '\n    '), 'unknown: ignore')),
    );
    expect(bootOf(offer?.reply).file).toBe(file);
    expect(offer).toMatchObject({ why: 'offered', note: 'no-loader: nosuch.efi' });
  });

  test('B-21 rechain gives iPXE our loader once, and the script after it was fetched', async () => {
    const desk = await deskOf(dataFile('rechain: true', 'unknown: ignore'));
    const rom = 'bios-ipxe-rom.jsonl';
    const [first] = await replay(rom, desk);
    expect(first?.reply?.file).toBe('loaders/bios/undionly.kpxe');
    const machine = desk.inventory.machines[0] ?? expect.fail('a machine');
    desk.trails.loaderFetched(machine.macs[0]);
    const [second] = await replay(rom, desk);
    expect(second?.reply?.file).toBe(SCRIPT);
    desk.trails.scriptFetched(machine.macs[0]);
    const [afterReset] = await replay(rom, desk);
    expect(afterReset?.reply?.file).toBe('loaders/bios/undionly.kpxe');
  });
});
