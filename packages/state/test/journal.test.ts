import { appendFile, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ForeignJournal, openJournal, StoreUnwritable, type Disk, type JournalReport } from '../src/index.ts';
import { temporaryFolder } from './support.ts';

/** CRC-32 (reflected 0xedb88320), bit by bit: independent of the code under test. */
function sum(text: string): string {
  let crc = 0xffffffff;
  for (const byte of Buffer.from(text)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ((crc ^ 0xffffffff) >>> 0).toString(16).padStart(8, '0');
}

function line(seq: number, json: string): string {
  return `${sum(`${seq} ${json}`)} ${seq} ${json}\n`;
}

const HEADER = line(0, '{"format":"sower-journal","version":1,"last":0}');
const record = (seq: number, key: string, value: string): string =>
  line(seq, `{"key":${JSON.stringify(key)},"value":${JSON.stringify(value)}}`);

interface Opened {
  readonly values: Record<string, unknown>;
  readonly reports: readonly JournalReport[];
}

/** Opens the journal as it is on disk, reads it and closes it. */
async function reopen(folder: string): Promise<Opened> {
  const reports: JournalReport[] = [];
  const store = await openJournal({ folder, report: (report) => reports.push(report) });
  const values = Object.fromEntries([...(await store.load(''))].map(({ key, value }) => [key, value]));
  await store.close();
  return { values, reports };
}

async function folderWith(content: string | Buffer): Promise<string> {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'journal'), content);
  return folder;
}

const disk: Disk = { append: (file, text) => file.appendFile(text), sync: (file) => file.datasync() };

/** A disk that counts its syncs. */
function countingDisk(): Disk & { syncs: number } {
  const counting = {
    ...disk,
    syncs: 0,
    sync: async (file: Parameters<Disk['sync']>[0]) => {
      counting.syncs += 1;
      await disk.sync(file);
    },
  };
  return counting;
}

/** A disk that can be told to refuse: `append` writes half of the text first, as a full disk does. */
function sickDisk(): Disk & { sick: 'append' | 'sync' | undefined; code: string } {
  const self: Disk & { sick: 'append' | 'sync' | undefined; code: string } = {
    sick: undefined,
    code: 'ENOSPC',
    append: async (file, text) => {
      if (self.sick !== 'append') return disk.append(file, text);
      await disk.append(file, text.slice(0, text.length / 2));
      throw Object.assign(new Error(`${self.code}: injected`), { code: self.code });
    },
    sync: async (file) => {
      if (self.sick === 'sync') throw Object.assign(new Error(`${self.code}: injected`), { code: self.code });
      await disk.sync(file);
    },
  };
  return self;
}

describe('format', () => {
  test('a new journal is its header line; file 0600, folder 0700', async () => {
    const folder = join(await temporaryFolder(), 'new', 'state');
    const store = await openJournal({ folder, report: () => undefined });
    await store.close();
    expect(await readFile(join(folder, 'journal'), 'utf8')).toBe(HEADER);
    expect((await stat(join(folder, 'journal'))).mode & 0o777).toBe(0o600);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect(await readdir(folder)).toEqual(['journal']);
  });

  test('G-05 a record is a line: sum, sequence number, JSON', async () => {
    const folder = await temporaryFolder();
    const store = await openJournal({ folder, report: () => undefined });
    await store.write('lease/192.0.2.1', undefined, 'ü');
    await store.write('lease/192.0.2.1', 1, undefined);
    await store.close();
    const expected = HEADER + record(1, 'lease/192.0.2.1', 'ü') + line(2, '{"key":"lease/192.0.2.1"}');
    expect(await readFile(join(folder, 'journal'), 'utf8')).toBe(expected);
  });

  test('a journal is read back, and versions go on where they were', async () => {
    const folder = await folderWith(HEADER + record(1, 'a', 'one') + record(2, 'b', 'two') + record(3, 'a', 'three'));
    const store = await openJournal({ folder, report: () => undefined });
    expect([...(await store.load('a'))]).toEqual([{ key: 'a', version: 3, value: 'three' }]);
    expect(await store.write('a', 3, 'four')).toEqual({ outcome: 'stored', version: 4 });
    await store.close();
    expect(await reopen(folder)).toEqual({ values: { a: 'four', b: 'two' }, reports: [] });
  });

  test('the journal of a newer release is left alone', async () => {
    const newer = line(0, '{"format":"sower-journal","version":2,"last":0}') + 'whatever\n';
    const folder = await folderWith(newer);
    await expect(reopen(folder)).rejects.toBeInstanceOf(ForeignJournal);
    expect(await readFile(join(folder, 'journal'), 'utf8')).toBe(newer);
  });
});

describe('F-D 49 damage', () => {
  const small = [HEADER, record(1, 'a', 'one'), record(2, 'b', 'two'), record(3, 'c', 'three')];
  const bytes = Buffer.from(small.join(''));
  const ends = small.map((_, index) => Buffer.byteLength(small.slice(0, index + 1).join('')));

  /** The keys of the records that end at or before this byte. */
  const keysBefore = (cut: number): string[] => ['a', 'b', 'c'].filter((_, index) => (ends[index + 1] ?? 0) <= cut);

  test('cut at every byte: all records before the cut survive, the rest is reported, the next start is clean', async () => {
    for (let cut = 0; cut < bytes.length; cut += 1) {
      const folder = await folderWith(bytes.subarray(0, cut));
      const { values, reports } = await reopen(folder);
      expect(Object.keys(values), `cut at ${cut}`).toEqual(keysBefore(cut));
      const reasons = new Set(reports.map(({ why }) => why));
      const torn = cut > 0 && !ends.includes(cut);
      expect(reasons.has('journal-bad-tail'), `cut at ${cut}`).toBe(torn);
      expect(reasons.has('journal-header-lost'), `cut at ${cut}`).toBe(cut < HEADER.length);
      expect(await reopen(folder)).toEqual({ values, reports: [] });
    }
  }, 60_000);

  test('every byte changed: all other records survive, the loss is reported and its bytes are kept', async () => {
    for (let at = 0; at < bytes.length; at += 1) {
      for (const flip of [0x01, 0x20]) {
        const damaged = Buffer.from(bytes);
        damaged[at] = (damaged[at] ?? 0) ^ flip;
        const folder = await folderWith(damaged);
        const { values, reports } = await reopen(folder);
        const hit = ends.findIndex((end) => at < end);
        // A changed line feed joins its line with the next one.
        const lost = ends[hit] === at + 1 ? [hit, hit + 1] : [hit];
        const expected = ['a', 'b', 'c'].filter((_, index) => !lost.includes(index + 1));
        expect(Object.keys(values), `byte ${at} ^ ${flip}`).toEqual(expected);
        expect(reports, `byte ${at} ^ ${flip}`).not.toEqual([]);
        const kept = await readFile(join(folder, 'journal.bad'), 'latin1');
        expect(damaged.toString('latin1')).toContain(kept);
        expect(kept.length).toBeGreaterThan(0);
      }
    }
  }, 60_000);

  test('a bad line in the middle: its place is reported, the file is clean afterwards', async () => {
    const folder = await folderWith([HEADER, record(1, 'a', 'one'), 'rubbish\n', record(2, 'b', 'two')].join(''));
    const { values, reports } = await reopen(folder);
    expect(values).toEqual({ a: 'one', b: 'two' });
    expect(reports).toEqual([{ why: 'journal-bad-line', line: 3, bytes: 8 }]);
    expect(await readFile(join(folder, 'journal.bad'), 'utf8')).toBe('rubbish\n');
    expect((await reopen(folder)).reports).toEqual([]);
  });

  test('repeated lines are set aside: an old value does not come back', async () => {
    const folder = await folderWith(
      [HEADER, record(1, 'a', 'one'), record(2, 'a', 'two'), record(1, 'a', 'one'), record(3, 'b', 'x')].join(''),
    );
    const { values, reports } = await reopen(folder);
    expect(values).toEqual({ a: 'two', b: 'x' });
    expect(reports).toEqual([{ why: 'journal-bad-line', line: 4, bytes: record(1, 'a', 'one').length }]);
  });

  test('0 bytes: an empty store, and a report', async () => {
    expect(await reopen(await folderWith(''))).toEqual({ values: {}, reports: [{ why: 'journal-header-lost' }] });
  });

  test('a snapshot that was never finished is ignored', async () => {
    const folder = await folderWith(HEADER + record(1, 'a', 'one'));
    await writeFile(join(folder, 'journal.tmp'), 'half a snapsh');
    expect(await reopen(folder)).toEqual({ values: { a: 'one' }, reports: [] });
  });

  test('damage that cannot be cleared away is read around', async () => {
    const folder = await folderWith(HEADER + record(1, 'a', 'one') + 'torn');
    await mkdir(join(folder, 'journal.bad'));
    const { values, reports } = await reopen(folder);
    expect(values).toEqual({ a: 'one' });
    expect(reports.map(({ why }) => why)).toEqual(['journal-bad-tail', 'journal-unwritable']);
    expect(await readFile(join(folder, 'journal'), 'utf8')).toContain('torn');
  });

  test('a journal that cannot be read stops the start', async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, 'journal'));
    await expect(reopen(folder)).rejects.toThrow('EISDIR');
  });

  test('no journal and no way to make one stops the start', async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, 'journal.tmp'));
    await expect(reopen(folder)).rejects.toBeInstanceOf(StoreUnwritable);
  });
});

describe('group commit', () => {
  test('G-04 1,000 writes at once take at most 40 syncs, and none resolves before the sync of its batch', async () => {
    const folder = await temporaryFolder();
    const counting = countingDisk();
    const store = await openJournal({ folder, report: () => undefined, disk: counting });
    counting.syncs = 0;
    const syncsSeen: number[] = [];
    await Promise.all(
      Array.from({ length: 1000 }, async (_, n) => {
        await store.write(`k/${n}`, undefined, n);
        syncsSeen.push(counting.syncs);
      }),
    );
    expect(counting.syncs).toBeLessThanOrEqual(40);
    expect(Math.min(...syncsSeen)).toBeGreaterThan(0);
    await store.close();
  });

  test('G-04 one sync is under way at a time, and what comes meanwhile is the next batch', async () => {
    const events: string[] = [];
    let release = (): void => undefined;
    const slow: Disk = {
      append: async (file, text) => {
        events.push(`append ${text.split('\n').length - 1}`);
        await disk.append(file, text);
      },
      sync: async () => {
        events.push('sync');
        await new Promise<void>((resolve) => (release = resolve));
        events.push('synced');
      },
    };
    const folder = await folderWith(HEADER);
    const store = await openJournal({ folder, report: () => undefined, disk: slow });
    const first = store.write('a', undefined, 1).then(() => events.push('a'));
    await until(() => events.includes('sync'));
    const others = ['b', 'c', 'd'].map((key) => store.write(key, undefined, 1).then(() => events.push(key)));
    release();
    await first;
    await until(() => events.filter((event) => event === 'sync').length === 2);
    release();
    await Promise.all(others);
    expect(events).toEqual(['append 1', 'sync', 'synced', 'a', 'append 3', 'sync', 'synced', 'b', 'c', 'd']);
    await store.close();
  });

  test('G-04 a set of any size is one new file: one sync, and then the folder’s', async () => {
    const counting = countingDisk();
    const folder = await folderWith(HEADER);
    const store = await openJournal({ folder, report: () => undefined, disk: counting });
    const set = Array.from({ length: 2000 }, (_, n) => ({ key: `k/${n}`, expected: undefined, value: n }));
    expect(await store.writeAll(set)).toHaveLength(2000);
    expect(counting.syncs).toBe(1);
    await store.close();
    expect(Object.keys((await reopen(folder)).values)).toHaveLength(2000);
  });

  test('a refused write costs no sync', async () => {
    const counting = countingDisk();
    const folder = await folderWith(HEADER);
    const store = await openJournal({ folder, report: () => undefined, disk: counting });
    await store.write('a', 7, 1);
    expect(counting.syncs).toBe(0);
    await store.close();
  });
});

describe('F-D 49 a disk that refuses', () => {
  test.each([
    ['append', 'ENOSPC'],
    ['append', 'EIO'],
    ['append', 'EROFS'],
    ['sync', 'EIO'],
    ['sync', 'ENOSPC'],
  ] as const)('A-33 %s fails with %s: rejected, read-only, and well again later', async (sick, code) => {
    const folder = await temporaryFolder();
    const reports: JournalReport[] = [];
    const broken = sickDisk();
    const store = await openJournal({ folder, report: (report) => reports.push(report), disk: broken });
    await store.write('a', undefined, 'before');

    Object.assign(broken, { sick, code });
    for (const key of ['b', 'c']) {
      const error = await store.write(key, undefined, 'lost').catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(StoreUnwritable);
      expect(error).toMatchObject({ code });
    }
    expect([...(await store.load(''))].map(({ key }) => key)).toEqual(['a']);
    expect(await store.write('a', 99, 'x')).toMatchObject({ outcome: 'conflict' });

    broken.sick = undefined;
    expect(await store.write('a', 1, 'after')).toEqual({ outcome: 'stored', version: 2 });
    expect(reports.map(({ why }) => why)).toEqual(['journal-unwritable', 'journal-writable-again']);
    await store.close();
    expect(await reopen(folder)).toEqual({ values: { a: 'after' }, reports: [] });
  });

  test('A-33 a process that ends while the disk refuses leaves every acknowledged record', async () => {
    const folder = await temporaryFolder();
    const broken = sickDisk();
    const store = await openJournal({ folder, report: () => undefined, disk: broken });
    await store.write('a', undefined, 'acknowledged');
    broken.sick = 'append';
    await expect(store.write('b', undefined, 'a longer value that is cut in half')).rejects.toThrow('ENOSPC');
    await store.close();
    expect((await reopen(folder)).values).toEqual({ a: 'acknowledged' });
  });

  test.each(['append', 'sync'] as const)(
    'F-D 49 a set of writes whose %s fails leaves nothing of itself',
    async (sick) => {
      const folder = await temporaryFolder();
      const broken = sickDisk();
      const store = await openJournal({ folder, report: () => undefined, disk: broken });
      await store.write('a', undefined, 'before');
      broken.sick = sick;
      const set = ['b', 'c', 'd'].map((key) => ({ key, expected: undefined, value: 'lost' }));
      await expect(store.writeAll(set)).rejects.toThrow(StoreUnwritable);
      // What a process that dies now leaves behind, and what this one still serves.
      expect((await reopen(folder)).values).toEqual({ a: 'before' });
      expect([...(await store.load(''))].map(({ key }) => key)).toEqual(['a']);
      await store.close();
    },
  );

  test('a snapshot that fails leaves the journal as it was, growing', async () => {
    const folder = await temporaryFolder();
    const reports: JournalReport[] = [];
    const store = await openJournal({ folder, report: (report) => reports.push(report), slack: 4 });
    await mkdir(join(folder, 'journal.tmp'));
    for (let version = 0; version < 7; version += 1) await store.write('a', version || undefined, version);
    await store.close();
    expect(reports.map(({ why }) => why)).toEqual(['journal-snapshot-failed']);
    expect((await readFile(join(folder, 'journal'), 'utf8')).split('\n')).toHaveLength(1 + 7 + 1);
  });
});

describe('snapshots', () => {
  test('G-04 G-05 a journal that only grows is not rewritten: no ACK waits for work that would gain nothing', async () => {
    const counting = countingDisk();
    const folder = await folderWith(HEADER);
    const store = await openJournal({ folder, report: () => undefined, disk: counting, slack: 10 });
    for (let batch = 0; batch < 30; batch += 1) {
      await Promise.all(Array.from({ length: 100 }, (_, n) => store.write(`k/${batch}/${n}`, undefined, n)));
    }
    // The first write of each hundred begins a batch of its own, the others share the next one.
    expect(counting.syncs).toBe(2 * 30);
    await store.close();
  });

  test('the journal is rewritten when enough of it is stale, in proportion to what is live', async () => {
    const folder = await temporaryFolder();
    const store = await openJournal({ folder, report: () => undefined, slack: 10 });
    for (let n = 0; n < 30; n += 1) await store.write(`k/${n}`, undefined, n);
    let version: number | undefined;
    let longest = 0;
    for (let n = 0; n < 200; n += 1) {
      const written = await store.write('hot', version, n);
      version = written.outcome === 'stored' ? written.version : undefined;
      longest = Math.max(longest, (await readFile(join(folder, 'journal'), 'utf8')).split('\n').length - 2);
    }
    await store.close();
    expect(longest).toBeLessThanOrEqual(2 * 31 + 10);
    const { values, reports } = await reopen(folder);
    expect(Object.keys(values)).toHaveLength(31);
    expect(values.hot).toBe(199);
    expect(reports).toEqual([]);
  });

  test('a version is not used again after its record was deleted and the journal rewritten', async () => {
    const folder = await temporaryFolder();
    const store = await openJournal({ folder, report: () => undefined, slack: 1 });
    await store.write('a', undefined, 'one');
    await store.write('a', 1, undefined);
    await store.close();
    const again = await openJournal({ folder, report: () => undefined });
    expect(await again.write('a', undefined, 'two')).toEqual({ outcome: 'stored', version: 3 });
    await again.close();
  });

  test('a record added behind a snapshot is read over it', async () => {
    const folder = await folderWith(line(0, '{"format":"sower-journal","version":1,"last":9}') + record(4, 'a', 'old'));
    await appendFile(join(folder, 'journal'), record(10, 'a', 'new'));
    expect(await reopen(folder)).toEqual({ values: { a: 'new' }, reports: [] });
  });
});

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}
