import { describe, expect, test } from 'vitest';
import { median, medianSpread, percentile, spread } from '../report/statistics.ts';

const HUNDRED = Array.from({ length: 100 }, (_, at) => 100 - at);

describe('statistics', () => {
  test.each([
    ['an odd count: the middle one', [9, 1, 5], 5],
    ['an even count: between the two in the middle', [1, 2, 10, 20], 6],
    ['one', [7], 7],
    ['none', [], Number.NaN],
  ])('median of %s', (_, values, expected) => {
    expect(median(values)).toBe(expected);
  });

  test.each([
    ['99 of 1 to 100', 0.99, HUNDRED, 99],
    ['50 of 1 to 100', 0.5, HUNDRED, 50],
    ['100 of 1 to 100', 1, HUNDRED, 100],
    ['99 of three: the largest', 0.99, [3, 1, 2], 3],
    ['0: the smallest', 0, [3, 1, 2], 1],
    ['nothing', 0.99, [], Number.NaN],
  ])('percentile %s', (_, share, values, expected) => {
    expect(percentile(values, share)).toBe(expected);
  });

  test('the spread of values, and the middle one of several spreads', () => {
    expect(spread([1, 2, 3, 6])).toEqual({ mean: 3, p50: 2, p99: 6 });
    const runs = [spread([1]), spread([5, 5]), spread([2, 4])];
    expect(medianSpread(runs)).toEqual({ mean: 3, p50: 2, p99: 4 });
  });
});
