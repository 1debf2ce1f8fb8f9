import type { IPv4, Mac } from '@sower/net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SubnetPlan } from '../src/allocate.ts';
import { memoryStore, openLeases, StoreUnwritable, type Leases, type Store } from '../src/index.ts';
import { address, client, handClock, plan, type HandClock } from './support.ts';

/** A store that settles its writes one by one, in an order and with the failures that the test dictates. */
function moodyStore(): Store & { settleOne(which: number, fail: boolean): void; readonly waiting: number } {
  const inner = memoryStore();
  const queue: ((fail: boolean) => void)[] = [];
  return {
    ...inner,
    get waiting() {
      return queue.length;
    },
    write: async (...write) => {
      const fail = await new Promise<boolean>((resolve) => queue.push(resolve));
      if (fail) throw new StoreUnwritable('EIO', 'injected');
      return inner.write(...write);
    },
    settleOne: (which, fail) => queue.splice(which % queue.length, 1)[0]?.(fail),
  };
}

/** What the clients believe: who got an ACK (`mine`) for which address, and until when. */
class Clients {
  readonly acks = new Map<IPv4, { mac: Mac; until: number }[]>();

  told(mac: Mac, at: IPv4, until: number): void {
    this.forget(mac, at);
    this.acks.set(at, [...(this.acks.get(at) ?? []), { mac, until }]);
  }

  forget(mac: Mac, at: IPv4): void {
    this.acks.set(
      at,
      (this.acks.get(at) ?? []).filter((ack) => ack.mac !== mac),
    );
  }

  holders(at: IPv4, now: number): Mac[] {
    return (this.acks.get(at) ?? []).filter(({ until }) => until > now).map(({ mac }) => mac);
  }
}

const CLIENTS = 5;
const SIZE = 4;
const at = (n: number): IPv4 => address(`192.0.2.${100 + (n % SIZE)}`);

const plans = [
  plan({ pool: '192.0.2.100-192.0.2.103' }),
  plan({ pool: '192.0.2.100-192.0.2.103', reserved: new Map([[client(0), '192.0.2.101']]) }),
  plan({ pool: '192.0.2.101-192.0.2.103', excluded: ['192.0.2.102'] }),
  plan({ cidr: '192.0.2.0/23', pool: '192.0.2.100-192.0.2.103' }),
];

const step = fc.record({
  kind: fc.constantFrom(
    'discover',
    'discover',
    'bind',
    'bind',
    'bind',
    'release',
    'decline',
    'pass',
    'settle',
    'settle',
    'restart',
  ),
  who: fc.nat(CLIENTS - 1),
  which: fc.nat(20),
  seconds: fc.constantFrom(30, 120, 600),
  fail: fc.boolean(),
  plan: fc.constantFrom(0, 0, 0, 1, 2, 3),
});

interface World {
  leases: Leases;
  readonly store: ReturnType<typeof moodyStore>;
  readonly clock: HandClock;
  readonly clients: Clients;
  readonly running: Set<Promise<void>>;
}

async function turn(): Promise<void> {
  for (let n = 0; n < 20; n += 1) await Promise.resolve();
}

async function settleAll({ store, running }: World): Promise<void> {
  while (running.size > 0) {
    if (store.waiting > 0) store.settleOne(0, false);
    await turn();
  }
}

describe('two clients never have one address', () => {
  test('A-30 A-33 F-D 25 whatever the order of offers, binds, releases, declines, expiry, failures and restarts', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const store = moodyStore();
        const clock = handClock();
        const world: World = {
          leases: await openLeases(store, clock, () => undefined),
          store,
          clock,
          clients: new Clients(),
          running: new Set(),
        };
        for (const action of steps) {
          await perform(world, action);
          await turn();
          for (let n = 0; n < SIZE; n += 1) {
            const holders = world.clients.holders(at(n), clock.now());
            expect(holders.length, `holders of .${100 + n}`).toBeLessThanOrEqual(1);
            const [holder] = holders;
            if (holder !== undefined) expect(world.leases.holderOf(at(n))).toBe(holder);
          }
        }
        await settleAll(world);
      }),
      { numRuns: 500 },
    );
  });
});

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

async function perform(world: World, { kind, who, which, seconds, fail, plan: planned }: Step): Promise<void> {
  const { leases, store, clock, clients, running } = world;
  const where = plans[planned] ?? plan();
  const mac = client(who);
  const start = (work: Promise<void>): void => {
    const settled = work.catch((error: unknown) => {
      if (!(error instanceof StoreUnwritable)) throw error;
    });
    const tracked = settled.finally(() => running.delete(tracked));
    running.add(tracked);
  };
  switch (kind) {
    case 'discover': {
      const offer = leases.view(where, mac).offer(at(which));
      if (offer === undefined) return;
      expect(clients.holders(offer, clock.now()).every((holder) => holder === mac)).toBe(true);
      leases.hold(where, mac, offer);
      return;
    }
    case 'bind':
      start(bindAndTell(world, where, mac, at(which), seconds));
      return;
    case 'release':
      start(leaveOff(world, mac, at(which), leases.release(where, mac, at(which))));
      return;
    case 'decline':
      start(leaveOff(world, mac, at(which), leases.decline(where, mac, at(which))));
      return;
    case 'pass':
      clock.pass(seconds);
      return;
    case 'settle':
      if (store.waiting > 0) store.settleOne(which, fail);
      return;
    case 'restart':
      await settleAll(world);
      world.leases = await openLeases(store, clock, () => undefined);
  }
}

/** A client that gets an ACK uses that address alone, until the lease's end. */
async function bindAndTell(world: World, where: SubnetPlan, mac: Mac, granted: IPv4, seconds: number): Promise<void> {
  const { leases, clients } = world;
  if ((await leases.bind(where, mac, granted, seconds, {})) !== 'stored') return;
  for (let n = 0; n < SIZE; n += 1) clients.forget(mac, at(n));
  // It may have declined or released this address meanwhile: then it has none.
  const lease = [...leases.all()].find((found) => found.address === granted && found.mac === mac);
  if (lease?.state !== 'bound') return;
  clients.told(mac, granted, lease.expires);
}

/** A client that releases or declines uses the address no more, nor if the ACK to an earlier request comes meanwhile. */
async function leaveOff({ clients }: World, mac: Mac, at: IPv4, leaving: Promise<unknown>): Promise<void> {
  clients.forget(mac, at);
  try {
    await leaving;
  } finally {
    clients.forget(mac, at);
  }
}
