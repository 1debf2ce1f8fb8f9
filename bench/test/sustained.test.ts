import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sustainedRate } from '../dhcp/sustained.ts';

/** A server that keeps up with so many a second, and remembers what it was asked for. */
function keepsUpWith(capacity: number) {
  const asked: number[] = [];
  const holds = (rate: number): Promise<boolean> => {
    asked.push(rate);
    return Promise.resolve(rate <= capacity);
  };
  return { asked, holds };
}

describe('the search for the sustained rate', () => {
  test('doubles until it is too much, then halves the distance', async () => {
    const server = keepsUpWith(1000);
    expect(await sustainedRate(server.holds, { from: 300, limit: 60_000, within: 0.1 })).toBe(975);
    expect(server.asked).toEqual([300, 600, 1200, 900, 1050, 975]);
  });

  test('goes down from a first rate that is too much', async () => {
    const server = keepsUpWith(120);
    expect(await sustainedRate(server.holds, { from: 800, limit: 60_000, within: 0.1 })).toBe(119);
    expect(server.asked).toEqual([800, 400, 200, 100, 150, 125, 113, 119]);
  });

  test('a server that answers nobody sustains 0', async () => {
    const server = keepsUpWith(0);
    expect(await sustainedRate(server.holds, { from: 4, limit: 100, within: 0.1 })).toBe(0);
    expect(server.asked).toEqual([4, 2, 1]);
  });

  test('asks for no more than the limit', async () => {
    const server = keepsUpWith(Infinity);
    expect(await sustainedRate(server.holds, { from: 300, limit: 1000, within: 0.1 })).toBe(1000);
    expect(server.asked).toEqual([300, 600, 1000]);
  });

  test('is never above what holds, and below it by no more than was allowed', async () => {
    const numbers = { capacity: fc.integer({ min: 1, max: 50_000 }), from: fc.integer({ min: 1, max: 50_000 }) };
    await fc.assert(
      fc.asyncProperty(fc.record(numbers), async ({ capacity, from }) => {
        const rate = await sustainedRate(keepsUpWith(capacity).holds, { from, limit: 60_000, within: 0.1 });
        expect(rate).toBeLessThanOrEqual(capacity);
        expect(rate).toBeGreaterThanOrEqual(Math.floor(capacity / 1.1) - 1);
      }),
    );
  });
});
