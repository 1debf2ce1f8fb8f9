import { describe, expect, test } from 'vitest';
import { bytes, firstOf, rememberingMisses, type Source } from '../src/index.ts';
import { mustBeOpen, outcomeOf } from './temp.ts';

const missing: Source = { open: () => Promise.resolve({ refused: 'missing', detail: 'not here' }) };
const forbidden: Source = { open: () => Promise.resolve({ refused: 'forbidden', detail: 'not for you' }) };
const has = (text: string): Source => ({ open: () => Promise.resolve(bytes(Buffer.from(text), 0)) });

test.each([
  ['the first that has it', [has('a'), has('b')], 'a'],
  ['a later one', [missing, has('b')], 'b'],
  ['a forbidden does not hide a later one', [forbidden, has('b')], 'b'],
  ['forbidden when none has it', [missing, forbidden, missing], 'forbidden'],
  ['missing when nobody has anything', [missing, missing], 'missing'],
  ['no sources', [], 'missing'],
])('firstOf: %s', async (_, sources, expected) => {
  expect(await outcomeOf(await firstOf(sources).open('x'))).toBe(expected);
});

describe('C-27 bytes', () => {
  test('is a file of fixed length', async () => {
    const file = bytes(Buffer.from('#!ipxe\n'), 1234);
    expect(file).toMatchObject({ size: 7, modified: 1234 });
    expect(Buffer.from(await file.read(2, 3)).toString()).toBe('ipx');
    expect(await file.read(5, 100)).toHaveLength(2);
    expect(await file.read(7, 1)).toHaveLength(0);
  });

  test('its version follows from the content alone', () => {
    expect(bytes(Buffer.from('a'), 1).version).toBe(bytes(Buffer.from('a'), 2).version);
    expect(bytes(Buffer.from('a'), 1).version).not.toBe(bytes(Buffer.from('b'), 1).version);
  });

  test('an empty one', async () => {
    expect(await mustBeOpen(bytes(new Uint8Array(0), 0)).read(0, 512)).toHaveLength(0);
  });
});

test('C-26 a name that was missed is not looked for again for five seconds; one that was there always is', async () => {
  let now = 0;
  let there = false;
  const asked: string[] = [];
  const source: Source = {
    open(name) {
      asked.push(name);
      const missing = { refused: 'missing', detail: '' } as const;
      return Promise.resolve(there ? bytes(Buffer.from(name), 0) : missing);
    },
  };
  const remembering = rememberingMisses(source, () => now);
  const isThere = async (name: string) => !('refused' in (await remembering.open(name)));
  expect([await isThere('a'), await isThere('a'), await isThere('b')]).toEqual([false, false, false]);
  expect(asked).toEqual(['a', 'b']);
  there = true;
  now = 4999;
  expect(await isThere('a')).toBe(false);
  now = 5000;
  expect([await isThere('a'), await isThere('a')]).toEqual([true, true]);
  expect(asked).toEqual(['a', 'b', 'a', 'a']);
});

test('C-26 the memory for misses is bounded', async () => {
  let asked = 0;
  const source: Source = {
    open() {
      asked += 1;
      return Promise.resolve({ refused: 'missing', detail: '' });
    },
  };
  const remembering = rememberingMisses(source, () => 0);
  for (let name = 0; name <= 1000; name += 1) await remembering.open(`n${name}`);
  await remembering.open('n1000');
  expect(asked).toBe(1001);
  await remembering.open('n0');
  expect(asked).toBe(1002);
});
