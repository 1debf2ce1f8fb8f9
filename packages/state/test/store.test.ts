import { describe, expect, onTestFinished, test } from 'vitest';
import { memoryStore, openJournal, StoreUnwritable, type Store } from '../src/index.ts';
import { must, temporaryFolder } from './support.ts';

const stores: readonly (readonly [string, () => Promise<Store>])[] = [
  ['memory', () => Promise.resolve(memoryStore())],
  ['journal', async () => openJournal({ folder: await temporaryFolder(), report: () => undefined })],
  [
    'journal that is rewritten after every few records',
    async () => openJournal({ folder: await temporaryFolder(), report: () => undefined, slack: 1 }),
  ],
];

async function all(store: Store, prefix = ''): Promise<Record<string, unknown>> {
  const entries = [...(await store.load(prefix))];
  return Object.fromEntries(entries.map(({ key, value }) => [key, value]));
}

/** Writes over whatever is there and gives the new version. */
async function put(store: Store, key: string, expected: number | undefined, value: string): Promise<number> {
  const written = await store.write(key, expected, value);
  expect(written.outcome).toBe('stored');
  return written.outcome === 'stored' ? written.version : 0;
}

describe.each(stores)('the store contract: %s', (_name, make) => {
  const open = async (): Promise<Store> => {
    const store = await make();
    onTestFinished(() => store.close());
    return store;
  };

  test('a new store is empty', async () => {
    expect(await all(await open())).toEqual({});
  });

  test('G-04 a stored record is loaded, with its version', async () => {
    const store = await open();
    const version = await put(store, 'lease/192.0.2.1', undefined, 'one');
    expect([...(await store.load('lease/'))]).toEqual([{ key: 'lease/192.0.2.1', version, value: 'one' }]);
  });

  test('every JSON value survives', async () => {
    const store = await open();
    const value = { text: 'ü\n"\\\u0000\u{1f331}', list: [1, -2.5, null, true], nested: { empty: {} } };
    await store.write('k', undefined, value);
    expect(await all(store)).toEqual({ k: value });
  });

  test('load gives only the keys with its prefix', async () => {
    const store = await open();
    await put(store, 'lease/192.0.2.1', undefined, 'lease');
    await put(store, 'machine/52:54:00:00:00:01', undefined, 'machine');
    expect(await all(store, 'machine/')).toEqual({ 'machine/52:54:00:00:00:01': 'machine' });
  });

  test('compare-and-set: the right version replaces, and every version is new', async () => {
    const store = await open();
    const first = await put(store, 'k', undefined, 'one');
    const second = await put(store, 'k', first, 'two');
    expect(second).not.toBe(first);
    expect(await all(store)).toEqual({ k: 'two' });
  });

  test('compare-and-set: an old version is told what is there, and changes nothing', async () => {
    const store = await open();
    const first = await put(store, 'k', undefined, 'one');
    const second = await put(store, 'k', first, 'two');
    const refused = { outcome: 'conflict', current: { key: 'k', version: second, value: 'two' } };
    expect(await store.write('k', first, 'three')).toEqual(refused);
    expect(await store.write('k', undefined, 'three')).toEqual(refused);
    expect(await all(store)).toEqual({ k: 'two' });
  });

  test('compare-and-set: expecting a record where there is none', async () => {
    const store = await open();
    expect(await store.write('k', 1, 'one')).toEqual({ outcome: 'conflict', current: undefined });
    expect(await all(store)).toEqual({});
  });

  test('undefined deletes, and a version from before does not fit what comes after', async () => {
    const store = await open();
    const first = await put(store, 'k', undefined, 'one');
    expect((await store.write('k', first, undefined)).outcome).toBe('stored');
    expect(await all(store)).toEqual({});
    const second = await put(store, 'k', undefined, 'two');
    expect((await store.write('k', first, 'three')).outcome).toBe('conflict');
    expect(await all(store)).toEqual({ k: 'two' });
    expect(second).not.toBe(first);
  });

  test('of many writes at once with the same expectation exactly the first is stored', async () => {
    const store = await open();
    const written = await Promise.all(Array.from({ length: 20 }, (_, n) => store.write('k', undefined, n)));
    expect(written.map(({ outcome }) => outcome)).toEqual(['stored', ...Array.from({ length: 19 }, () => 'conflict')]);
    expect(await all(store)).toEqual({ k: 0 });
  });

  test('writes at once to many keys are all stored', async () => {
    const store = await open();
    await Promise.all(Array.from({ length: 300 }, (_, n) => store.write(`k/${n}`, undefined, n)));
    expect([...(await store.load('k/'))].map(({ value }) => value).toSorted(byNumber)).toEqual(
      Array.from({ length: 300 }, (_, n) => n),
    );
  });

  test('a set of writes is stored whole, each with a version of its own', async () => {
    const store = await open();
    const old = await put(store, 'k/1', undefined, 'old');
    const versions = must(
      await store.writeAll([
        { key: 'k/1', expected: old, value: 'new' },
        { key: 'k/2', expected: undefined, value: 'two' },
      ]),
    );
    expect(await all(store)).toEqual({ 'k/1': 'new', 'k/2': 'two' });
    expect(new Set([old, ...versions]).size).toBe(3);
    expect((await store.write('k/2', versions[1], 'three')).outcome).toBe('stored');
  });

  test('a set of writes of which one is refused changes nothing', async () => {
    const store = await open();
    await put(store, 'k/2', undefined, 'two');
    const set = [1, 2, 3].map((n) => ({ key: `k/${n}`, expected: undefined, value: n }));
    expect(await store.writeAll(set)).toBeUndefined();
    expect(await all(store)).toEqual({ 'k/2': 'two' });
  });

  test('a set of writes takes its turn among others', async () => {
    const store = await open();
    const before = store.write('k/1', undefined, 'before');
    const set = store.writeAll([{ key: 'k/2', expected: undefined, value: 'set' }]);
    await store.close();
    expect((await before).outcome).toBe('stored');
    expect(await set).toHaveLength(1);
    await expect(store.writeAll([])).rejects.toThrow(StoreUnwritable);
  });

  test('what load gave does not change under the reader', async () => {
    const store = await open();
    const version = await put(store, 'k', undefined, 'one');
    const before = await store.load('');
    await put(store, 'k', version, 'two');
    expect([...before].map(({ value }) => value)).toEqual(['one']);
  });

  test('close waits for the writes under way and refuses later ones', async () => {
    const store = await open();
    const running = store.write('k', undefined, 'one');
    await store.close();
    await store.close();
    expect((await running).outcome).toBe('stored');
    const refusal = await store.write('k', 1, 'two').catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(StoreUnwritable);
    expect(must(refusal instanceof StoreUnwritable ? refusal.code : undefined)).toBe('CLOSED');
  });
});

function byNumber(a: unknown, b: unknown): number {
  return Number(a) - Number(b);
}
