import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { formatIPv4 } from '@sower/net';
import { expect, test } from 'vitest';
import { openJournal, openLeases, type JournalReport } from '../src/index.ts';
import { temporaryFolder } from './support.ts';

const here = import.meta.dirname;

/** Lets a process bind until it has acknowledged `count` leases, kills it with SIGKILL, and gives every line it printed. */
async function bindAndKill(folder: string, count: number): Promise<string[]> {
  const child = spawn(process.execPath, [join(here, 'crash/run.mjs'), join(here, 'crash/binder.ts'), folder]);
  let printed = '';
  let complaints = '';
  child.stderr.on('data', (part: Buffer) => (complaints += part.toString()));
  child.stdout.on('data', (part: Buffer) => {
    printed += part.toString();
    if (printed.split('\n').length > count) child.kill('SIGKILL');
  });
  const [, signal] = await once(child, 'close');
  expect({ signal, complaints }).toMatchObject({ signal: 'SIGKILL' });
  return printed.split('\n').slice(0, -1);
}

test('A-33 F-D 49 kill -9: every acknowledged lease is there after the restart, again and again', async () => {
  const folder = await temporaryFolder();
  const acknowledged = new Map<string, string>();
  for (const count of [1, 150, 700]) {
    for (const line of await bindAndKill(folder, count)) {
      const [mac = '', at = ''] = line.split(' ');
      acknowledged.set(mac, at);
    }
    const reports: JournalReport[] = [];
    const store = await openJournal({ folder, report: (report) => reports.push(report) });
    const leases = await openLeases(store, { now: () => Date.now() }, () => undefined);
    const found = new Map([...leases.all()].map((lease) => [formatIPv4(lease.address), lease]));
    for (const [mac, at] of acknowledged) expect(found.get(at), `${mac} at ${at}`).toMatchObject({ mac });
    expect(reports.filter(({ why }) => why !== 'journal-bad-tail')).toEqual([]);
    await store.close();
  }
  expect(acknowledged.size).toBeGreaterThan(300);
}, 60_000);
