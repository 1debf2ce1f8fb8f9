import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseInventory } from '@sower/machines';
import { interfaceAddresses, parseIPv4, parseMac, type Mac } from '@sower/net';
import { download } from '@sower/tftp';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { BootEvent } from '../src/events.ts';
import { inForce, type BootDesk } from '../src/force.ts';
import { createTftp } from '../src/tftp.ts';
import { createTrails } from '../src/trail.ts';

const MACHINES = `
  - { name: n1, macaddress: 52:54:00:aa:bb:01, values: { version: 1.7.0, type: join, ipaddress: 127.0.0.11, netmask: 255.0.0.0, config: { token: t } } }
  - { name: n2, macaddress: 52:54:00:aa:bb:02, values: { version: 1.7.0, type: join, config: { token: t } } }
  - { name: n3, macaddress: 52:54:00:aa:bb:03, values: { version: 1.7.0, type: join, ipaddress: 127.0.0.13, netmask: 255.0.0.0, config: { token: t } } }
`;

/** Who was only seen to use which address, as anybody can make us believe. */
const SEEN = new Map([
  ['127.0.0.11', '52:54:00:aa:bb:02'],
  ['127.0.0.13', '52:54:00:aa:bb:03'],
  ['127.0.0.112', '52:54:00:aa:bb:02'],
  ['127.0.0.198', '52:54:00:aa:bb:99'],
]);

/** Who holds which address by DHCP; 99 is nobody's machine. */
const LEASES = new Map([
  ['127.0.0.102', '52:54:00:aa:bb:02'],
  ['127.0.0.103', '52:54:00:aa:bb:03'],
  ['127.0.0.199', '52:54:00:aa:bb:99'],
]);

async function openTftp(maclist: () => string = () => MACHINES, sightings: ReadonlyMap<string, string> = new Map()) {
  const folder = await mkdtemp(join(tmpdir(), 'sower-autoexec-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await mkdir(join(folder, 'artifacts/loaders/x64'), { recursive: true });
  const read = () => {
    const appliance = '{ http: { url: "http://10.0.0.1:10000" }, tftp: { allow: [127.0.0.0/8] } }';
    const { inventory } = parseInventory(`appliance: ${appliance}\nmaclist:${maclist()}`, join(folder, 'data.yaml'));
    return inForce(inventory ?? expect.fail('an inventory'), interfaceAddresses());
  };
  const parsed = (texts: ReadonlyMap<string, string>) =>
    new Map<number | undefined, Mac | undefined>(
      [...texts].map(([address, mac]) => [parseIPv4(address), parseMac(mac)]),
    );
  const [held, seen] = [parsed(LEASES), parsed(sightings)];
  const events: BootEvent[] = [];
  const desk: BootDesk = {
    force: read,
    holderOf: (address) => held.get(address),
    speakerAt: (address) => held.get(address) ?? seen.get(address),
    heard: () => undefined,
    trails: createTrails(() => 0),
  };
  const server = createTftp(desk, (event) => events.push(event));
  onTestFinished(() => server.close(0));
  const at = await server.listen({ address: '127.0.0.1', port: 0 });
  const fetch = async (from: string, file = 'loaders/x64/autoexec.ipxe') => {
    const options = [
      ['tsize', '0'],
      ['blksize', '1432'],
    ] as const;
    const got = await download({ server: at, file, from, options });
    return got.ok ? { text: Buffer.from(got.bytes).toString(), options: got.options } : got.code;
  };
  return { folder, fetch, events, desk };
}

describe('B-26 C-27 autoexec.ipxe', () => {
  test.each(['loaders/x64/autoexec.ipxe', '/autoexec.ipxe', 'autoexec.ipxe', 'loaders\\arm64\\autoexec.ipxe'])(
    'as %s: the chain script of the machine that asks, of the size that was announced',
    async (name) => {
      const { fetch } = await openTftp();
      const got = await fetch('127.0.0.102', name);
      const { text, options } = typeof got === 'object' ? got : expect.fail(`error ${got}`);
      expect(text.split('\n')).toEqual(
        expect.arrayContaining([
          '#!ipxe',
          'set user-class sower',
          'iseq ${net${nic}/mac} 52:54:00:aa:bb:02 && goto mine ||',
          'dhcp net${nic} || goto next',
          'chain --replace --autofree http://10.0.0.1:10000/ipxe/${net${nic}/mac} || goto next',
        ]),
      );
      expect(options).toContainEqual(['tsize', String(Buffer.byteLength(text))]);
    },
  );

  test.each([
    ['the address that it has now is that of its data file: no DHCP', '127.0.0.11', 'n1', true],
    ['its address is another one now: DHCP', '127.0.0.103', 'n3', false],
  ])('%s', async (_, from, name, isStatic) => {
    const { fetch } = await openTftp();
    const got = await fetch(from);
    const { text } = typeof got === 'object' ? got : expect.fail(`error ${got}`);
    expect(text).toContain(` is not ${name}\n`);
    expect(text.includes(`set net\${nic}/ip ${from}\n`)).toBe(isStatic);
    expect(text.includes('dhcp net${nic}')).toBe(!isStatic);
  });

  test.each([
    ['D-13 a sighting that contradicts the data file', '127.0.0.11', /^(?!.*is not).*dhcp net/s],
    ['D-13 a sighting alone', '127.0.0.112', /^(?!.*is not).*dhcp net/s],
    ['a sighting that the data file confirms: no DHCP', '127.0.0.13', /is not n3.*set net\$\{nic\}\/ip 127\.0\.0\.13/s],
  ])('%s keeps no machine from booting', async (_, from, expected) => {
    const { fetch } = await openTftp(() => MACHINES, SEEN);
    expect(await fetch(from)).toMatchObject({ text: expect.stringMatching(expected) as string });
  });

  test.each([
    ['an address that nobody has', '127.0.0.50'],
    ['a lease of a MAC that is not in data.yaml', '127.0.0.199'],
    ['a sighting of a MAC that is not in data.yaml', '127.0.0.198'],
  ])('%s gets error 1 at once', async (_, from) => {
    const { fetch } = await openTftp(() => MACHINES, SEEN);
    expect(await fetch(from)).toBe(1);
  });

  test('a file of the site comes before ours', async () => {
    const { folder, fetch } = await openTftp();
    await writeFile(join(folder, 'artifacts/loaders/x64/autoexec.ipxe'), '#!ipxe\nshell\n');
    expect(await fetch('127.0.0.102')).toMatchObject({ text: '#!ipxe\nshell\n' });
  });

  test('B-21 it is no loader: fetching it often is no loop', async () => {
    const { fetch, events, desk } = await openTftp();
    for (let round = 0; round < 5; round += 1) await fetch('127.0.0.102');
    expect(desk.trails.loaderFetches(parseMac('52:54:00:aa:bb:02') ?? expect.fail('a MAC'))).toBe(0);
    expect(events.map(({ why }) => why)).not.toContain('loader-loop');
  });

  test('the size that was announced is the size that is sent, though the machine is renamed meanwhile', async () => {
    let asked = 0;
    const { fetch } = await openTftp(() => MACHINES.replace('n2', `n2${'x'.repeat((asked += 1))}`));
    const got = await fetch('127.0.0.102');
    const { text, options } = typeof got === 'object' ? got : expect.fail(`error ${got}`);
    expect(asked).toBeGreaterThan(1);
    expect(options).toContainEqual(['tsize', String(Buffer.byteLength(text))]);
  });
});
