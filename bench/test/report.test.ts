import { describe, expect, test } from 'vitest';
import { page, partsOf, readPage } from '../report/report.ts';
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

  const measured = partsOf('Measured on a machine.', {
    tftp: [
      { cell: 'small', server: 'sower', mibPerSecond: 90 },
      { cell: 'small', server: 'slow', mibPerSecond: 30 },
      { cell: 'small', server: 'fast', mibPerSecond: 60 },
      { cell: 'small', server: 'broken', mibPerSecond: undefined },
    ],
  });

  test('only what was measured has a part, and sower is compared to the best of the others', () => {
    expect([...measured.keys()]).toEqual(['TFTP']);
    expect(measured.get('TFTP')).toContain('| small | 90.0 | 30.0 | 60.0 | – | 1.50× |');
    expect(measured.get('TFTP')).toMatch(/\nMeasured on a machine\.\n$/);
  });

  test('HTTP: scripts are compared by requests, large files by bytes', () => {
    const run = (requestsPerSecond: number, mibPerSecond: number) => ({
      requestsPerSecond,
      mibPerSecond,
      p99: 1,
      failed: 0,
    });
    const script = { title: 'script', path: '/s', connections: 1, measures: 'requestsPerSecond' } as const;
    const file = { title: 'file', path: '/f', connections: 1, measures: 'mibPerSecond' } as const;
    const text = partsOf('', {
      http: [
        { cell: script, server: 'sower', run: run(50, 9) },
        { cell: script, server: 'nginx', run: run(100, 1) },
        { cell: file, server: 'sower', run: run(0, 60) },
        { cell: file, server: 'nginx', run: run(3, 20) },
      ],
    }).get('HTTP');
    expect(text).toContain('| script: nginx | 100 | 1.00 | 1.00 | 0 | 0.50× |');
    expect(text).toContain('| file: nginx | 3.00 | 20.0 | 1.00 | 0 | 3.00× |');
  });

  test('a page keeps what was measured before and what people wrote, in its order', () => {
    const before = page(
      new Map([
        ['Limits', 'By hand.\n'],
        ['Boot storm', 'Old.\n'],
        ['TFTP', 'Old.\n'],
      ]),
    );
    const after = page(new Map([...readPage(before), ...measured]));
    expect(after.match(/^#.*$/gm)).toEqual(['# Performance', '## TFTP', '## Boot storm', '## Limits']);
    expect(after).toContain('## Boot storm\n\nOld.\n');
    expect(after).toContain('1.50×');
    expect(after.endsWith('## Limits\n\nBy hand.\n')).toBe(true);
    expect(page(readPage(after))).toBe(after);
  });
});
