import { formatIPv4, parseMac } from '@sower/net';
import { expect, test } from 'vitest';
import { answer } from '../src/answer.ts';
import { ip, on, openDesk, requestOf } from './support/desk.ts';

const DATA = `
appliance:
  dhcp: { interfaces: [eth1], subnets: [{ cidr: 10.0.0.0/24, pool: 10.0.0.100-10.0.0.199 }] }
  unknown: discover
maclist:
  - macaddress: 02:00:00:00:00:01
    values: { ipaddress: 10.0.0.31, version: 1.7.0, type: join, config: {} }
`;

test('A-58 BOOTP: a machine gets its own address and keeps it; a stranger gets none of the pool', async () => {
  const desk = await openDesk(DATA, [on('eth1', '10.0.0.1')]);
  const answered = await answer(desk, requestOf(desk, { options: [] }));
  const reply = ('reply' in answered ? answered.reply : undefined) ?? expect.fail(answered.why);
  expect([answered.why, formatIPv4(reply.yiaddr)]).toEqual(['bootp-served', '10.0.0.31']);
  expect(desk.leases.holderOf(ip('10.0.0.31'))).toBe(parseMac('02:00:00:00:00:01'));
  const stranger = await answer(desk, requestOf(desk, { options: [], mac: [2, 0, 0, 0, 0, 2] }));
  expect(stranger.why).toBe('bootp-not-served');
});
