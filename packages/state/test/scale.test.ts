import { formatIPv4, ipv4, type IPv4 } from '@sower/net';
import { describe, expect, test } from 'vitest';
import { memoryStore, openLeases, type Entry, type Leases, type Store } from '../src/index.ts';
import { address, client, handClock, must, plan } from './support.ts';

const START = 1_800_000_000;
const where = plan({ cidr: '10.0.0.0/8', pool: '10.0.0.1-10.1.140.255' });
const size = must(where.pool).last - must(where.pool).first + 1;

/** A store that begins with `count` leases that end one after the other, the n-th client's on the n-th address. */
function filledStore(count: number): Store {
  const inner = memoryStore();
  function* entries(): Generator<Entry> {
    for (let n = 0; n < count; n += 1) {
      const value = {
        subnet: where.key,
        mac: client(n),
        state: 'bound',
        since: START * 1000 - 1,
        expires: (START + 3600 + n) * 1000,
        clientId: null,
        hostname: null,
      };
      yield { key: `lease/${formatIPv4(at(n))}`, version: n + 1, value };
    }
  }
  return { ...inner, load: () => Promise.resolve(entries()) };
}

function at(n: number): IPv4 {
  return ipv4(address('10.0.0.1') + n);
}

/** The most that one packet of `packets` touched. */
function most(leases: Leases, packets: Iterable<() => unknown>): number {
  let worst = 0;
  for (const packet of packets) {
    const before = leases.visited;
    packet();
    worst = Math.max(worst, leases.visited - before);
  }
  return worst;
}

describe.each([1_000, 100_000])('G-08 with %i leases a packet touches a few dozen records', (count) => {
  const open = (): Promise<Leases> => openLeases(filledStore(count), handClock(START), () => undefined);
  const thousand = Array.from({ length: 1000 }, (_, n) => n);

  test('G-08 a known client asks again', async () => {
    const leases = await open();
    const discover = (n: number) => () => {
      const mac = client((n * 97) % count);
      leases.hold(where, mac, must(leases.view(where, mac).offer(undefined)));
    };
    expect(most(leases, thousand.map(discover))).toBeLessThanOrEqual(60);
  });

  test('G-08 a new client gets a free address', async () => {
    const leases = await open();
    const discover = (n: number) => () => {
      const mac = client(1_000_000 + n);
      const offer = leases.view(where, mac).offer(undefined);
      if (offer !== undefined) leases.hold(where, mac, offer);
    };
    // The first packet also marks x.x.x.0 and x.x.x.255 where it meets them.
    most(leases, [discover(1000)]);
    expect(most(leases, thousand.map(discover))).toBeLessThanOrEqual(60);
  });

  test('G-08 anybody asks who speaks from an address', async () => {
    const leases = await open();
    expect(
      most(
        leases,
        thousand.map((n) => () => leases.holderOf(at(n))),
      ),
    ).toBeLessThanOrEqual(4);
  });
});

describe('G-08 a pool with one free address', () => {
  test('G-08 a new client gets it, a second one learns that there is none, each with little work', async () => {
    const count = size - 1;
    const leases = await openLeases(filledStore(count), handClock(START), () => undefined);
    const [first, second] = [client(2_000_000), client(2_000_001)];
    const work = most(leases, [
      () => expect(leases.view(where, first).offer(undefined)).toBeUndefined(),
      () => expect(leases.view(where, second).offer(at(7))).toBeUndefined(),
    ]);
    expect(at(count)).toBe(address('10.1.140.255'));
    expect(work).toBeLessThanOrEqual(60);
  });
});

describe('A-38 memory is bounded by addresses and pools, not by packets', () => {
  const small = plan({ cidr: '10.9.0.0/16', pool: '10.9.1.0-10.9.8.255' });

  test('A-38 F-D 26 a million packets of as many clients leave no more behind than the pool has addresses', async () => {
    const clock = handClock(START);
    const leases = await openLeases(memoryStore(), clock, () => undefined);
    const seen: number[] = [];
    for (let n = 0; n < 1_000_000; n += 1) {
      const mac = client(n);
      const offer = leases.view(small, mac).offer(undefined);
      if (offer !== undefined) leases.hold(small, mac, offer);
      if (offer !== undefined && n % 50 === 0) await leases.bind(small, mac, offer, 120, {});
      if (n % 100 === 0) clock.pass(10);
      if (n % 100_000 === 99_999) seen.push(leases.retained);
    }
    // For each of 2,048 addresses: its slot, its client, its offer and its deadline; and the pool with its offers.
    expect(Math.max(...seen)).toBeLessThanOrEqual(4 * 2048 + 2);
    expect(seen.at(-1)).toBeLessThanOrEqual(must(seen[1]) * 1.1);
  }, 60_000);

  test('a subnet that is configured away is forgotten with its offers, and its leases stay', async () => {
    const leases = await openLeases(memoryStore(), handClock(START), () => undefined);
    const before = leases.retained;
    for (let n = 0; n < 100; n += 1) {
      const other = plan({ cidr: `10.${n}.0.0/16`, pool: `10.${n}.1.0-10.${n}.1.255` });
      leases.hold(other, client(n), must(leases.view(other, client(n)).offer(undefined)));
    }
    expect(leases.retained).toBeGreaterThan(before + 100);
    await leases.bind(small, client(200), address('10.9.1.9'), 120, {});
    leases.retain(new Set([small.key]));
    // 10.9.0.0/16 itself is still there, with the offer to client 9.
    expect(leases.retained).toBeLessThanOrEqual(before + 8);
    expect([...leases.all()]).toHaveLength(1);
  });
});
