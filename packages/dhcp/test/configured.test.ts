import { describe, expect, test } from 'vitest';
import { configurableNames, configuredOption } from '../src/rules/configured.ts';
import { ascii, quad } from './support/packets.ts';

const made = (name: string, ...words: string[]) => configuredOption(name, words);

describe('A-45 an option as a person writes it', () => {
  test.each<[string, string, readonly string[], number, readonly number[]]>([
    ['by name', 'ntp-servers', ['10.0.0.3', '10.0.0.4'], 42, [...quad('10.0.0.3'), ...quad('10.0.0.4')]],
    ['by code', '42', ['10.0.0.3'], 42, quad('10.0.0.3')],
    ['a number of two bytes', 'interface-mtu', ['9000'], 26, [0x23, 0x28]],
    ['a number of four bytes', 'time-offset', ['4294967295'], 2, [255, 255, 255, 255]],
    ['a number of one byte', '46', ['8'], 46, [8]],
    ['a text', 'root-path', ['nfs:/srv/x'], 17, ascii('nfs:/srv/x')],
    ['domain names', '119', ['a.bc', 'd'], 119, [1, ...ascii('a'), 2, ...ascii('bc'), 0, 1, ...ascii('d'), 0]],
    [
      'routes (RFC 3442)',
      'routes',
      ['10.0.0.0/8 via 10.1.1.1', '0.0.0.0/0 via 10.1.1.2'],
      121,
      [8, 10, ...quad('10.1.1.1'), 0, ...quad('10.1.1.2')],
    ],
    ['the name servers of one machine', 'dns-servers', ['10.0.0.5'], 6, quad('10.0.0.5')],
    ['a code without a row, in hex', '224', ['0a0B:ff'], 224, [10, 11, 255]],
    ['a row without a written form, in hex', '125', ['00000de9:0401020304'], 125, [0, 0, 0x0d, 0xe9, 4, 1, 2, 3, 4]],
  ])('%s', (_, name, words, code, bytes) => {
    const option = configuredOption(name, words);
    expect('code' in option ? [option.code, [...option.bytes]] : option).toEqual([code, bytes]);
  });

  test.each([
    ['ntp-servers', ['x'], 'value', 'this is not one or more IPv4 addresses'],
    ['ntp-servers', [], 'value', 'this is not one or more IPv4 addresses'],
    ['ntp-servers', ['10.0.0.3', '10.0.0.256'], 'value', 'this is not one or more IPv4 addresses'],
    ['interface-mtu', ['65536'], 'value', 'this is not a number from 0 to 65535'],
    ['interface-mtu', ['-1'], 'value', 'this is not a number from 0 to 65535'],
    ['interface-mtu', ['1', '2'], 'value', 'this is not a number from 0 to 65535'],
    ['root-path', ['a\nb'], 'value', 'this is not a text without control characters'],
    ['root-path', [''], 'value', 'this is not a text without control characters'],
    ['root-path', ['x'.repeat(256)], 'value', 'option 17 has 256 bytes'],
    ['domain-search', ['a..b'], 'value', 'this is not one or more domain names'],
    ['domain-search', ['x'.repeat(64)], 'value', 'this is not one or more domain names'],
    [
      'routes',
      ['10.0.0.1/8 via 10.1.1.1'],
      'value',
      'this is not one or more routes such as 10.0.0.0/8 via 192.168.178.1',
    ],
    ['224', ['0a0'], 'value', 'this is not bytes in hex such as 0a0b0c'],
    ['ntpServers', ['10.0.0.3'], 'name', '`ntpServers` is no DHCP option'],
    ['0', ['00'], 'name', '`0` is no DHCP option'],
    ['255', ['00'], 'name', '`255` is no DHCP option'],
    ['constructor', ['00'], 'name', '`constructor` is no DHCP option'],
  ])('%s: %j is a wrong %s', (name, words, fault, what) => {
    expect(configuredOption(name, words)).toMatchObject({ fault, what });
  });

  test('A-46 a value over 255 bytes is taken where its readers join the parts', () => {
    const names = Array.from({ length: 10 }, (_, index) => `${String(index).repeat(30)}.example`);
    expect(made('domain-search', ...names)).toMatchObject({ code: 119 });
  });

  test.each([
    1, 3, 12, 28, 43, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 66, 67, 77, 80, 81, 82, 93, 94, 97, 118, 175,
  ])('option %i is ours to set, and the reason is said', (code) => {
    expect(made(String(code), '00')).toMatchObject({ fault: 'name', what: `sower sets option ${code} by itself` });
  });

  test('the names that may be written are all of those, and no other', () => {
    const names = configurableNames();
    expect(names).toContain('ntp-servers');
    expect(names).not.toContain('routers');
    const owned = names.map((name) => made(name, '')).filter((option) => 'fault' in option && option.fault === 'name');
    expect(owned).toEqual([]);
  });
});
