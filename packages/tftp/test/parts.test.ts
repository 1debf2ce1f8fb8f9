import { bytes, wholeFiles, type OpenFile } from '@sower/files';
import { describe, expect, test } from 'vitest';
import { admission } from '../src/admission.ts';
import { allowance } from '../src/allowance.ts';
import { contentOf, netasciiContentOf, NETASCII_MAX } from '../src/content.ts';
import { netasciiSize, toNetascii } from '../src/netascii.ts';
import { pacer } from '../src/pace.ts';
import { recent } from '../src/recent.ts';

describe('C-36 pacer', () => {
  /** A loop that turns when the test says so. */
  const loop = (perTurn: number) => {
    const turns: (() => void)[] = [];
    const pace = pacer(perTurn, (run) => turns.push(run));
    return { pace, turn: () => turns.splice(0).forEach((run) => run()), idle: () => turns.length === 0 };
  };

  test('50 clients with a window of 32: at most 64 packets a turn, each client once, nothing is lost', () => {
    const { pace, turn, idle } = loop(64);
    const sent: number[] = [];
    const perTurn: number[] = [];
    for (let client = 0; client < 50; client += 1) pace.run({ client }, 32, () => sent.push(client));
    for (let before = 0; !idle(); before = sent.length) {
      perTurn.push((sent.length - before) * 32);
      turn();
    }
    expect(Math.max(...perTurn)).toBe(64);
    expect(sent).toEqual(Array.from({ length: 50 }, (_, client) => client));
  });

  test('one client asks twice in a turn: the second window waits', () => {
    const { pace, turn } = loop(64);
    const owner = {};
    const sent: string[] = [];
    pace.run(owner, 4, () => sent.push('first'));
    pace.run(owner, 4, () => sent.push('second'));
    expect(sent).toEqual(['first']);
    turn();
    expect(sent).toEqual(['first', 'second']);
  });

  test('a job larger than the budget has a turn of its own', () => {
    const { pace, turn } = loop(10);
    const sent: string[] = [];
    pace.run({}, 1, () => sent.push('small'));
    pace.run({}, 99, () => sent.push('large'));
    expect(sent).toEqual(['small']);
    turn();
    expect(sent).toEqual(['small', 'large']);
  });
});

test('C-22 C-28 an allowance is per key and second', () => {
  const allow = allowance(100);
  expect([allow('a', 60, 0), allow('a', 60, 999), allow('a', 40, 999), allow('b', 100, 999)]).toEqual([
    true,
    false,
    true,
    true,
  ]);
  expect(allow('a', 100, 1000)).toBe(true);
});

test('C-30 places per client and in all', () => {
  const places = admission(3, 2);
  expect([places.enter('a'), places.enter('a'), places.enter('a')]).toEqual([true, true, false]);
  expect([places.enter('b'), places.enter('c')]).toEqual([true, false]);
  places.leave('a');
  expect([places.enter('c'), places.count]).toEqual([true, 3]);
});

test('C-21 what was delivered is remembered for a while', () => {
  const seen = recent(1000);
  seen.add('a', 0);
  seen.add('b', 500);
  expect([seen.has('a', 999), seen.has('a', 1000), seen.has('b', 1000), seen.has('b', 1500)]).toEqual([
    true,
    false,
    true,
    false,
  ]);
});

describe('C-32 F-T 35 netascii', () => {
  test.each([
    ['plain', 'abc', 'abc'],
    ['LF', 'a\nb\n', 'a\r\nb\r\n'],
    ['a lone CR', 'a\rb', 'a\r\0b'],
    ['CR LF', 'a\r\n', 'a\r\0\r\n'],
    ['NUL', 'a\0b', 'a\0b'],
    ['empty', '', ''],
    ['a CR at the end', 'a\r', 'a\r\0'],
  ])('%s', (_, text, wire) => {
    expect(Buffer.from(toNetascii(Buffer.from(text))).toString()).toBe(wire);
    expect(netasciiSize(Buffer.from(text))).toBe(wire.length);
  });

  test('converted once for all readers, and not when it is large', async () => {
    const cache = wholeFiles({ file: NETASCII_MAX * 2, total: NETASCII_MAX * 4 });
    const text = bytes(Buffer.from('a\n'), 0);
    const [one, two] = [await netasciiContentOf(text, cache), await netasciiContentOf(text, cache)];
    expect(Buffer.from(one?.slice(0, 512) ?? []).toString()).toBe('a\r\n');
    expect(one?.slice(0, 512)?.buffer).toBe(two?.slice(0, 512)?.buffer);
    expect(await netasciiContentOf(bytes(Buffer.alloc(NETASCII_MAX + 1), 0), cache)).toBeUndefined();
  });
});

describe('C-33 content', () => {
  const source = Buffer.from(Array.from({ length: 1_000_000 }, (_, at) => at % 251));

  /** A file that counts what happens to it. */
  const counted = () => {
    const calls = { reads: 0, closes: 0 };
    const inner = bytes(source, 0);
    const file: OpenFile = {
      ...inner,
      read(position, length) {
        calls.reads += 1;
        return inner.read(position, length);
      },
      close() {
        calls.closes += 1;
        return Promise.resolve();
      },
    };
    return { calls, file };
  };

  test('a file that fits is read once, then closed, and blocks share its memory', async () => {
    const cache = wholeFiles({ file: 2_000_000, total: 2_000_000 });
    const first = counted();
    const second = counted();
    const content = await contentOf(first.file, cache);
    await contentOf(second.file, cache);
    expect([first.calls, second.calls]).toEqual([
      { reads: 1, closes: 1 },
      { reads: 0, closes: 1 },
    ]);
    expect(content.slice(0, 8)?.buffer).toBe(content.slice(999_990, 512)?.buffer);
    expect(content.slice(999_990, 512)).toHaveLength(10);
  });

  test('a file that does not fit is read in chunks, and stays open until the end', async () => {
    const { calls, file } = counted();
    const content = await contentOf(file, wholeFiles({ file: 10, total: 10 }));
    for (let at = 0; at <= source.length; at += 1468) {
      if (content.slice(at, 1468) === undefined) await content.load(at, 1468);
      const block = content.slice(at, 1468) ?? new Uint8Array(0);
      expect(source.subarray(at, at + 1468).equals(block)).toBe(true);
    }
    expect(calls).toEqual({ reads: 4, closes: 0 });
    await content.close();
    expect(calls.closes).toBe(1);
  });

  test('a file whose read fails is closed', async () => {
    const { calls, file } = counted();
    const broken = { ...file, read: () => Promise.reject(new Error('EIO')) };
    await expect(contentOf(broken, wholeFiles({ file: 2_000_000, total: 2_000_000 }))).rejects.toThrow('EIO');
    expect(calls.closes).toBe(1);
  });
});
