import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { askControl, lockState, openJournal, type Disk } from '@sower/state';
import { describe, expect, onTestFinished, test } from 'vitest';
import { exportLeases, importLeases, leaseRows } from '../src/lease-access.ts';
import { createLifecycle, within } from '../src/lifecycle.ts';
import { StartError } from '../src/start-error.ts';
import { LISTENERS, MACHINES, makeSite } from './support/site.ts';

const silent = (text: string) => expect.fail(`nothing to say, but: ${text}`);

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sower-leases-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

function document(mac = '52:54:00:aa:bb:01', expires = '2096-01-01T00:00:00.000Z') {
  const times = { since: '2026-01-01T00:00:00.000Z', expires };
  const lease = { address: '192.0.2.31', subnet: '192.0.2.0/24', mac, state: 'bound', ...times };
  return { format: 'sower-leases', version: 1, leases: [{ ...lease, clientId: null, hostname: 'node1' }] };
}

describe('leases of a folder that nobody serves from', () => {
  test('are taken over and read, and the folder is free again', async () => {
    const folder = await temporaryFolder();
    expect(await importLeases(folder, document(), silent)).toEqual({ taken: 1, kept: 0 });
    expect(await exportLeases(folder, silent)).toEqual(document());
    expect(await readdir(folder)).toEqual(['journal']);
  });

  test('are none where there is no journal, and none is made', async () => {
    const folder = join(await temporaryFolder(), 'state');
    expect(await exportLeases(folder, silent)).toMatchObject({ leases: [] });
    await expect(readdir(folder)).rejects.toThrow('ENOENT');
  });

  test('an import that cannot be is refused with its reasons', async () => {
    const folder = await temporaryFolder();
    await importLeases(folder, document(), silent);
    expect(await importLeases(folder, document('52:54:00:aa:bb:02'), silent)).toEqual({
      refused: [expect.stringMatching(/^192\.0\.2\.31 for 52:54:00:aa:bb:02: somebody else has the address/)],
    });
    expect(await importLeases(folder, [], silent)).toEqual({ refused: [expect.stringContaining('sower-leases')] });
    expect(await exportLeases(folder, silent)).toEqual(document());
  });

  test('a folder that cannot be used is one line', async () => {
    const file = join(await temporaryFolder(), 'x'.repeat(120));
    await expect(importLeases(file, document(), silent)).rejects.toThrow(StartError);
  });
});

describe('leases of a running appliance', () => {
  test('come and go through its control socket, and are on disk', async () => {
    const site = await makeSite(`appliance: { ${LISTENERS} }\n${MACHINES}`);
    const running = await site.start();
    const state = join(site.folder, 'state');
    expect(await importLeases(state, document(), silent)).toEqual({ taken: 1, kept: 0 });
    expect(await exportLeases(state, silent)).toEqual(document());
    await running.close(1000);
    expect(await exportLeases(state, silent)).toEqual(document());
  });

  test('the control socket knows its commands and no others', async () => {
    const site = await makeSite(`appliance: { ${LISTENERS} }\n${MACHINES}`);
    await site.start();
    const path = join(site.folder, 'state/control.sock');
    expect(await askControl(path, { command: 'status' })).toEqual({ status: 'serving', pid: process.pid });
    expect(await askControl(path, { command: 'dance' })).toEqual({ error: 'there is no command "dance"' });
    expect(await askControl(path, null)).toEqual({ error: 'there is no command null' });
  });

  test('100,000 of them pass through the socket', async () => {
    const site = await makeSite(`appliance: { ${LISTENERS} }\n${MACHINES}`);
    await site.start();
    const [lease] = document().leases;
    const many = Array.from({ length: 100_000 }, (_, n) => ({
      ...lease,
      subnet: '10.0.0.0/8',
      address: `10.${n >>> 16}.${(n >>> 8) & 255}.${n & 255}`,
      mac: `52:54:00:${[n >>> 16, n >>> 8, n].map((part) => (part & 255).toString(16).padStart(2, '0')).join(':')}`,
    }));
    const all = { ...document(), leases: many };
    expect(await importLeases(join(site.folder, 'state'), all, silent)).toEqual({ taken: 100_000, kept: 0 });
    expect(await exportLeases(join(site.folder, 'state'), silent)).toEqual(all);
  });

  test('an answer that is no document is told', async () => {
    const folder = await temporaryFolder();
    const lock = await lockState(folder, () => 'nonsense');
    onTestFinished(() => lock.close());
    await expect(exportLeases(folder, silent)).rejects.toThrow('no document of leases');
    await expect(importLeases(folder, document(), silent)).rejects.toThrow('no word of the import');
  });
});

test.each([
  ['bound', '2096-01-01T00:00:00.000Z', 'bound'],
  ['bound', '2026-06-01T00:00:00.500Z', 'expired'],
  ['released', '2026-06-01T00:00:00.000Z', 'released'],
  ['quarantined', '2096-01-01T00:00:00.000Z', 'quarantined'],
])('a lease that is %s until %s is shown as %s', (state, expires, shown) => {
  const [lease] = document('52:54:00:aa:bb:01', expires).leases;
  const now = Date.parse('2026-11-22T00:00:00Z');
  expect(leaseRows({ ...document(), leases: [{ ...lease, state }] }, now)).toEqual([
    {
      address: '192.0.2.31',
      mac: '52:54:00:aa:bb:01',
      state: shown,
      until: `${expires.slice(0, 19)}Z`,
      hostname: 'node1',
    },
  ]);
});

test('F-D 49 a disk that hangs holds up a stop no longer than a stop may take', async () => {
  const hung: Disk = { append: (file, text) => file.appendFile(text), sync: () => new Promise(() => undefined) };
  const folder = await temporaryFolder();
  await (await openJournal({ folder, report: () => undefined })).close();
  const store = await openJournal({ folder, report: () => undefined, disk: hung });
  void store.write('key', undefined, 'never on disk');
  const lifecycle = createLifecycle(
    () => expect.fail('no fault expected'),
    () => 0,
  );
  const closed: string[] = [];
  lifecycle.own({ close: () => void closed.push('lock') });
  lifecycle.own({ close: (ms) => within(ms, store.close()) });
  await lifecycle.close(10);
  expect(closed).toEqual(['lock']);
});
