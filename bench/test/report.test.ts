import { describe, expect, test } from 'vitest';
import { report } from '../report/report.ts';
import { figure, ratio, table } from '../report/table.ts';

describe('the report', () => {
  test('a table in Markdown, its figures aligned right', () => {
    expect(table(['', 'a|b'], [['one', '1']])).toBe('|  | a\\|b |\n| --- | ---: |\n| one | 1 |\n');
  });

  test.each([
    [12_345.6, '12,346'],
    [100, '100'],
    [12.345, '12.3'],
    [1.234, '1.23'],
    [0.051, '0.05'],
    [Number.NaN, '–'],
    [undefined, '–'],
  ])('the figure %s is written %s', (value, text) => {
    expect(figure(value)).toBe(text);
  });

  test.each([
    [300, 200, '1.50×'],
    [100, 200, '0.50×'],
    [100, 0, '–'],
    [undefined, 100, '–'],
    [100, undefined, '–'],
    [Number.NaN, 100, '–'],
  ])('%s is to %s as %s', (ours, theirs, text) => {
    expect(ratio(ours, theirs)).toBe(text);
  });

  test('only what was measured has a part, and sower is compared to the best of the others', () => {
    const text = report('A machine.', '2026-11-22', {
      tftp: [
        { cell: 'small', server: 'sower', mibPerSecond: 90 },
        { cell: 'small', server: 'slow', mibPerSecond: 30 },
        { cell: 'small', server: 'fast', mibPerSecond: 60 },
        { cell: 'small', server: 'broken', mibPerSecond: undefined },
      ],
    });
    expect(text.match(/^#.*$/gm)).toEqual(['# Performance', '## TFTP']);
    expect(text).toContain('Measured on 2026-11-22');
    expect(text).toContain('| small | 90.0 | 30.0 | 60.0 | – | 1.50× |');
  });
});
