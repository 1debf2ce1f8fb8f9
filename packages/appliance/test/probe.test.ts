import { neighbourAt, parseMac, type IPv4, type Mac } from '@sower/net';
import { describe, expect, test } from 'vitest';
import { answer } from '../src/answer.ts';
import { createProber } from '../src/probe.ts';
import { ip, on, openDesk, quad, requestOf, tlv } from './support/desk.ts';

const mac = (text: string) => parseMac(text) ?? expect.fail(text);
const SQUATTER = mac('02:00:00:00:00:99');

/** A link with one squatter on it, where waiting takes no time but the clock's. */
function link(address = '10.0.0.150', squatter = SQUATTER) {
  const state = { time: 1_000_000, stirred: 0, waited: 0 };
  const prober = createProber({
    stir: () => void (state.stirred += 1),
    neighbourAt: (wanted) => Promise.resolve(wanted === ip(address) ? squatter : undefined),
    wait: (ms) => {
      state.waited = Math.max(state.waited, ms);
      return Promise.resolve();
    },
    now: () => state.time,
  });
  return { state, prober };
}

describe('A-35a the kernel’s table of neighbours', () => {
  const table = () =>
    Promise.resolve(
      'IP address       HW type     Flags       HW address            Mask     Device\n' +
        '10.0.0.150       0x1         0x2         02:00:00:00:00:99     *        eth1\n' +
        '10.0.0.15        0x1         0x0         00:00:00:00:00:00     *        eth1\n',
    );
  test.each([
    ['10.0.0.150', SQUATTER, 'flag 2: somebody answered'],
    ['10.0.0.15', undefined, 'flag 0: nobody did'],
    ['10.0.0.1', undefined, 'nobody was asked for'],
  ])('A-35a %s: %s, %s', async (address, expected, _why) => {
    expect(await neighbourAt(ip(address), table)).toBe(expected);
  });
});

describe('A-35 probing', () => {
  test('an address is asked for once a minute, and nobody waits longer than 300 ms', async () => {
    const { state, prober } = link();
    expect(await prober.occupantOf(ip('10.0.0.150'))).toBe(SQUATTER);
    expect(await prober.occupantOf(ip('10.0.0.150'))).toBe(SQUATTER);
    expect(await prober.occupantOf(ip('10.0.0.151'))).toBeUndefined();
    expect([state.stirred, state.waited]).toEqual([2, 300]);
    state.time += 60_000;
    await prober.occupantOf(ip('10.0.0.150'));
    expect(state.stirred).toBe(3);
  });

  test('above eight new addresses a second there is no probing for a minute', async () => {
    const { state, prober } = link();
    const ask = async (count: number, from: number) => {
      for (let at = 0; at < count; at += 1) await prober.occupantOf((ip('10.0.0.0') + from + at) as IPv4);
    };
    await ask(100, 0);
    expect(state.stirred).toBe(8);
    state.time += 30_000;
    await ask(5, 100);
    expect(state.stirred).toBe(8);
    state.time += 60_000;
    await ask(5, 105);
    expect(state.stirred).toBe(13);
  });
});

describe('A-35 an address that somebody uses', () => {
  const DATA = `
appliance:
  dhcp:
    interfaces: [eth1]
    subnets:
      - { cidr: 10.0.0.0/24, pool: 10.0.0.100-10.0.0.199 }
      - { cidr: 10.1.0.0/24, pool: 10.1.0.100-10.1.0.199 }
      - { cidr: 10.2.0.0/24, pool: 10.2.0.100-10.2.0.199, probe: false }
  unknown: discover
maclist:
  - macaddress: 02:00:00:00:00:07
    values: { ipaddress: 10.0.0.150, version: 1.7.0, type: join, config: {} }
`;
  const DISCOVER = (address: string) => [...tlv(53, [1]), ...tlv(50, quad(address))];
  const offered = async (
    address: string,
    more: object = {},
    client: readonly number[] = [2, 0, 0, 0, 0, 1],
    squatter = SQUATTER,
  ) => {
    const conflicts: Mac[] = [];
    const desk = {
      ...(await openDesk(DATA, [on('eth1', '10.0.0.1'), on('eth2', '10.2.0.1')])),
      prober: link(address, squatter).prober,
      inUse: (_: IPv4, occupant: Mac) => void conflicts.push(occupant),
    };
    const answered = await answer(desk, requestOf(desk, { options: DISCOVER(address), mac: client, ...more }));
    const reply = ('reply' in answered ? answered.reply : undefined) ?? expect.fail(answered.why);
    return { got: reply.yiaddr === ip(address), conflicts };
  };

  test('A-35 is not offered to a new client, and that is told', async () => {
    expect(await offered('10.0.0.151')).toEqual({ got: false, conflicts: [SQUATTER] });
  });
  test('A-35 nor when the one that uses it has another address reserved', async () => {
    const reserved = mac('02:00:00:00:00:07');
    expect(await offered('10.0.0.151', {}, undefined, reserved)).toEqual({ got: false, conflicts: [reserved] });
  });
  test('A-35 is offered to the one that uses it', async () => {
    expect(await offered('10.0.0.151', {}, [2, 0, 0, 0, 0, 0x99])).toEqual({ got: true, conflicts: [] });
  });
  test.each<[string, string, object, readonly number[] | undefined]>([
    ['is offered to the machine that has it reserved', '10.0.0.150', {}, [2, 0, 0, 0, 0, 7]],
    ['is not asked for behind a relay', '10.1.0.150', { giaddr: '10.1.0.1' }, undefined],
    ['is not asked for where that is switched off', '10.2.0.150', { server: '10.2.0.1' }, undefined],
  ])('A-35 %s', async (_, address, more, client) => {
    expect(await offered(address, more, client)).toEqual({ got: true, conflicts: [] });
  });

  test.each([
    ['two neighbours that are used are both passed over', 2, '10.0.0.153'],
    ['where every address is used, one is offered all the same', 100, '10.0.0.154'],
  ])('A-35 %s', async (_, squatters, expected) => {
    // where the search for this client's address begins
    const first = ip('10.0.0.151');
    const occupantOf = (address: IPv4) => {
      const place = address - first;
      const isUsed = place >= 0 && place < squatters;
      return Promise.resolve(isUsed ? mac(`02:00:00:00:01:${String(place).padStart(2, '0')}`) : undefined);
    };
    const desk = { ...(await openDesk(DATA, [on('eth1', '10.0.0.1')])), prober: { occupantOf } };
    const answered = await answer(desk, requestOf(desk, { options: tlv(53, [1]), mac: [2, 0, 0, 0, 0, 0x22] }));
    expect('reply' in answered ? answered.reply?.yiaddr : answered.why).toBe(ip(expected));
  });

  test('A-35 while it is asked for, no other new client is offered the same address', async () => {
    const waiting: (() => void)[] = [];
    const desk = {
      ...(await openDesk(DATA, [on('eth1', '10.0.0.1')])),
      prober: { occupantOf: () => new Promise<undefined>((resolve) => waiting.push(() => resolve(undefined))) },
    };
    const ask = (last: number) =>
      answer(desk, requestOf(desk, { options: DISCOVER('10.0.0.151'), mac: [2, 0, 0, 0, 0, last] }));
    const both = [ask(1), ask(2)];
    while (waiting.length < 2) await new Promise((resolve) => setImmediate(resolve));
    for (const go of waiting) go();
    const offers = await Promise.all(both);
    const addresses = offers.map((offer) => ('reply' in offer ? offer.reply?.yiaddr : undefined));
    expect(new Set(addresses).size).toBe(2);
  });
});
