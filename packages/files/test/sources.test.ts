import { describe, expect, test } from 'vitest';
import { bytes, firstOf, type Source } from '../src/index.ts';
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
