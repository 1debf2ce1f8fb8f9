import { parseInventory } from '@sower/machines';
import { describe, expect, test } from 'vitest';
import { answer } from '../src/answer.ts';
import { dhcpOptions } from '../src/data.ts';
import { on, openDesk, requestOf, tlv } from './support/desk.ts';

const data = (more: { all?: string; subnet?: string; x64?: string; machine?: string }) => `appliance:
  dhcp:
    interfaces: [eth1]
    options: ${more.all ?? '{}'}
    architectures: { x64: ${more.x64 ?? '{}'} }
    subnets: [{ cidr: 10.0.0.0/24, pool: 10.0.0.100-10.0.0.199, dns: 10.0.0.3, options: ${more.subnet ?? '{}'} }]
  unknown: discover
maclist:
  - macaddress: 02:00:00:00:00:01
    options: ${more.machine ?? '{}'}
    values: { version: 1.7.0, type: join, config: {} }
`;

const DISCOVER = tlv(53, [1]);
const UEFI = [...tlv(60, [...Buffer.from('PXEClient')]), ...tlv(93, [0, 7])];
const BIOS = [...tlv(60, [...Buffer.from('PXEClient')]), ...tlv(93, [0, 0])];

/** What an option of the OFFER says, in hex. */
async function told(text: string, code: number, options: readonly number[], mac = [2, 0, 0, 0, 0, 1]) {
  const desk = await openDesk(text, [on('eth1', '10.0.0.1')]);
  const answered = await answer(desk, requestOf(desk, { options: [...DISCOVER, ...options], mac }));
  const reply = ('reply' in answered ? answered.reply : undefined) ?? expect.fail(answered.why);
  const bytes = reply.options.joined(code);
  return bytes === undefined ? undefined : Buffer.from(bytes).toString('hex');
}

describe('A-45 more options: a machine’s before its architecture’s, its subnet’s, everybody’s', () => {
  const all = '{ 224: "01" }';
  const subnet = '{ 224: "02" }';
  const x64 = '{ 224: "03" }';
  const machine = '{ 224: "04" }';
  test.each([
    ['everybody’s', { all }, BIOS, '01'],
    ['the subnet’s', { all, subnet }, BIOS, '02'],
    ['the architecture’s', { all, subnet, x64 }, UEFI, '03'],
    ['another architecture’s', { all, subnet, x64 }, BIOS, '02'],
    ['the machine’s', { all, subnet, x64, machine }, UEFI, '04'],
    ['nobody’s', {}, UEFI, undefined],
  ])('%s', async (_, more, client, expected) => {
    expect(await told(data(more), 224, client)).toBe(expected);
  });

  test('another machine does not get them', async () => {
    expect(await told(data({ machine }), 224, BIOS, [2, 0, 0, 0, 0, 2])).toBeUndefined();
  });

  test('one of these counts more than the key of the subnet', async () => {
    expect(await told(data({}), 6, BIOS)).toBe('0a000003');
    expect(await told(data({ machine: '{ dns-servers: 10.0.0.9 }' }), 6, BIOS)).toBe('0a000009');
  });

  test.each([
    ['asked for', '224: "01"', [224], '01'],
    ['not asked for', '224: "01"', [1], undefined],
    ['not asked for, but forced', '224: { value: "01", force: true }', [1], '01'],
    ['not asked for, and not forced', '224: { value: "01", force: false }', [1], undefined],
  ])('%s', async (_, option, list, expected) => {
    expect(await told(data({ all: `{ ${option} }` }), 224, tlv(55, list))).toBe(expected);
  });
});

describe('a fault is told with its line and column', () => {
  const problems = (all: string) =>
    parseInventory(data({ all }), 'data.yaml', { dhcpOptions })
      .problems.filter(({ severity }) => severity === 'error')
      .map(({ line, column, what, hint }) => `${line}:${column} ${what} | ${hint}`);
  test.each([
    ['{ ntp-server: 10.0.0.3 }', '4:16 `ntp-server` is no DHCP option | did you mean `ntp-servers`?'],
    ['{ 999: x }', '4:16 `999` is no DHCP option | a code from 1 to 254, or a name such as ntp-servers'],
    ['{ 42: x }', '4:20 this is not one or more IPv4 addresses | option 42 takes one or more IPv4 addresses'],
    ['{ 3: 10.0.0.3 }', '4:16 sower sets option 3 by itself | write `router`'],
    ['{ 42: }', '4:16 this is no value | a text, a list of texts, or `{ value: …, force: true }`'],
    ['{ 42: [[a]] }', '4:20 this is no value | a text, a list of texts, or `{ value: …, force: true }`'],
    [
      '{ 42: { value: 10.0.0.3, forced: true } }',
      '4:20 this is no value | a text, a list of texts, or `{ value: …, force: true }`',
    ],
    [
      '{ 42: { value: 10.0.0.3, force: 1 } }',
      '4:20 this is no value | a text, a list of texts, or `{ value: …, force: true }`',
    ],
    ['{ 42: 10.0.0.3, ntp-servers: 10.0.0.4 }', '4:30 option 42 is there twice | write it once, by code or by name'],
    ['[42]', '4:14 `options` is a sequence | it has to be a mapping such as `ntp-servers: 192.168.178.3`'],
  ])('%s', (all, expected) => {
    expect(problems(all)).toEqual([expected]);
  });

  test('YAML’s own numbers and lists are taken as they are written', () => {
    expect(problems('{ interface-mtu: 1400, 119: [lab.example, example], 224: 0102 }')).toEqual([]);
  });
});
