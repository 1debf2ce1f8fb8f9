import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Deadlines } from '../src/deadlines.ts';
import { FreeSet } from '../src/free-set.ts';
import { Turns } from '../src/turns.ts';

describe('FreeSet', () => {
  test('agrees with a plain list of booleans', () => {
    const operation = fc.tuple(fc.nat(2100), fc.boolean());
    const around = fc.constantFrom(1, 31, 32, 33, 64, 1023, 1024, 1025, 2100);
    fc.assert(
      fc.property(around, fc.array(operation, { maxLength: 200 }), fc.boolean(), (size, operations, full) => {
        const taken = Array.from({ length: size }, () => full);
        const set = new FreeSet(size);
        if (full) for (let place = 0; place < size; place += 1) set.mark(place, true);
        for (const [at, value] of operations) {
          const place = at % size;
          taken[place] = value;
          set.mark(place, value);
          const from = (at * 7) % (size + 1);
          const expected = taken.indexOf(false, from);
          expect(set.next(from)).toBe(expected === -1 ? undefined : expected);
        }
      }),
    );
  });

  test('a set of no places has none free', () => expect(new FreeSet(0).next(0)).toBeUndefined());

  test.each([1_000, 65_536, 1_000_000])('G-08 the last free place of %i is found in a few word reads', (size) => {
    const set = new FreeSet(size);
    for (let place = 0; place < size - 1; place += 1) set.mark(place, true);
    expect(set.next(0)).toBe(size - 1);
    expect(set.reads).toBeLessThanOrEqual(8);
  });
});

describe('Deadlines', () => {
  test('agrees with a plain map searched for its minimum', () => {
    const operation = fc.oneof(
      fc.record({ kind: fc.constant('set' as const), key: fc.nat(30), time: fc.nat(50) }),
      fc.record({ kind: fc.constant('delete' as const), key: fc.nat(30), time: fc.constant(0) }),
      fc.record({ kind: fc.constant('due' as const), key: fc.constant(0), time: fc.nat(50) }),
    );
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 300 }), (operations) => {
        const model = new Map<number, number>();
        const deadlines = new Deadlines<number>();
        for (const { kind, key, time } of operations) {
          if (kind === 'set') {
            model.set(key, time);
            deadlines.set(key, time);
          } else if (kind === 'delete') {
            model.delete(key);
            deadlines.delete(key);
          } else {
            const earliest = Math.min(...model.values());
            const due = deadlines.due(time);
            if (earliest > time) expect(due).toBeUndefined();
            else {
              expect(model.get(due ?? -1)).toBe(earliest);
              model.delete(due ?? -1);
            }
          }
          expect(deadlines.size).toBe(model.size);
        }
      }),
    );
  });
});

describe('Turns', () => {
  test('work on one key follows call order, past a failure; other keys do not wait', async () => {
    const turns = new Turns<string>();
    const log: string[] = [];
    let open = (): void => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    const work =
      (name: string, wait: Promise<void> | undefined, fails = false) =>
      async (): Promise<void> => {
        await wait;
        log.push(name);
        if (fails) throw new Error(name);
      };
    const first = turns.take('a', work('a1', gate, true)).catch(() => log.push('a1 failed'));
    const second = turns.take('a', work('a2', undefined));
    await turns.take('b', work('b1', undefined));
    expect(log).toEqual(['b1']);
    open();
    await turns.over();
    await Promise.all([first, second]);
    expect(log).toEqual(['b1', 'a1', 'a1 failed', 'a2']);
  });
});
