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
