import { readFileSync } from 'node:fs';
import { parseInventory } from '@sower/machines';
import { parseIPv4, subnetOf } from '@sower/net';
import { expect, test } from 'vitest';
import { fallbackLines } from '../../packages/appliance/src/fallback.ts';

const page = readFileSync(new URL('../../docs/proxy-dhcp.md', import.meta.url), 'utf8');

test('B-18 the example of docs/proxy-dhcp.md prints what the page says that it prints', () => {
  const example = /```yaml\n([\s\S]*?)```/.exec(page)?.[1] ?? '';
  const printed = /```\n( {2,}proxy in [\s\S]*?)```/.exec(page)?.[1] ?? '';
  const { inventory, problems } = parseInventory(example, 'data.yaml');
  expect(problems).toEqual([]);
  const address = parseIPv4('192.168.178.7') ?? expect.fail('an address');
  const loaders = [
    { folder: 'bios', wanted: ['undionly.kpxe'], found: 'loaders/bios/undionly.kpxe' },
    { folder: 'x64', wanted: ['snponly.efi'], found: 'loaders/x64/snponly.efi' },
    { folder: 'arm64', wanted: ['snponly.efi'], found: undefined },
  ];
  const addresses = [{ name: 'eth1', address, subnet: subnetOf(address, 24) }];
  const lines = fallbackLines(inventory?.appliance ?? expect.fail('an inventory'), addresses, loaders);
  expect(printed.trimEnd().split('\n')).toEqual(lines.map((line) => `         ${line}`));
});
