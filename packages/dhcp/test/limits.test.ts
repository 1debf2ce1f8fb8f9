import { describe, expect, test } from 'vitest';
import { limiter, type DhcpLimits } from '../src/limits.ts';
import { rateLimit } from '../src/rate.ts';
import { read } from './support/ask.ts';
import { d0, tlv } from './support/packets.ts';

const OFF: DhcpLimits = { perClient: undefined, perRelay: undefined, perCircuit: undefined };
const client = (last: number) => ({ chaddr: [2, 0, 0, 0, last >> 8, last & 255] });
const circuit = (port: number) => tlv(82, [1, 1, port]);

/** A limiter at a standstill of its clock, and how many of some requests it lets through. */
function standing(limits: Partial<DhcpLimits>) {
  const state = { time: 0 };
  const isWithin = limiter(
    () => ({ ...OFF, ...limits }),
    () => state.time,
  );
  const passed = (payloads: readonly Uint8Array[]) => payloads.filter((payload) => isWithin(read(payload))).length;
  return { state, passed };
}

const times = <T>(count: number, make: (index: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, index) => make(index));

describe('A-53 F-D 26 F-D 44 rate limits', () => {
  test('one client: a burst of twice the rate, then the rate', () => {
    const { state, passed } = standing({ perClient: 10 });
    expect(passed(times(1000, () => d0()))).toBe(20);
    state.time = 500;
    expect(passed(times(1000, () => d0()))).toBe(5);
    state.time = 3_600_000;
    expect(passed(times(1000, () => d0()))).toBe(20);
  });

  test('other clients do not notice', () => {
    const { passed } = standing({ perClient: 10 });
    expect(passed(times(1000, () => d0([], client(1))))).toBe(20);
    expect(passed(times(1000, (index) => d0([], client(index + 2))))).toBe(1000);
  });

  test.each([
    ['all clients behind one relay', { perRelay: 10 }, 20],
    ['off by default', {}, 1000],
  ])('%s', (_, limits, expected) => {
    const { passed } = standing(limits);
    expect(passed(times(1000, (index) => d0([], { ...client(index), giaddr: '10.0.0.9' })))).toBe(expected);
    expect(passed([d0([], { ...client(1), giaddr: '10.0.0.8' }), d0([], client(2))])).toBe(2);
  });

  test('all clients on one port of a relay; the other ports do not notice', () => {
    const { passed } = standing({ perCircuit: 10 });
    const through = (port: number) =>
      times(1000, (index) => d0(circuit(port), { ...client(index), giaddr: '10.0.0.9' }));
    expect(passed(through(1))).toBe(20);
    expect(passed(through(2))).toBe(20);
  });

  test('a client that floods uses up nothing of its relay', () => {
    const { passed } = standing({ perClient: 10, perRelay: 25 });
    const relayed = (last: number) => d0([], { ...client(last), giaddr: '10.0.0.9' });
    expect(passed(times(1000, () => relayed(1)))).toBe(20);
    expect(passed(times(1000, (index) => relayed(index + 2)))).toBe(30);
  });

  test('A-38 no more keys are remembered than may be: the one that was quiet longest starts anew', () => {
    const rate = rateLimit(2, () => 0);
    const use = (key: string) => [rate(key, 1), rate(key, 1), rate(key, 1)];
    expect(use('a')).toEqual([true, true, false]);
    use('b');
    expect(use('a')).toEqual([false, false, false]);
    use('c');
    expect(use('a')).toEqual([false, false, false]);
    expect(use('b')).toEqual([true, true, false]);
  });
});
