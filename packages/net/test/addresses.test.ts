import { describe, expect, test } from 'vitest';
import {
  broadcastOf,
  contains,
  formatIPv4,
  formatSubnet,
  isHostOf,
  linkIndex,
  linkMtu,
  netmaskOf,
  overlaps,
  parseIPv4,
  parseMac,
  parseRange,
  parseSubnet,
  prefixOfNetmask,
} from '@sower/net';
import fc from 'fast-check';

describe('IPv4', () => {
  test('every address survives format and parse', () => {
    fc.assert(
      fc.property(fc.ipV4(), (text) => {
        const address = parseIPv4(text);
        expect(address === undefined ? '' : formatIPv4(address)).toBe(text);
      }),
    );
  });

  test.each([
    '',
    '1.2.3',
    '1.2.3.4.5',
    '256.1.1.1',
    '01.2.3.4',
    '1.2.3.4 ',
    '1.2.3.x',
    '1..2.3',
    '0x1.2.3.4',
    '-1.2.3.4',
  ])('refuses %j', (text) => expect(parseIPv4(text)).toBeUndefined());
});

describe('D-11 MAC addresses', () => {
  test.each([
    '52:54:00:aa:bb:01',
    '52-54-00-AA-BB-01',
    '525400aabb01',
    '5254.00AA.BB01',
    '01-52-54-00-aa-bb-01',
    '52:54:00:AA:bb:01',
  ])('%s is read', (text) => expect(parseMac(text)).toBe('52:54:00:aa:bb:01'));

  test.each([
    '',
    '52:54:00:aa:bb',
    '52:54:00:aa:bb:01:02',
    'gg:54:00:aa:bb:01',
    '52:54-00:aa:bb:01',
    '52:54:00:aa:bb:０１',
    '02-52-54-00-aa-bb-01',
    '52:54:00:aa:bb:01\n',
    'a'.repeat(1_000_000),
  ])('F-H 19 refuses a wrong form', (text) => expect(parseMac(text)).toBeUndefined());
});

describe('subnets', () => {
  const subnet = (text: string) => parseSubnet(text) ?? expect.fail(`no subnet: ${text}`);
  const ip = (text: string) => parseIPv4(text) ?? expect.fail(`no address: ${text}`);

  test.each([
    ['192.168.178.0/24', '255.255.255.0', '192.168.178.255'],
    ['10.0.0.0/8', '255.0.0.0', '10.255.255.255'],
    ['0.0.0.0/0', '0.0.0.0', '255.255.255.255'],
    ['10.1.2.4/31', '255.255.255.254', '10.1.2.5'],
    ['10.1.2.3/32', '255.255.255.255', '10.1.2.3'],
  ])('%s has netmask %s and broadcast %s', (text, mask, broadcast) => {
    expect(formatSubnet(subnet(text))).toBe(text);
    expect(formatIPv4(netmaskOf(subnet(text)))).toBe(mask);
    expect(formatIPv4(broadcastOf(subnet(text)))).toBe(broadcast);
    expect(prefixOfNetmask(ip(mask))).toBe(subnet(text).prefix);
  });

  test.each(['10.0.0.1/24', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0', '10.0.0.0/8/8', '10.0.0.0/08', '10.0.0.0/-1'])(
    'refuses %s',
    (text) => expect(parseSubnet(text)).toBeUndefined(),
  );

  test('a netmask with holes has no prefix', () => expect(prefixOfNetmask(ip('255.0.255.0'))).toBeUndefined());

  test('containment and overlap', () => {
    expect(contains(subnet('172.16.128.0/22'), ip('172.16.131.255'))).toBe(true);
    expect(contains(subnet('172.16.128.0/22'), ip('172.16.132.0'))).toBe(false);
    expect(contains(subnet('0.0.0.0/0'), ip('203.0.113.9'))).toBe(true);
    expect(overlaps(subnet('10.0.0.0/8'), subnet('10.1.0.0/16'))).toBe(true);
    expect(overlaps(subnet('10.0.0.0/16'), subnet('10.1.0.0/16'))).toBe(false);
  });

  test('network and broadcast addresses are no hosts, except in a /31 and /32 (RFC 3021)', () => {
    expect(isHostOf(subnet('10.0.0.0/24'), ip('10.0.0.0'))).toBe(false);
    expect(isHostOf(subnet('10.0.0.0/24'), ip('10.0.0.255'))).toBe(false);
    expect(isHostOf(subnet('10.0.0.0/24'), ip('10.0.0.7'))).toBe(true);
    expect(isHostOf(subnet('10.0.0.0/31'), ip('10.0.0.0'))).toBe(true);
    expect(isHostOf(subnet('10.0.0.0/24'), ip('10.0.1.1'))).toBe(false);
  });

  test.each(['10.0.0.9-10.0.0.1', '10.0.0.1', '10.0.0.1-x', '10.0.0.1-10.0.0.2-10.0.0.3'])(
    'refuses the range %s',
    (text) => expect(parseRange(text)).toBeUndefined(),
  );
  test('reads a range', () =>
    expect(parseRange('10.0.0.1 - 10.0.0.9')).toEqual({ first: ip('10.0.0.1'), last: ip('10.0.0.9') }));
});

test.runIf(process.platform === 'linux')('N-12 a link has a number and an MTU for as long as it is there', () => {
  expect(linkIndex('lo')).toBe(1);
  expect(linkMtu('lo')).toBeGreaterThan(0);
  expect(linkIndex('no-such-link')).toBeUndefined();
  expect(linkMtu('no-such-link')).toBeUndefined();
});
