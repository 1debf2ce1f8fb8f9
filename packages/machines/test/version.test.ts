import { expect, test } from 'vitest';
import { compareVersions, eraOf, formatVersion, parseVersion } from '@sower/machines';

test.each([
  ['1.7.0', '1.7.0', 'P2'],
  ['v1.7.0', '1.7.0', 'P2'],
  ['1.10.0', '1.10.0', 'P2'],
  ['1.1.0', '1.1.0', 'P2'],
  ['1.0.3', '1.0.3', 'P1'],
  ['v0.3.0', '0.3.0', 'P1'],
  ['0.2.0', '0.2.0', 'P0'],
])('reads the version %s', (text, written, era) => {
  const version = parseVersion(text);
  expect(version).toBeDefined();
  if (version === undefined) return;
  expect(formatVersion(version)).toBe(written);
  expect(eraOf(version)).toBe(era);
});

test.each([
  '1.7',
  '1.7.0-rc1',
  'V1.7.0',
  '01.7.0',
  '1.7.0.0',
  'master',
  '',
  '1.7.0\n',
  '1.7.0 ',
  '1.7.１',
  '1.7.999999',
])('refuses the version %j', (text) => {
  expect(parseVersion(text)).toBeUndefined();
});

test.each([
  ['1.10.0', '1.9.0'],
  ['1.0.10', '1.0.9'],
  ['2.0.0', '1.99.99'],
])('%s is later than %s', (later, earlier) => {
  const [a, b] = [parseVersion(later), parseVersion(earlier)];
  if (a === undefined || b === undefined) throw new Error('unreadable');
  expect(compareVersions(a, b)).toBeGreaterThan(0);
  expect(compareVersions(b, a)).toBeLessThan(0);
  expect(compareVersions(a, a)).toBe(0);
});
