import { formatIPv4 } from '@sower/net';
import { describe, expect, test } from 'vitest';
import {
  memoryStore,
  openJournal,
  openLeases,
  readLeaseFile,
  writeLeaseFile,
  type ImportOutcome,
  type Json,
  type JsonObject,
  type Leases,
} from '../src/index.ts';
import { address, client, handClock, must, plan, temporaryFolder } from './support.ts';

const START = 1_800_000_000;
const iso = (seconds: number) => new Date((START + seconds) * 1000).toISOString();
const where = plan();

/** An entry of a document: by default client 1 on .100, bound a minute ago for an hour. */
function entry(changes: JsonObject = {}): JsonObject {
  return {
    address: '192.0.2.100',
    subnet: '192.0.2.0/24',
    mac: client(1),
    state: 'bound',
    since: iso(-60),
    expires: iso(3540),
    clientId: null,
    hostname: null,
    ...changes,
  };
}

function document(...leases: readonly Json[]): JsonObject {
  return { format: 'sower-leases', version: 1, leases };
}

function read(...entries: readonly Json[]) {
  const file = readLeaseFile(document(...entries));
  return 'leases' in file ? file.leases : expect.fail(file.problems.join('; '));
}

async function book(): Promise<Leases> {
  return await openLeases(memoryStore(), handClock(START), () => undefined);
}

describe('the document', () => {
  test('is this, by address, for a lease with everything and one with the least', async () => {
    const leases = await book();
    await leases.bind(where, client(2), address('192.0.2.101'), 600, { clientId: '01aa', hostname: 'node2' });
    await leases.bind(where, client(1), address('192.0.2.100'), 600, {});
    expect(writeLeaseFile(leases.all())).toEqual(
      document(
        entry({ since: iso(0), expires: iso(600) }),
        entry({
          address: '192.0.2.101',
          mac: client(2),
          since: iso(0),
          expires: iso(600),
          clientId: '01aa',
          hostname: 'node2',
        }),
      ),
    );
  });

  test.each<[string, Json, RegExp]>([
    ['a list', [], /format "sower-leases"/],
    ['another format', { ...document(), format: 'dnsmasq' }, /format "sower-leases"/],
    ['a newer version', { ...document(), version: 2 }, /version 2; this release reads version 1/],
    ['no list of leases', { format: 'sower-leases', version: 1 }, /no list/],
    ['an entry that is no object', document(entry(), 'x'), /entry 2 is no lease: "x"/],
    ['a wrong address', document(entry({ address: '192.0.2.300' })), /entry 1 is no lease/],
    ['a wrong MAC', document(entry({ mac: 'aa' })), /entry 1 is no lease/],
    ['an unknown state', document(entry({ state: 'lent' })), /entry 1 is no lease/],
    ['a time that Date would guess at', document(entry({ expires: '2027-01-15' })), /entry 1 is no lease/],
    ['a time at the end of all', document(entry({ expires: '+275760-09-13T00:00:00.000Z' })), /entry 1 is no lease/],
    ['a name that would clear a screen', document(entry({ hostname: '\u001b[2J' })), /entry 1 is no lease/],
    ['an end before the beginning', document(entry({ expires: iso(-61) })), /entry 1 is no lease/],
    ['an address twice', document(entry(), entry({ mac: client(2) })), /entry 2 has 192\.0\.2\.100 once more/],
  ])('%s is refused, with the reason', (_, value, reason) => {
    const file = readLeaseFile(value);
    expect('problems' in file ? file.problems.join('\n') : '').toMatch(reason);
  });
});

test('A-30 what one appliance exports another takes over: same addresses, same ends, on disk', async () => {
  const from = await book();
  for (let n = 0; n < 5; n += 1)
    await from.bind(where, client(n), must(from.view(where, client(n)).offer(undefined)), 600, {});
  await from.release(where, client(0), must(from.view(where, client(0)).known));
  await from.decline(where, client(1), must(from.view(where, client(1)).known));
  const exported = writeLeaseFile(from.all());

  const folder = await temporaryFolder();
  const store = await openJournal({ folder, report: () => undefined });
  const to = await openLeases(store, handClock(START + 5), () => undefined);
  const file = readLeaseFile(exported);
  expect(await to.import('leases' in file ? file.leases : [])).toEqual({ outcome: 'imported', taken: 5, kept: 0 });
  expect(writeLeaseFile(to.all())).toEqual(exported);
  await store.close();

  const reopened = await openJournal({ folder, report: (report) => expect.fail(report.why) });
  const again = await openLeases(reopened, handClock(START + 10), () => undefined);
  expect(writeLeaseFile(again.all())).toEqual(exported);
  expect(again.view(where, client(3)).offer(undefined)).toBe(from.view(where, client(3)).known);
  expect(again.view(where, client(1)).offer(undefined)).not.toBe(from.view(where, client(1)).known);
  await reopened.close();
});

describe('an import into leases that are there: client 1 has .100, client 2 had .101, client 3 is being offered .102', () => {
  const imported = (taken: number, kept: number): ImportOutcome => ({ outcome: 'imported', taken, kept });
  const refused = (why: string) => ({ outcome: 'refused', conflicts: [{ why }] });

  test.each<[string, readonly JsonObject[], object]>([
    ['nothing', [], imported(0, 0)],
    ['news', [entry({ address: '192.0.2.105', mac: client(5) })], imported(1, 0)],
    ['what is newer here', [entry({ expires: iso(99) })], imported(0, 1)],
    ['what is newer there', [entry({ since: iso(1), expires: iso(9000) })], imported(1, 0)],
    ['an address that is somebody else’s', [entry({ mac: client(5) })], refused('address-taken')],
    [
      'an old lease of an address that is somebody else’s',
      [entry({ mac: client(5), expires: iso(-1) })],
      imported(0, 1),
    ],
    ['an address whose lease is over', [entry({ address: '192.0.2.101', mac: client(5) })], imported(1, 0)],
    ['an address that is being offered', [entry({ address: '192.0.2.102', mac: client(5) })], refused('address-taken')],
    ['another address for a client', [entry({ address: '192.0.2.105' })], refused('client-has-another')],
    ['a former address of a client', [entry({ address: '192.0.2.105', expires: iso(-1) })], imported(0, 1)],
    [
      'two addresses for one client',
      [entry({ address: '192.0.2.105', mac: client(5) }), entry({ address: '192.0.2.106', mac: client(5) })],
      refused('client-has-another'),
    ],
    [
      'an address in another subnet for a client',
      [entry({ address: '198.51.100.7', subnet: '198.51.100.0/24' })],
      imported(1, 0),
    ],
    ['an address outside its subnet', [entry({ address: '198.51.100.7', mac: client(5) })], refused('not-in-subnet')],
  ])('%s', async (_, entries, expected) => {
    const leases = await book();
    await leases.bind(where, client(1), address('192.0.2.100'), 600, {});
    await leases.bind(where, client(2), address('192.0.2.101'), 600, {});
    await leases.release(where, client(2), address('192.0.2.101'));
    leases.hold(where, client(3), address('192.0.2.102'));
    const before = writeLeaseFile(leases.all());
    const news = entry({ address: '192.0.2.109', mac: client(9) });
    expect(await leases.import(read(...entries))).toMatchObject(expected);

    // The same with one good lease beside it: all of it, or nothing.
    const isRefused = 'conflicts' in expected;
    if (!isRefused) return;
    expect(await leases.import(read(news, ...entries))).toMatchObject(expected);
    expect(writeLeaseFile(leases.all())).toEqual(before);
  });

  test('every conflict is named', async () => {
    const leases = await book();
    await leases.bind(where, client(1), address('192.0.2.100'), 600, {});
    const outcome = await leases.import(
      read(
        entry({ mac: client(5) }),
        entry({ address: '10.0.0.1', mac: client(6) }),
        entry({ address: '192.0.2.105' }),
      ),
    );
    const conflicts = outcome.outcome === 'refused' ? outcome.conflicts : [];
    expect(conflicts.map(({ lease, why }) => `${formatIPv4(lease.address)} ${why}`).toSorted()).toEqual([
      '10.0.0.1 not-in-subnet',
      '192.0.2.100 address-taken',
      '192.0.2.105 client-has-another',
    ]);
  });

  test('while it is on its way to the disk nobody else gets its addresses', async () => {
    const leases = await book();
    const running = leases.import(read(entry()));
    expect(leases.view(where, client(7)).mayHave(address('192.0.2.100'))).toBe(false);
    expect(leases.view(where, client(1)).mayHave(address('192.0.2.100'))).toBe(true);
    await running;
  });
});
