import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { simulate, type Manners, type Network } from './simulate.ts';

const perfect: Network = () => [1];
const WINDOWS = [1, 4, 16, 32];
const BLKSIZES = [8, 512, 1468];
const MANNERS: readonly Manners[] = ['edk2', 'rfc7440'];

/** 1, 2, 3, … n */
const upTo = (n: number) => Array.from({ length: n }, (_, index) => index + 1);

describe('C-18 F-T 34 sizes', () => {
  test.each([
    [0, 512, 1],
    [1, 512, 1],
    [511, 512, 1],
    [512, 512, 2],
    [513, 512, 2],
    [65_535 * 512, 512, 65_536],
    [65_536 * 512, 512, 65_537],
    [65_535 * 8, 8, 65_536],
    [65_536 * 8, 8, 65_537],
    [65_537 * 8, 8, 65_538],
    [600_000, 8, 75_001],
  ])('C-17 %i bytes in blocks of %i are %i DATA packets', (size, blksize, blocks) => {
    for (const windowsize of [1, 32]) {
      const trace = simulate({ size, blksize, windowsize, network: perfect, manners: 'edk2' });
      expect(trace.outcome).toBe('complete');
      expect(trace.dataPackets).toBe(blocks);
      expect(trace.taken.length).toBe(blocks);
    }
  });
});

const everyKthData =
  (k: number): Network =>
  (kind, count) =>
    kind === 'data' && count % k === 0 ? [] : [1];
const everyKthAck =
  (k: number): Network =>
  (kind, count) =>
    kind === 'ack' && count % k === 0 ? [] : [1];
const reorderedBy3: Network = (kind, count) => (kind === 'data' && count % 5 === 0 ? [4] : [1 + (count % 3) / 100]);
const duplicated: Network = () => [1, 1.5];
const jitter: Network = (_kind, count) => [1 + ((count * 7919) % 300)];

const K = Array.from({ length: 19 }, (_, index) => index + 2);

const FAULTS: readonly (readonly [string, Network])[] = [
  ...K.map((k) => [`every ${k}. DATA lost`, everyKthData(k)] as const),
  ...K.map((k) => [`every ${k}. ACK lost`, everyKthAck(k)] as const),
  ['reordered by 3', reorderedBy3],
  ['all duplicated', duplicated],
  ['300 ms jitter', jitter],
];

describe('F-T 27 C-15 C-16 C-19 a bad network', () => {
  const rows = FAULTS.flatMap(([name, network]) => WINDOWS.map((windowsize) => ({ name, network, windowsize })));
  test.each(rows)('$name, W=$windowsize: the file arrives, bytes bounded', ({ network, windowsize }) => {
    for (const blksize of BLKSIZES) {
      for (const manners of MANNERS) {
        const size = 200 * blksize + 1;
        const trace = simulate({ size, blksize, windowsize, network, manners });
        expect(trace.taken).toEqual(upTo(201));
        expect(trace.outcome).toBe('complete');
        expect(trace.dataPackets).toBeLessThanOrEqual(bound(trace, windowsize));
      }
    }
  });
});

/** Every transmission has a cause: an ACK that moves on, one "lost" for each such ACK, the timer and one "lost" after it. */
function bound(trace: { readonly advances: number; readonly timers: number }, windowsize: number): number {
  if (windowsize === 1) return trace.advances + trace.timers + 1;
  return (windowsize + 1) * 2 * (trace.advances + trace.timers + 1);
}

test.each(MANNERS)('C-16 %s: a lost block costs one window and no time', (manners) => {
  for (const windowsize of [4, 16, 32]) {
    const lost = new Set<number>();
    const network: Network = (kind, _count, block) => {
      if (kind !== 'data' || block % (4 * windowsize) !== 2 || lost.has(block)) return [1];
      lost.add(block);
      return [];
    };
    const trace = simulate({ size: 511 * 8, blksize: 8, windowsize, network, manners });
    expect(trace.taken).toEqual(upTo(512));
    expect(trace.timers).toBe(0);
    expect(lost.size).toBeGreaterThan(3);
    expect(trace.dataPackets).toBeLessThanOrEqual(512 + lost.size * windowsize);
    expect(trace.dataPackets).toBeLessThanOrEqual(512 * 1.5);
  }
});

test('C-15 every ACK twice, window 1: each block goes out once', () => {
  const network: Network = (kind) => (kind === 'ack' ? [1, 1] : [1]);
  const trace = simulate({ size: 5000, blksize: 8, windowsize: 1, network, manners: 'edk2' });
  expect(trace.outcome).toBe('complete');
  expect(trace.dataPackets).toBe(626);
});

test('C-16 every ACK twice, window 4: no block goes out more than twice', () => {
  const network: Network = (kind) => (kind === 'ack' ? [1, 1] : [1]);
  const trace = simulate({ size: 5000, blksize: 8, windowsize: 4, network, manners: 'edk2' });
  expect(trace.outcome).toBe('complete');
  expect(trace.dataPackets).toBeLessThanOrEqual(2 * 626);
});

test('F-T 27 any schedule of loss, duplication and delay never gives wrong bytes, and a full acknowledgement means the whole file', () => {
  const fate = fc.oneof(
    { weight: 6, arbitrary: fc.constant([1]) },
    { weight: 1, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.tuple(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 1500 })) },
    { weight: 1, arbitrary: fc.tuple(fc.integer({ min: 1, max: 700 })) },
  );
  fc.assert(
    fc.property(
      fc.array(fate, { maxLength: 200 }),
      fc.constantFrom(...WINDOWS),
      fc.constantFrom(...MANNERS),
      fc.integer({ min: 0, max: 2000 }),
      (fates, windowsize, manners, size) => {
        let sent = 0;
        const network: Network = () => fates[sent++] ?? [1];
        const trace = simulate({ size, blksize: 8, windowsize, network, manners });
        expect(trace.outcome).toMatch(/^(complete|timeout)$/);
        expect(trace.taken).toEqual(upTo(trace.taken.length));
        if (trace.outcome === 'complete' && trace.detail === '') {
          expect(trace.taken).toHaveLength(Math.floor(size / 8) + 1);
        }
        expect(trace.dataPackets).toBeLessThanOrEqual(bound(trace, windowsize));
      },
    ),
    { numRuns: 300 },
  );
});
