import { formatIPv4, type IPv4 } from '@sower/net';
import { describe, expect, test } from 'vitest';
import type { SubnetPlan } from '../src/allocate.ts';
import {
  memoryStore,
  openLeases,
  StoreUnwritable,
  type Lease,
  type LeaseReport,
  type Leases,
  type Store,
} from '../src/index.ts';
import { address, client, handClock, must, plan, type HandClock } from './support.ts';

interface Bench {
  readonly leases: Leases;
  readonly store: Store;
  readonly clock: HandClock;
  readonly reports: LeaseReport[];
}

async function bench(store: Store = memoryStore(), clock: HandClock = handClock()): Promise<Bench> {
  const reports: LeaseReport[] = [];
  const leases = await openLeases(store, clock, (report) => reports.push(report));
  return { leases, store, clock, reports };
}

const [one, two, three] = [client(1), client(2), client(3)];
const LEASE = 3600;

function offered(leases: Leases, where: SubnetPlan, mac = one, requested?: string): string | undefined {
  const found = leases.view(where, mac).offer(requested === undefined ? undefined : address(requested));
  return found === undefined ? undefined : formatIPv4(found);
}

/** DISCOVER and REQUEST of one client; gives the address. */
async function boot(leases: Leases, where: SubnetPlan, mac = one, requested?: string, seconds = LEASE): Promise<IPv4> {
  const at = must(leases.view(where, mac).offer(requested === undefined ? undefined : address(requested)));
  leases.hold(where, mac, at);
  expect(await leases.bind(where, mac, at, seconds, {})).toBe('stored');
  return at;
}

/** A store that counts its writes, and refuses them when told to. */
function strictStore(): Store & { writes: number; refuses: boolean } {
  const inner = memoryStore();
  const self = {
    ...inner,
    writes: 0,
    refuses: false,
    write: async (...write: Parameters<Store['write']>) => {
      if (self.refuses) throw new StoreUnwritable('ENOSPC', 'injected');
      self.writes += 1;
      return inner.write(...write);
    },
  };
  return self;
}

/** A store whose writes wait until they are let through. */
function gatedStore(): Store & { letThrough(): void } {
  const inner = memoryStore();
  let waiting: (() => void)[] = [];
  return {
    ...inner,
    write: async (...write) => {
      await new Promise<void>((resolve) => waiting.push(resolve));
      return inner.write(...write);
    },
    letThrough: () => {
      for (const go of waiting) go();
      waiting = [];
    },
  };
}

function leaseOf(leases: Leases, at: string): Lease | undefined {
  return [...leases.all()].find((lease) => lease.address === address(at));
}

describe('A-30 order of choice', () => {
  const reserved = plan({ reserved: new Map([[one, '192.0.2.20']]) });

  test('A-30 first the reservation, whatever is asked for', async () => {
    const { leases } = await bench();
    expect(offered(leases, reserved, one, '192.0.2.105')).toBe('192.0.2.20');
  });

  test('A-30 then the current binding, whatever is asked for', async () => {
    const { leases } = await bench();
    const at = formatIPv4(await boot(leases, plan(), one, '192.0.2.103'));
    expect(at).toBe('192.0.2.103');
    expect(offered(leases, plan(), one, '192.0.2.105')).toBe('192.0.2.103');
  });

  test('A-23 then the address held for it: a repeated DISCOVER gets the same', async () => {
    const { leases } = await bench();
    leases.hold(plan(), one, address('192.0.2.104'));
    expect(offered(leases, plan(), one, '192.0.2.105')).toBe('192.0.2.104');
  });

  test('A-30 then the previous binding if it is free', async () => {
    const { leases, clock } = await bench();
    await boot(leases, plan(), one, '192.0.2.103');
    clock.pass(10 * LEASE);
    expect(offered(leases, plan(), one, '192.0.2.105')).toBe('192.0.2.103');
    await boot(leases, plan(), two, '192.0.2.103');
    expect(offered(leases, plan(), one, '192.0.2.105')).toBe('192.0.2.105');
  });

  test.each([
    ['in the pool and free', '192.0.2.107', true],
    ['outside the pool', '192.0.2.50', false],
    ['network address', '192.0.2.0', false],
    ['broadcast address', '192.0.2.255', false],
    ['router or our own', '192.0.2.108', false],
    ['of another network', '198.51.100.7', false],
    ['0.0.0.0', '0.0.0.0', false],
    ['255.255.255.255', '255.255.255.255', false],
    ['127.0.0.1', '127.0.0.1', false],
    ['224.0.0.1', '224.0.0.1', false],
    ["another's reservation", '192.0.2.109', false],
    ["another's lease", '192.0.2.101', false],
    ["another's hold", '192.0.2.102', false],
    ['quarantined', '192.0.2.103', false],
  ])('A-30 F-D 23 F-D 25 requested address %s', async (_what, requested, granted) => {
    const where = plan({ excluded: ['192.0.2.108'], reserved: new Map([[client(9), '192.0.2.109']]) });
    const { leases } = await bench();
    await boot(leases, where, two, '192.0.2.101');
    leases.hold(where, two, address('192.0.2.102'));
    await boot(leases, where, three, '192.0.2.103');
    await leases.decline(where, three, address('192.0.2.103'));

    const view = leases.view(where, one);
    expect(view.mayHave(address(requested))).toBe(granted);
    const offer = formatIPv4(must(view.offer(address(requested))));
    if (granted) expect(offer).toBe(requested);
    else expect(['192.0.2.100', '192.0.2.104', '192.0.2.105', '192.0.2.106', '192.0.2.107']).toContain(offer);
    expect(await leases.bind(where, one, address(requested), LEASE, {})).toBe(granted ? 'stored' : 'conflict');
  });

  test('A-30 a new address depends on the client only, not on who came before', async () => {
    const alone = await bench();
    const crowded = await bench();
    const where = plan({ pool: '192.0.2.1-192.0.2.254' });
    for (const mac of [two, three]) await boot(crowded.leases, where, mac);
    expect(offered(crowded.leases, where)).toBe(offered(alone.leases, where));
  });

  test('A-30 every usable address of a pool is found, and then none', async () => {
    const where = plan({ pool: '192.0.2.250-192.0.2.255', excluded: ['192.0.2.252'] });
    const { leases } = await bench();
    const given: string[] = [];
    for (let n = 0; n < 4; n += 1) given.push(formatIPv4(await boot(leases, where, client(n))));
    expect(given.toSorted()).toEqual(['192.0.2.250', '192.0.2.251', '192.0.2.253', '192.0.2.254']);
    expect(offered(leases, where, client(99))).toBeUndefined();
  });

  test('A-31 x.x.x.0 and x.x.x.255 of a larger network are not given', async () => {
    const where = plan({ cidr: '10.1.0.0/23', pool: '10.1.0.254-10.1.1.1' });
    const { leases } = await bench();
    const given = [formatIPv4(await boot(leases, where, one)), formatIPv4(await boot(leases, where, two))];
    expect(given.toSorted()).toEqual(['10.1.0.254', '10.1.1.1']);
    expect(offered(leases, where, three, '10.1.0.255')).toBeUndefined();
  });

  test('A-31 unless they are reserved', async () => {
    const where = plan({ cidr: '10.1.0.0/23', pool: undefined, reserved: new Map([[one, '10.1.1.0']]) });
    expect(offered((await bench()).leases, where)).toBe('10.1.1.0');
  });

  test('a client that may not use the pool gets its reservation or nothing', async () => {
    const { leases } = await bench();
    expect(offered(leases, { ...reserved, mayUsePool: false }, one)).toBe('192.0.2.20');
    expect(offered(leases, { ...reserved, mayUsePool: false }, two, '192.0.2.101')).toBeUndefined();
    expect(leases.view({ ...reserved, mayUsePool: false }, two).mayHave(address('192.0.2.101'))).toBe(false);
  });

  test('a subnet without a pool has no address for strangers', async () => {
    expect(offered((await bench()).leases, plan({ pool: undefined }))).toBeUndefined();
  });

  test('several NICs of one host may share its reservation, one at a time', async () => {
    const where = plan({ reserved: new Map([two, one].map((mac) => [mac, '192.0.2.20'])) });
    const { leases } = await bench();
    const at = await boot(leases, where, one);
    expect(leases.view(where, two).mayHave(at)).toBe(false);
    await leases.release(where, one, at);
    expect(offered(leases, where, two)).toBe('192.0.2.20');
  });

  test("A-16 a reservation is its owner's even while the owner is away", async () => {
    const where = plan({ pool: '192.0.2.100-192.0.2.101', reserved: new Map([[one, '192.0.2.100']]) });
    const { leases } = await bench();
    await boot(leases, where, two);
    expect(offered(leases, where, three)).toBeUndefined();
    expect(offered(leases, where, one)).toBe('192.0.2.100');
  });
});

describe('identity', () => {
  test('A-15 one MAC on two subnets has two leases', async () => {
    const [here, there] = [plan(), plan({ cidr: '198.51.100.0/24', pool: '198.51.100.10-198.51.100.20' })];
    const { leases } = await bench();
    const [a, b] = [await boot(leases, here), await boot(leases, there)];
    expect(leases.view(here, one).known).toBe(a);
    expect(leases.view(there, one).known).toBe(b);
    expect([leases.holderOf(a), leases.holderOf(b)]).toEqual([one, one]);
  });

  test('A-17 A-18 three client ids of one boot chain, and none, are one lease; the last id is recorded', async () => {
    const { leases } = await bench();
    const at = await boot(leases, plan());
    for (const clientId of ['0000112233', undefined, '015254000001', 'ff00aabb']) {
      expect(leases.view(plan(), one).offer(undefined)).toBe(at);
      expect(await leases.bind(plan(), one, at, LEASE, { clientId, hostname: 'node1' })).toBe('stored');
    }
    expect(leaseOf(leases, formatIPv4(at))).toMatchObject({ mac: one, clientId: 'ff00aabb', hostname: 'node1' });
    await leases.bind(plan(), one, at, LEASE, {});
    expect(leaseOf(leases, formatIPv4(at))).toMatchObject({ clientId: 'ff00aabb', hostname: 'node1' });
    expect([...leases.all()]).toHaveLength(1);
  });

  test('a client that moves to another address of its subnet gives the former one back', async () => {
    const { leases } = await bench();
    const former = await boot(leases, plan(), one, '192.0.2.101');
    expect(await leases.bind(plan(), one, address('192.0.2.102'), LEASE, {})).toBe('stored');
    expect(leases.view(plan(), two).mayHave(former)).toBe(true);
    expect(leases.view(plan(), one).known).toBe(address('192.0.2.102'));
  });
});

describe('A-32 holds', () => {
  test('A-32 an offered address is kept for its client for 60 s, without a write (G-07)', async () => {
    const store = strictStore();
    const { leases, clock } = await bench(store);
    leases.hold(plan(), one, address('192.0.2.101'));
    clock.pass(59.9);
    expect(leases.view(plan(), two).mayHave(address('192.0.2.101'))).toBe(false);
    expect(leases.holderOf(address('192.0.2.101'))).toBe(one);
    clock.pass(0.2);
    expect(leases.view(plan(), two).mayHave(address('192.0.2.101'))).toBe(true);
    expect(leases.holderOf(address('192.0.2.101'))).toBeUndefined();
    expect(store.writes).toBe(0);
  });

  test('A-32 traffic from a held address keeps it; a client without REQUEST can be given ten minutes', async () => {
    const { leases, clock } = await bench();
    leases.hold(plan(), one, address('192.0.2.101'));
    leases.hold(plan(), two, address('192.0.2.102'), 600);
    for (let n = 0; n < 5; n += 1) {
      clock.pass(50);
      leases.extendHold(address('192.0.2.101'));
      leases.extendHold(address('192.0.2.103'));
    }
    expect(leases.holderOf(address('192.0.2.101'))).toBe(one);
    expect(leases.holderOf(address('192.0.2.102'))).toBe(two);
    expect(leases.holderOf(address('192.0.2.103'))).toBeUndefined();
  });

  test('F-D 24 a dropped hold is free at once', async () => {
    const { leases } = await bench();
    leases.hold(plan(), one, address('192.0.2.101'));
    leases.dropHold(plan(), one);
    leases.dropHold(plan(), one);
    expect(leases.view(plan(), two).mayHave(address('192.0.2.101'))).toBe(true);
  });

  test('a second offer replaces the first: one hold for each client', async () => {
    const { leases } = await bench();
    leases.hold(plan(), one, address('192.0.2.101'));
    leases.hold(plan(), one, address('192.0.2.102'));
    expect(leases.holderOf(address('192.0.2.101'))).toBeUndefined();
    expect(leases.holderOf(address('192.0.2.102'))).toBe(one);
  });

  test('an address that another client has cannot be held', async () => {
    const { leases } = await bench();
    const at = await boot(leases, plan(), one);
    leases.hold(plan(), two, at);
    expect(leases.holderOf(at)).toBe(one);
  });

  test('A-38 F-D 26 10,000 strangers: bounded memory, known clients renew, the pool recovers', async () => {
    const where = plan({ cidr: '10.0.0.0/16', pool: '10.0.1.1-10.0.200.254' });
    const { leases, clock } = await bench();
    const known = await boot(leases, where, client(1_000_000));
    const offers = new Set<IPv4>();
    for (let n = 0; n < 10_000; n += 1) {
      const at = must(leases.view(where, client(n)).offer(undefined));
      leases.hold(where, client(n), at);
      offers.add(at);
    }
    const held = (): IPv4[] => [...offers].filter((at) => leases.holderOf(at) !== undefined);
    expect(held()).toHaveLength(4096);
    expect(await leases.bind(where, client(1_000_000), known, LEASE, {})).toBe('stored');
    clock.pass(61);
    expect(held()).toEqual([]);
    expect(leases.view(where, two).mayHave(must([...offers].at(-1)))).toBe(true);
  });
});

describe('A-33 binding', () => {
  test('A-33 a bind resolves after its write; until then the address is blocked, but not yet given', async () => {
    const store = gatedStore();
    const { leases } = await bench(store);
    const at = address('192.0.2.101');
    let resolved = false;
    const binding = leases.bind(plan(), one, at, LEASE, {}).then((outcome) => {
      resolved = true;
      return outcome;
    });
    const refused = await leases.bind(plan(), two, at, LEASE, {});
    expect([refused, leases.view(plan(), two).mayHave(at), leases.view(plan(), one).mayHave(at)]).toEqual([
      'conflict',
      false,
      true,
    ]);
    expect(leases.view(plan(), two).offer(at)).not.toBe(at);
    expect(resolved).toBe(false);
    store.letThrough();
    expect(await binding).toBe('stored');
    expect(leases.holderOf(at)).toBe(one);
  });

  test('A-23 the same REQUEST twice at once is stored twice, and is one lease', async () => {
    const { leases } = await bench();
    const at = address('192.0.2.101');
    const both = [leases.bind(plan(), one, at, LEASE, {}), leases.bind(plan(), one, at, LEASE, {})];
    expect(await Promise.all(both)).toEqual(['stored', 'stored']);
    expect([...leases.all()]).toHaveLength(1);
  });

  test('A-33 a write that fails rejects, frees the address again, and leaves known leases served', async () => {
    const store = strictStore();
    const { leases } = await bench(store);
    const at = await boot(leases, plan(), one);
    store.refuses = true;
    const other = must(leases.view(plan(), two).offer(undefined));
    await expect(leases.bind(plan(), two, other, LEASE, {})).rejects.toBeInstanceOf(StoreUnwritable);
    expect(leases.view(plan(), three).mayHave(other)).toBe(true);
    expect(await leases.bind(plan(), one, at, LEASE, {})).toBe('stored');
    store.refuses = false;
    expect(await leases.bind(plan(), two, other, LEASE, {})).toBe('stored');
  });

  test('G-06 renewals that the disk already covers are not written; one that it does not is', async () => {
    const store = strictStore();
    const { leases, clock } = await bench(store);
    const at = await boot(leases, plan(), one, '192.0.2.101', 1000);
    for (let n = 0; n < 5; n += 1) {
      clock.pass(49);
      expect(await leases.bind(plan(), one, at, 1000, {})).toBe('stored');
    }
    expect(store.writes).toBe(1);
    const again = await bench(store, clock);
    clock.pass(999);
    expect(again.leases.holderOf(at)).toBe(one);
    clock.pass(-999);
    clock.pass(10);
    await leases.bind(plan(), one, at, 1000, {});
    expect(store.writes).toBe(2);
  });

  test('a lease ends when it was granted to end', async () => {
    const { leases, clock } = await bench();
    const at = await boot(leases, plan(), one);
    clock.pass(LEASE - 1);
    expect(leases.view(plan(), two).mayHave(at)).toBe(false);
    clock.pass(2);
    expect(leases.view(plan(), two).mayHave(at)).toBe(true);
    expect(leases.holderOf(at)).toBeUndefined();
    expect(leases.view(plan(), one).known).toBe(at);
  });

  test("another writer's record is taken over, not overwritten", async () => {
    const store = memoryStore();
    const [here, there] = [await bench(store), await bench(store)];
    const at = address('192.0.2.101');
    expect(await here.leases.bind(plan(), one, at, LEASE, {})).toBe('stored');
    expect(await there.leases.bind(plan(), two, at, LEASE, {})).toBe('conflict');
    expect(there.leases.holderOf(at)).toBe(one);
  });

  test('a record that is no lease is reported, and its address can be given', async () => {
    const store = memoryStore();
    await store.write('lease/192.0.2.101', undefined, { mac: 'nonsense' });
    await store.write('lease/nowhere', undefined, {});
    const { leases, reports } = await bench(store);
    expect(reports).toEqual([
      { why: 'lease-record-bad', key: 'lease/192.0.2.101' },
      { why: 'lease-record-bad', key: 'lease/nowhere' },
    ]);
    const at = address('192.0.2.101');
    await leases.bind(plan(), one, at, LEASE, {});
    expect(await leases.bind(plan(), one, at, LEASE, {})).toBe('stored');
  });

  test('close waits for what is under way', async () => {
    const store = gatedStore();
    const { leases } = await bench(store);
    let done = false;
    const binding = leases.bind(plan(), one, address('192.0.2.101'), LEASE, {}).then(() => (done = true));
    const closing = leases.close().then(() => done);
    store.letThrough();
    await binding;
    expect(await closing).toBe(true);
  });
});

describe('F-D 28 RELEASE', () => {
  test('F-D 28 own lease: free at once, durably, and still remembered as the previous owner', async () => {
    const { leases, store, clock } = await bench();
    const at = await boot(leases, plan(), one);
    await leases.release(plan(), one, at);
    expect(leases.view(plan(), two).mayHave(at)).toBe(true);
    const again = await bench(store, clock);
    expect(again.leases.holderOf(at)).toBeUndefined();
    expect(again.leases.view(plan(), one)).toMatchObject({ known: at });
    expect(again.leases.view(plan(), one).offer(undefined)).toBe(at);
  });

  test.each([
    ["another client's", '192.0.2.101'],
    ['nobody is bound to', '192.0.2.102'],
    ['0.0.0.0', '0.0.0.0'],
  ])('F-D 28 an address that is %s: nothing happens', async (_what, at) => {
    const store = strictStore();
    const { leases } = await bench(store);
    await boot(leases, plan(), one, '192.0.2.101');
    await leases.release(plan(), two, address(at));
    expect(leases.holderOf(address('192.0.2.101'))).toBe(one);
    expect(store.writes).toBe(1);
  });

  test('F-D 28 twice, and through another subnet', async () => {
    const store = strictStore();
    const { leases } = await bench(store);
    const at = await boot(leases, plan(), one);
    await leases.release(plan({ cidr: '198.51.100.0/24', pool: undefined }), one, at);
    expect(leases.holderOf(at)).toBe(one);
    await Promise.all([leases.release(plan(), one, at), leases.release(plan(), one, at)]);
    expect(store.writes).toBe(2);
  });

  test('a held address is let go', async () => {
    const { leases } = await bench();
    leases.hold(plan(), one, address('192.0.2.101'));
    await leases.release(plan(), one, address('192.0.2.101'));
    expect(leases.holderOf(address('192.0.2.101'))).toBeUndefined();
  });
});

describe('A-36 DECLINE', () => {
  test('A-36 F-D 27 own lease: quarantined for a day, across a restart, and another address is offered', async () => {
    const { leases, store, clock } = await bench();
    const at = await boot(leases, plan(), one);
    expect(await leases.decline(plan(), one, at)).toBe('quarantined');
    expect(leases.view(plan(), one).known).toBeUndefined();
    expect(leases.view(plan(), one).offer(at)).not.toBe(at);
    clock.pass(24 * 3600 - 1);
    const again = await bench(store, clock);
    expect(again.leases.view(plan(), two).mayHave(at)).toBe(false);
    expect(again.leases.holderOf(at)).toBeUndefined();
    clock.pass(2);
    expect(again.leases.view(plan(), two).mayHave(at)).toBe(true);
  });

  test('A-36 an address that is only held counts as own', async () => {
    const { leases } = await bench();
    leases.hold(plan(), one, address('192.0.2.101'));
    expect(await leases.decline(plan(), one, address('192.0.2.101'))).toBe('quarantined');
  });

  test.each([
    ['unleased', '192.0.2.105'],
    ["another client's", '192.0.2.101'],
    ['our own', '192.0.2.1'],
    ['0.0.0.0', '0.0.0.0'],
  ])('A-36 F-D 27 an address that is %s: ignored', async (_what, at) => {
    const { leases } = await bench();
    await boot(leases, plan(), one, '192.0.2.101');
    expect(await leases.decline(plan(), two, address(at))).toBe('ignored');
    expect(leases.holderOf(address('192.0.2.101'))).toBe(one);
  });

  test('A-36 a reservation is back after ten minutes; meanwhile its owner may use the pool', async () => {
    const where = plan({ reserved: new Map([[one, '192.0.2.20']]) });
    const { leases, clock } = await bench();
    const at = await boot(leases, where, one);
    expect(await leases.decline(where, one, at)).toBe('quarantined');
    const other = await boot(leases, where, one);
    expect(other).not.toBe(at);
    clock.pass(601);
    expect(leases.view(where, one).mayHave(other)).toBe(false);
    expect(leases.view(where, one).offer(other)).toBe(at);
  });

  test('A-36 F-D 27 more than three in an hour are ignored, with a report; the next hour counts anew', async () => {
    const where = plan({ pool: '192.0.2.1-192.0.2.254' });
    const { leases, clock, reports } = await bench();
    const outcomes: string[] = [];
    for (let n = 0; n < 20; n += 1) outcomes.push(await leases.decline(where, one, await boot(leases, where, one)));
    expect(outcomes.filter((outcome) => outcome === 'quarantined')).toHaveLength(3);
    expect(new Set(reports.map(({ why }) => why))).toEqual(new Set(['decline-flood']));
    clock.pass(3601);
    expect(await leases.decline(where, one, await boot(leases, where, one))).toBe('quarantined');
  });

  test('A-36 at most a quarter of the pool is quarantined', async () => {
    const where = plan({ pool: '192.0.2.101-192.0.2.112' });
    const { leases, reports } = await bench();
    const outcomes: string[] = [];
    for (let n = 0; n < 6; n += 1) {
      outcomes.push(await leases.decline(where, client(n), await boot(leases, where, client(n))));
    }
    expect(outcomes).toEqual(['quarantined', 'quarantined', 'quarantined', 'ignored', 'ignored', 'ignored']);
    expect(reports.at(-1)).toMatchObject({ why: 'quarantine-full', subnet: '192.0.2.0/24' });
  });

  test('A-36 a REQUEST that overtakes the write of a DECLINE does not end the quarantine', async () => {
    const store = gatedStore();
    const { leases } = await bench(store);
    const at = address('192.0.2.101');
    leases.hold(plan(), one, at);
    const both = [leases.decline(plan(), one, at), leases.bind(plan(), one, at, LEASE, {})];
    store.letThrough();
    expect(await Promise.all(both)).toEqual(['quarantined', 'conflict']);
    expect(leaseOf(leases, '192.0.2.101')).toMatchObject({ state: 'quarantined' });
  });

  test('A-36 a decline that cannot be written still keeps the address back', async () => {
    const store = strictStore();
    const { leases } = await bench(store);
    const at = await boot(leases, plan(), one);
    store.refuses = true;
    await expect(leases.decline(plan(), one, at)).rejects.toBeInstanceOf(StoreUnwritable);
    expect(leases.view(plan(), one).mayHave(at)).toBe(false);
  });
});

describe('A-37 F-D 50 clock jumps', () => {
  test.each([
    ['back a day', -86_400],
    ['ten years ahead', 315_360_000],
  ])('A-37 F-D 50 the wall clock goes %s while running: leases last as granted', async (_what, jump) => {
    const { leases, clock } = await bench();
    const at = await boot(leases, plan(), one);
    clock.setWall(clock.now() / 1000 + jump);
    expect(leases.holderOf(at)).toBe(one);
    clock.pass(LEASE - 1);
    expect(leases.holderOf(at)).toBe(one);
    clock.pass(2);
    expect(leases.holderOf(at)).toBeUndefined();
  });

  test('A-37 records written after a jump carry the new wall clock', async () => {
    const { leases, store, clock } = await bench();
    clock.setWall(2_000_000_000);
    const at = await boot(leases, plan(), one);
    expect(leaseOf(leases, formatIPv4(at))).toMatchObject({ since: 2e12, expires: 2e12 + LEASE * 1000 });
    const again = await bench(store, clock);
    expect(again.leases.holderOf(at)).toBe(one);
    expect(again.reports).toEqual([]);
  });

  test('A-37 F-D 50 back a day across a restart: leases end as long after now as they were long', async () => {
    const { leases, store, clock } = await bench();
    const at = await boot(leases, plan(), one);
    const later = handClock(clock.now() / 1000 - 86_400);
    const again = await bench(store, later);
    expect(again.reports).toEqual([{ why: 'clock-went-back', leases: 1 }]);
    later.pass(LEASE);
    expect(again.leases.holderOf(at)).toBe(one);
    later.pass(LEASE);
    expect(again.leases.holderOf(at)).toBeUndefined();
  });

  test('A-37 F-D 50 ten years ahead across a restart: kept for T1, then expired', async () => {
    const { leases, store, clock } = await bench();
    const at = await boot(leases, plan(), one);
    const later = handClock(clock.now() / 1000 + 315_360_000);
    const again = await bench(store, later);
    expect(again.reports).toEqual([{ why: 'leases-kept-in-grace', leases: 1 }]);
    later.pass(LEASE / 2);
    expect(again.leases.view(plan(), two).mayHave(at)).toBe(false);
    later.pass(LEASE / 2);
    expect(again.leases.view(plan(), two).mayHave(at)).toBe(true);
  });

  test('A-37 a lease that ran out while sower was looking gets no grace', async () => {
    const { leases, store, clock } = await bench();
    const at = await boot(leases, plan(), one);
    clock.pass(2 * LEASE);
    await boot(leases, plan(), two, '192.0.2.109');
    const again = await bench(store, clock);
    expect(again.leases.holderOf(at)).toBeUndefined();
    expect(again.reports).toEqual([]);
  });
});

describe('A-59 a new configuration', () => {
  test('A-59 a pool that shrinks under 100 leases: those outside are refused and offered one inside, once', async () => {
    const wide = plan({ pool: '192.0.2.1-192.0.2.100' });
    const narrow = plan({ pool: '192.0.2.51-192.0.2.200' });
    const { leases } = await bench();
    const given = new Map<number, IPv4>();
    for (let n = 0; n < 100; n += 1) given.set(n, await boot(leases, wide, client(n)));
    for (const [n, at] of given) {
      const keeps = at >= address('192.0.2.51');
      expect(leases.view(narrow, client(n)).mayHave(at)).toBe(keeps);
      const next = await boot(leases, narrow, client(n));
      if (keeps) expect(next).toBe(at);
      expect(leases.view(narrow, client(n)).mayHave(next)).toBe(true);
    }
  });

  test('A-59 a new reservation refuses the old lease only when it can be given', async () => {
    const { leases } = await bench();
    const at = await boot(leases, plan(), one, '192.0.2.101');
    const taken = await boot(leases, plan(), two, '192.0.2.102');
    const later = plan({ reserved: new Map([[one, '192.0.2.102']]) });
    expect(leases.view(later, one).mayHave(at)).toBe(true);
    expect(leases.view(later, one).offer(undefined)).toBe(at);
    expect(leases.view(later, two).mayHave(taken)).toBe(false);

    await boot(leases, later, two);
    expect(leases.view(later, one).mayHave(at)).toBe(false);
    expect(leases.view(later, one).offer(undefined)).toBe(taken);
  });

  test('A-59 a subnet that changes its size keeps its leases, and gives none of them to another client', async () => {
    const wider = plan({ cidr: '192.0.2.0/23', pool: '192.0.2.100-192.0.2.102' });
    const { leases } = await bench();
    const at = await boot(leases, plan(), one, '192.0.2.101');
    expect(leases.view(wider, one).known).toBe(at);
    const others = [await boot(leases, wider, two), await boot(leases, wider, three)];
    expect(others).not.toContain(at);
    expect(leases.view(wider, client(4)).offer(at)).toBeUndefined();
    expect(await leases.bind(wider, one, at, LEASE, {})).toBe('stored');
    expect(leaseOf(leases, '192.0.2.101')).toMatchObject({ subnet: '192.0.2.0/23' });
  });
});
