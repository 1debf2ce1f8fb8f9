import { OPTIONS } from '@sower/dhcp';
import { formatIPv4 } from '@sower/net';
import { describe, expect, test } from 'vitest';
import { answer } from '../src/answer.ts';
import { servedInterfaces, whyNotServed } from '../src/interfaces.ts';
import { on, openDesk, quad, requestOf, tlv, type Sent } from './support/desk.ts';

/** One network that we are on; one behind a relay inside it; one behind a relay that is listed. */
const DATA = `
appliance:
  dhcp:
    interfaces: [eth1, eth2]
    subnets:
      - { cidr: 10.0.0.0/24, pool: 10.0.0.100-10.0.0.199 }
      - { cidr: 10.1.0.0/24, pool: 10.1.0.100-10.1.0.199, lease: 10m }
      - { cidr: 10.2.0.0/24, pool: 10.2.0.100-10.2.0.199, relays: [192.0.2.7] }
  unknown: discover
maclist: []
`;
const HERE = [on('eth1', '10.0.0.1'), on('eth2', '172.16.0.1')];
const DISCOVER = tlv(53, [1]);
const REQUEST = tlv(53, [3]);
const PXE = [...tlv(60, [...Buffer.from('PXEClient')]), ...tlv(77, [...Buffer.from('iPXE')])];

/** Why, from which subnet, by which server, to whom. */
async function ask(sent: Sent) {
  const desk = await openDesk(DATA, HERE);
  const answered = await answer(desk, requestOf(desk, sent));
  const reply = 'reply' in answered ? answered.reply : undefined;
  if (reply === undefined) return answered.why;
  const server = reply.options.get(OPTIONS.serverId) ?? expect.fail('no 54');
  const subnet = formatIPv4(reply.yiaddr).replace(/\d+$/, 'x');
  return `${answered.why} ${subnet} by ${formatIPv4(server)} to ${formatIPv4(reply.to.address)} ${reply.to.port}`;
}

describe('a request that a relay passes on', () => {
  test.each<[string, Sent, string]>([
    [
      'A-14 A-49 direct: the network of the interface',
      { options: DISCOVER },
      'offered 10.0.0.x by 10.0.0.1 to 255.255.255.255 client',
    ],
    [
      'A-14 A-49 a relay on a network that we are not on',
      { options: DISCOVER, giaddr: '10.1.0.1' },
      'offered 10.1.0.x by 10.0.0.1 to 10.1.0.1 server',
    ],
    [
      'A-14 A-50 a relay with an address of another network, listed',
      { options: DISCOVER, giaddr: '192.0.2.7' },
      'offered 10.2.0.x by 10.0.0.1 to 192.0.2.7 server',
    ],
    [
      'A-14 on an interface outside every subnet',
      { options: DISCOVER, giaddr: '10.1.0.1', server: '172.16.0.1' },
      'offered 10.1.0.x by 172.16.0.1 to 10.1.0.1 server',
    ],
    ['A-14 direct, outside every subnet', { options: DISCOVER, server: '172.16.0.1' }, 'no-subnet'],
    [
      'A-14 82.5 names another network than giaddr',
      { options: [...DISCOVER, ...tlv(82, [5, 4, ...quad('10.1.0.0')])], giaddr: '10.0.0.9' },
      'offered 10.1.0.x by 10.0.0.1 to 10.0.0.9 server',
    ],
    [
      'F-D 33 82.5 names no network of ours',
      { options: [...DISCOVER, ...tlv(82, [5, 4, ...quad('198.51.100.0')])], giaddr: '10.1.0.1' },
      'no-subnet',
    ],
    [
      'F-D 33 82.5 of length 3 is none',
      { options: [...DISCOVER, ...tlv(82, [5, 3, 10, 0, 0])], giaddr: '10.1.0.1' },
      'offered 10.1.0.x by 10.0.0.1 to 10.1.0.1 server',
    ],
    ['A-50 F-D 31 a relay nobody listed', { options: DISCOVER, giaddr: '203.0.113.9' }, 'relay-not-allowed'],
    [
      'A-50 F-D 33 a relay nobody listed, that names a network of ours',
      { options: [...DISCOVER, ...tlv(82, [5, 4, ...quad('10.1.0.0')])], giaddr: '203.0.113.9' },
      'relay-not-allowed',
    ],
    ['A-50 giaddr is ours', { options: DISCOVER, giaddr: '10.0.0.1' }, 'relay-not-allowed'],
    ['A-50 giaddr is everybody of a network', { options: DISCOVER, giaddr: '10.0.0.255' }, 'relay-not-allowed'],
    [
      'A-22 82.11 of a listed relay: clients see its identifier',
      { options: [...DISCOVER, ...tlv(82, [11, 4, ...quad('10.2.0.1')])], giaddr: '192.0.2.7' },
      'offered 10.2.0.x by 10.2.0.1 to 192.0.2.7 server',
    ],
    [
      'A-22 F-D 33 82.11 of any other relay is not heeded',
      { options: [...DISCOVER, ...tlv(82, [11, 4, ...quad('10.1.0.66')])], giaddr: '10.1.0.1' },
      'offered 10.1.0.x by 10.0.0.1 to 10.1.0.1 server',
    ],
    [
      'A-22 F-D 33 82.11 that no host can have',
      { options: [...DISCOVER, ...tlv(82, [11, 4, ...quad('255.255.255.255')])], giaddr: '192.0.2.7' },
      'offered 10.2.0.x by 10.0.0.1 to 192.0.2.7 server',
    ],
    [
      'A-22 A-20 the REQUEST that names the identifier of 82.11 is for us',
      {
        options: [
          ...REQUEST,
          ...tlv(54, quad('10.2.0.1')),
          ...tlv(50, quad('10.2.0.150')),
          ...tlv(82, [11, 4, ...quad('10.2.0.1')]),
        ],
        giaddr: '192.0.2.7',
      },
      'bound 10.2.0.x by 10.2.0.1 to 192.0.2.7 server',
    ],
    [
      'A-22 and without 82.11 it is for another server',
      { options: [...REQUEST, ...tlv(54, quad('10.2.0.1')), ...tlv(50, quad('10.2.0.150'))], giaddr: '192.0.2.7' },
      'other-server-chosen',
    ],
    [
      'A-14 A-49 renewing past the relay: at its own address',
      { options: REQUEST, ciaddr: '10.1.0.150', unicast: true },
      'recreated 10.1.0.x by 10.0.0.1 to 10.1.0.150 client',
    ],
    [
      'A-26 renewing past the relay, refused: at its own address',
      { options: REQUEST, ciaddr: '10.1.0.1', unicast: true },
      'nak-unknown-client 0.0.0.x by 10.0.0.1 to 10.1.0.1 client',
    ],
    [
      'A-50 F-D 30 renewing from an address in no network',
      { options: REQUEST, ciaddr: '8.8.8.8', unicast: true },
      'no-subnet',
    ],
  ])('%s', async (_, sent, expected) => {
    expect(await ask(sent)).toBe(expected);
  });

  test('A-15 the same machine behind two relays has two addresses', async () => {
    const desk = await openDesk(DATA, HERE);
    const selecting = (address: string) => [...REQUEST, ...tlv(54, quad('10.0.0.1')), ...tlv(50, quad(address))];
    const ways = [
      { giaddr: '10.1.0.1', address: '10.1.0.150' },
      { giaddr: '192.0.2.7', address: '10.2.0.150' },
    ];
    for (const { giaddr, address } of ways) {
      expect((await answer(desk, requestOf(desk, { options: selecting(address), giaddr }))).why).toBe('bound');
    }
    for (const { giaddr, address } of ways) {
      const { why } = await answer(desk, requestOf(desk, { options: [...REQUEST, ...tlv(50, quad(address))], giaddr }));
      expect(why).toBe('rebooted');
    }
  });

  test('B-08b what a relayed machine boots is at the address that the relay reaches us by', async () => {
    const desk = await openDesk(DATA, HERE);
    const sent = { options: [...DISCOVER, ...PXE], giaddr: '10.1.0.1', server: '172.16.0.1' };
    const answered = await answer(desk, requestOf(desk, sent));
    const reply = ('reply' in answered ? answered.reply : undefined) ?? expect.fail(answered.why);
    expect(formatIPv4(reply.siaddr)).toBe('172.16.0.1');
    expect(reply.file).toBe('http://172.16.0.1:10000/ipxe/02:00:00:00:00:01');
  });
});

describe('interfaces that relays reach us by', () => {
  const served = async (relays: string) => {
    const { inventory } = await openDesk(DATA.replace('relays: [192.0.2.7]', relays), HERE);
    const dhcp = inventory.appliance.dhcp ?? expect.fail('no dhcp');
    return [servedInterfaces(dhcp, HERE).map(({ name }) => name), whyNotServed(dhcp, HERE).length];
  };
  test('where relays are listed, an interface outside every subnet is served', async () => {
    expect(await served('relays: [192.0.2.7]')).toEqual([['eth1', 'eth2'], 0]);
  });
  test('N-12 where none is, it is not', async () => {
    expect(await served('relays: []')).toEqual([['eth1'], expect.any(Number)]);
  });
});
