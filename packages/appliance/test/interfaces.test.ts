import { parseInventory } from '@sower/machines';
import { isConfigured, parseIPv4, subnetOf, type InterfaceAddress } from '@sower/net';
import { describe, expect, test } from 'vitest';
import { wantedDhcp } from '../src/dhcp.ts';
import { inForce } from '../src/force.ts';
import { createAddressBook, servedInterfaces } from '../src/interfaces.ts';
import { wantedBootServer } from '../src/boot-server.ts';
import { createRogues } from '../src/rogues.ts';
import { createSightings } from '../src/sightings.ts';
import { isServed, mtuAt } from '../src/tftp.ts';

const ip = (text: string) => parseIPv4(text) ?? expect.fail(`no address: ${text}`);
const on = (name: string, text: string): InterfaceAddress => ({
  name,
  address: ip(text),
  subnet: subnetOf(ip(text), 24),
});

describe('N-12 the address book', () => {
  /** A host whose links and addresses change as the test says. */
  function host() {
    const state = { running: [on('eth1', '10.0.0.1')], configured: new Set([ip('10.0.0.1')]) };
    const book = createAddressBook(
      () => state.running,
      (address) => state.configured.has(address),
    );
    return { state, look: () => book.look().map(({ name }) => name) };
  }

  test('keeps an address while its link is down', () => {
    const { state, look } = host();
    expect(look()).toEqual(['eth1']);
    state.running = [];
    expect(look()).toEqual(['eth1']);
    expect(look()).toEqual(['eth1']);
  });

  test('forgets an address that the kernel does not have any more', () => {
    const { state, look } = host();
    look();
    state.running = [];
    state.configured.clear();
    expect(look()).toEqual([]);
  });

  test('follows an address to another interface', () => {
    const { state, look } = host();
    look();
    state.running = [on('br0', '10.0.0.1')];
    expect(look()).toEqual(['br0']);
  });

  test('the kernel knows its own addresses from others', () => {
    expect(isConfigured(ip('127.0.0.1'))).toBe(true);
    expect(isConfigured(ip('127.0.0.0'))).toBe(false);
    expect(isConfigured(ip('203.0.113.77'))).toBe(false);
  });
});

const { inventory } = parseInventory(
  `appliance:
  dhcp: { interfaces: [eth1], subnets: [{ cidr: 10.0.0.0/24 }, { cidr: 10.9.0.0/24 }] }
  tftp: { allow: [192.0.2.0/24, 10.0.0.1/32] }
maclist: []
`,
  'data.yaml',
);

test('an interface is served from its address in a configured subnet', () => {
  const dhcp = inventory?.appliance.dhcp ?? expect.fail('no inventory');
  const addresses = [on('eth1', '172.16.0.1'), on('eth1', '10.0.0.1'), on('eth2', '10.9.0.1')];
  expect(servedInterfaces(dhcp, addresses)).toEqual([on('eth1', '10.0.0.1')]);
  expect(servedInterfaces(dhcp, [on('eth1', '172.16.0.1')])).toEqual([]);
});

test.each([
  ['is made again under its name', 'link 7 mtu 1500'],
  ['has another MTU', 'link 4 mtu 1400'],
])('N-12 sockets are opened anew when a link %s', (_, changed) => {
  const force = inForce(inventory ?? expect.fail('no inventory'), [on('eth1', '10.0.0.1')]);
  const desk = () => expect.fail('nobody asks');
  const keys = (link: string) => [
    ...wantedDhcp(
      force,
      new Map(),
      desk,
      { sightings: createSightings(), rogues: createRogues(() => 0) },
      () => undefined,
      () => link,
    ).keys(),
  ];
  expect(keys('link 4 mtu 1500')).toEqual(keys('link 4 mtu 1500'));
  expect(keys(changed)).not.toEqual(keys('link 4 mtu 1500'));
});

test('B-15 B-16 the boot server is at our address on every served interface, and on what was handed over', () => {
  const force = inForce(inventory ?? expect.fail('no inventory'), [on('eth1', '10.0.0.1'), on('eth2', '10.5.0.1')]);
  const neighbours = { sightings: createSightings(), rogues: createRogues(() => 0) };
  const nobody = () => expect.fail('nobody asks');
  const keys = (fds: readonly number[]) => [
    ...wantedBootServer(force, fds, nobody, neighbours, () => undefined).keys(),
  ];
  expect(keys([])).toEqual(['10.0.0.1:4011']);
  expect(keys([7, 9])).toEqual(['descriptor 7', 'descriptor 9']);
});

test.each([
  ['10.0.0.1', 1400],
  ['10.5.0.1', 1500],
  ['0.0.0.0', 1500],
])('C-08 TFTP on %s knows an MTU of %i', (local, expected) => {
  const force = inForce(inventory ?? expect.fail('no inventory'), [on('tun0', '10.0.0.1'), on('eth2', '10.5.0.1')]);
  expect(mtuAt(force, ip(local), (name) => (name === 'tun0' ? 1400 : 9000))).toBe(expected);
});

describe('C-28 C-29 whom TFTP serves', () => {
  test.each([
    ['10.0.0.77', true, 'in a network of this host'],
    ['10.9.0.77', true, 'in a DHCP subnet'],
    ['192.0.2.5', true, 'in tftp.allow'],
    ['198.51.100.5', false, 'elsewhere'],
    ['10.5.0.1', false, 'this host itself'],
    ['10.0.0.1', true, 'this host itself, allowed by name'],
  ])('%s: %s, %s', (peer, expected) => {
    const force = inForce(inventory ?? expect.fail('no inventory'), [on('eth1', '10.0.0.1'), on('eth2', '10.5.0.1')]);
    expect(isServed(force, ip(peer))).toBe(expected);
  });
});
