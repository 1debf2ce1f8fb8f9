import { bytes, wholeFiles, type OpenFile } from '@sower/files';
import { describe, expect, test } from 'vitest';
import { admission } from '../src/admission.ts';
import { allowance } from '../src/allowance.ts';
import { ceilings } from '../src/ceiling.ts';
import { contentOf, netasciiOf, NETASCII_MAX } from '../src/content.ts';
import { netasciiSize, toNetascii } from '../src/netascii.ts';
import { packetised } from '../src/packets.ts';
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
    const inBlocks = async () => {
      const converted = await netasciiOf(text, cache);
      return converted === undefined ? undefined : await contentOf(converted, 512, cache);
    };
    const [one, two] = [await inBlocks(), await inBlocks()];
    expect(Buffer.from(one?.packets(1, 1) ?? []).toString('latin1')).toBe('\0\x03\0\x01a\r\n');
    expect(one?.packets(1, 1)?.buffer).toBe(two?.packets(1, 1)?.buffer);
    expect(await netasciiOf(bytes(Buffer.alloc(NETASCII_MAX + 1), 0), cache)).toBeUndefined();
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

  test('a file that fits is read once, then closed, and all clients share the memory of its packets', async () => {
    const cache = wholeFiles({ file: 2_000_000, total: 2_000_000 });
    const first = counted();
    const second = counted();
    const content = await contentOf(first.file, 512, cache);
    const other = await contentOf(second.file, 512, cache);
    expect([first.calls, second.calls]).toEqual([
      { reads: 1, closes: 1 },
      { reads: 0, closes: 1 },
    ]);
    expect(content.packets(1, 1)?.buffer).toBe(other.packets(1954, 1954)?.buffer);
    expect(content.size).toBe(1_000_000);
    expect(content.packets(1954, 1954)).toEqual(
      Buffer.concat([Buffer.from([0, 3, 0x07, 0xa2]), source.subarray(999_936)]),
    );
  });

  test('a file that does not fit is read in chunks, and stays open until the end', async () => {
    const { calls, file } = counted();
    const content = await contentOf(file, 1468, wholeFiles({ file: 10, total: 10 }));
    for (let block = 1; block <= 682; block += 1) {
      if (content.packets(block, block) === undefined) await content.load(block, block);
      const packet = content.packets(block, block) ?? new Uint8Array(0);
      const payload = source.subarray((block - 1) * 1468, block * 1468);
      expect(Buffer.concat([Buffer.from([0, 3, block >> 8, block & 255]), payload]).equals(packet)).toBe(true);
    }
    expect(calls).toEqual({ reads: 4, closes: 0 });
    await content.close();
    expect(calls.closes).toBe(1);
  });

  test.each([
    [0, 8],
    [7, 8],
    [8, 8],
    [9, 8],
    [65_536 * 8, 8],
    [511, 512],
    [512, 512],
    [3_000_000, 1468],
  ])('C-17 C-18 the packets of %i bytes in blocks of %i', async (size, blksize) => {
    const plain = Buffer.from(Array.from({ length: size }, (_, at) => at % 253));
    const packets = packetised(bytes(plain, 0), blksize);
    const expected = Array.from({ length: Math.floor(size / blksize) + 1 }, (_, index) => {
      const number = (index + 1) % 65_536;
      return [Buffer.from([0, 3, number >> 8, number & 255]), plain.subarray(index * blksize, (index + 1) * blksize)];
    });
    expect(Buffer.concat(expected.flat()).equals(await packets.read(0, packets.size))).toBe(true);
    expect(packets.size).toBe(Buffer.concat(expected.flat()).length);
  });

  test('a file whose read fails is closed', async () => {
    const { calls, file } = counted();
    const broken = { ...file, read: () => Promise.reject(new Error('EIO')) };
    await expect(contentOf(broken, 512, wholeFiles({ file: 2_000_000, total: 2_000_000 }))).rejects.toThrow('EIO');
    expect(calls.closes).toBe(1);
  });
});

describe('C-09 F-T 28 the largest block for a client', () => {
  test.each([
    ['one loss is an accident', [true], undefined],
    ['two in a row are not', [true, true], 734],
    ['a success between two losses', [true, false, true], undefined],
    ['two more halve it again, down to 512', [true, true, true, true], 512],
    ['a success with smaller blocks keeps them small', [true, true, false], 734],
  ])('%s', (_, losses, expected) => {
    const known = ceilings();
    for (const lost of losses) known.learn('192.0.2.9', known.of('192.0.2.9', 0) ?? 1468, lost, 0);
    expect(known.of('192.0.2.9', 1)).toBe(expected);
    expect(known.of('192.0.2.8', 1)).toBeUndefined();
    expect(known.of('192.0.2.9', 600_000)).toBeUndefined();
  });
});

test('C-33 F-T 41 transfers in ever other block sizes share one bound, and those that find no room are read in chunks', async () => {
  const cache = wholeFiles({ file: 4000, total: 8000 });
  const contents = await Promise.all(
    Array.from({ length: 20 }, (_, at) => contentOf(bytes(new Uint8Array(3000), 0), 512 + at, cache)),
  );
  expect(cache.held).toBeLessThanOrEqual(8000);
  const inMemory = contents.filter((content) => content.packets(1, 1) !== undefined);
  expect(inMemory).toHaveLength(2);
  await Promise.all(contents.map((content) => content.close()));
  const next = await contentOf(bytes(new Uint8Array(3000), 0), 1432, cache);
  expect(next.packets(1, 1)).toBeDefined();
});

test('C-36 a file in very small blocks is made into packets piece by piece', async () => {
  const reads: number[] = [];
  const plain = bytes(new Uint8Array(1_000_000), 0);
  const packets = packetised({ ...plain, read: (at, length) => (reads.push(length), plain.read(at, length)) }, 8);
  expect(await packets.read(0, packets.size)).toHaveLength(packets.size);
  expect(Math.max(...reads)).toBeLessThanOrEqual(4096 * 8);
});
