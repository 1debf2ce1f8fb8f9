import { describe, expect, test } from 'vitest';
import { acknowledgedBytes, step, transfer, type Effect, type Transfer, type TransferEvent } from '../src/transfer.ts';
import type { Packet } from '../src/wire/packet.ts';

interface Wanted {
  readonly size: number;
  readonly blksize?: number;
  readonly windowsize?: number;
  readonly timeout?: number;
  readonly oack?: boolean;
}

/** A transfer under test: `does` plays an event at a time in ms and gives what it is told to do, in short. */
function started({
  size,
  blksize = 512,
  windowsize = 1,
  timeout,
  oack = windowsize > 1 || timeout !== undefined,
}: Wanted) {
  let state: Transfer = transfer(size, { accepted: oack ? [['x', '1']] : [], terms: { blksize, windowsize, timeout } });
  const play = (event: TransferEvent): string => {
    const [next, effects] = step(state, event);
    state = next;
    return effects.map(inShort).join(' ');
  };
  return {
    first: play({ type: 'start', now: 0 }),
    ack: (block: number, now = 0) => play({ type: 'packet', packet: { type: 'ack', block }, now }),
    packet: (packet: Packet) => play({ type: 'packet', packet, now: 0 }),
    timer: (now: number) => play({ type: 'timer', now }),
    again: (now = 0) => play({ type: 'again', now }),
    play,
    get bytes() {
      return acknowledgedBytes(state, size);
    },
  };
}

function inShort(effect: Effect): string {
  if (effect.do === 'data')
    return effect.first === effect.last ? `data ${effect.first}` : `data ${effect.first}-${effect.last}`;
  if (effect.do === 'wait') return `wait ${effect.ms}`;
  if (effect.do === 'error') return `error ${effect.code}`;
  if (effect.do === 'end') return `end ${effect.outcome}`;
  return 'oack';
}

describe('C-15 window 1', () => {
  test('each ACK sends the next block, the last ends it', () => {
    const run = started({ size: 1024 });
    expect(run.first).toBe('data 1 wait 1000');
    expect([run.ack(1), run.ack(2), run.ack(3)]).toEqual(['data 2 wait 1000', 'data 3 wait 1000', 'end complete']);
    expect(run.bytes).toBe(1024);
  });

  test('duplicate ACKs never send', () => {
    const run = started({ size: 5000 });
    run.ack(1);
    run.ack(2);
    expect([run.ack(2), run.ack(1), run.ack(0), run.ack(2)]).toEqual(['', '', '', '']);
    expect(run.bytes).toBe(1024);
  });

  test('with an OACK, ACK 0 opens the transfer', () => {
    const run = started({ size: 100, oack: true });
    expect(run.first).toBe('oack wait 1000');
    expect([run.ack(1), run.ack(65535), run.ack(0), run.ack(0)]).toEqual(['', '', 'data 1 wait 1000', '']);
  });

  test('C-18 an empty file is one empty block', () => {
    const run = started({ size: 0 });
    expect([run.first, run.ack(1)]).toEqual(['data 1 wait 1000', 'end complete']);
  });
});

describe('C-16 windows', () => {
  const open = () => {
    const run = started({ size: 100 * 512, windowsize: 4 });
    expect(run.ack(0)).toBe('data 1-4 wait 1000');
    return run;
  };

  test.each([
    ['the whole window arrived', [4], ['data 5-8 wait 1000']],
    ['block 3 was lost', [2], ['data 3-6 wait 1000']],
    ['block 3 was lost, EDK2 says so twice', [2, 2], ['data 3-6 wait 1000', '']],
    ['block 1 was lost, a burst of three', [0, 0, 0], ['data 1-4 wait 1000', '', '']],
    ['another loss after the first', [2, 3], ['data 3-6 wait 1000', 'data 4-7 wait 1000']],
    ['late ACKs of blocks that are done', [4, 3, 2, 1], ['data 5-8 wait 1000', '', '', '']],
    ['F-T 19 a block that was never sent', [5], ['']],
    ['F-T 19 far away', [30000, 40000], ['', '']],
  ])('%s', (_, acks, expected) => {
    const run = open();
    expect(acks.map((block) => run.ack(block))).toEqual(expected);
  });

  test('F-T 19 ACK of an old block 1,000 times at block 100', () => {
    const run = started({ size: 200 * 512, windowsize: 4 });
    for (let block = 0; block <= 100; block += 4) run.ack(block);
    for (let n = 0; n < 1000; n += 1) expect(run.ack(95)).toBe('');
    expect(run.ack(0)).toBe('');
  });

  test('the timer allows one more "lost" for the same block', () => {
    const run = open();
    expect(run.ack(0)).toBe('data 1-4 wait 1000');
    expect(run.ack(0)).toBe('');
    expect(run.timer(1000)).toBe('data 1-4 wait 2000');
    expect([run.ack(0, 1001), run.ack(0, 1002)]).toEqual(['data 1-4 wait 2000', '']);
  });

  test('the window ends with the file', () => {
    const run = started({ size: 5 * 512, windowsize: 4 });
    expect([run.ack(0), run.ack(4), run.ack(6)]).toEqual(['data 1-4 wait 1000', 'data 5-6 wait 1000', 'end complete']);
  });
});

test('C-17 block numbers roll over 65535 to 0, and an old ACK 0 is no new one', () => {
  const run = started({ size: 8 * 70_000, blksize: 8 });
  for (let block = 1; block < 65_536; block += 1) run.ack(block);
  expect(run.ack(0)).toBe('data 65537 wait 1000');
  expect([run.ack(0), run.ack(65535), run.ack(1)]).toEqual(['', '', 'data 65538 wait 1000']);
  expect(run.bytes).toBe(65_537 * 8);
});

describe('C-19 C-20 C-28 F-T 22 silence', () => {
  const silence = (run: ReturnType<typeof started>, from: number) => {
    const heard: string[] = [];
    let now = from;
    for (let last = ''; !last.includes('end'); heard.push(last)) {
      now += Number(/wait (\d+)/.exec(heard.at(-1) ?? 'wait 1000')?.[1]);
      last = run.timer(now);
    }
    return { heard, ms: now - from };
  };

  test('C-28 after the OACK: three datagrams in all', () => {
    expect(silence(started({ size: 9999, windowsize: 16 }), 0)).toEqual({
      heard: ['oack wait 2000', 'oack wait 4000', 'end timeout'],
      ms: 7000,
    });
  });

  test('C-28 after DATA 1 to an unknown client: three datagrams, and it is no success', () => {
    expect(silence(started({ size: 10 }), 0).heard).toEqual(['data 1 wait 2000', 'data 1 wait 4000', 'end timeout']);
  });

  test('C-19 in the middle: 1 s doubled up to 8 s, six tries, within 45 s', () => {
    const run = started({ size: 9999 });
    run.ack(1, 0);
    expect(silence(run, 0)).toEqual({
      heard: [
        'data 2 wait 2000',
        'data 2 wait 4000',
        'data 2 wait 8000',
        'data 2 wait 8000',
        'data 2 wait 8000',
        'end timeout',
      ],
      ms: 31_000,
    });
  });

  test('C-20 after the last block: complete after three more', () => {
    const run = started({ size: 600 });
    run.ack(1, 0);
    expect(silence(run, 0).heard).toEqual(['data 2 wait 2000', 'data 2 wait 4000', 'data 2 wait 8000', 'end complete']);
    expect(run.bytes).toBe(600);
  });

  test.each([
    [1, 1000, 6000],
    [5, 5000, 30_000],
    [20, 20_000, 45_000],
    [255, 45_000, 45_000],
  ])('C-12 F-T 14 timeout=%i is the fixed retransmission time, silence is still bounded', (timeout, first, ms) => {
    const run = started({ size: 9999, timeout });
    expect(run.ack(0)).toBe(`data 1 wait ${first}`);
    const heard = [first];
    let now = 0;
    for (let last = ''; !last.includes('end');) {
      now += heard.at(-1) ?? 0;
      last = run.timer(now);
      heard.push(Number(/wait (\d+)/.exec(last)?.[1]));
    }
    expect(now).toBe(ms);
  });

  test('C-19 F-T 30 progress just before the last try starts the count anew', () => {
    const run = started({ size: 9999 });
    run.ack(1, 0);
    for (const now of [1000, 3000, 7000, 15_000, 23_000]) run.timer(now);
    expect(run.ack(2, 30_999)).toBe('data 3 wait 1000');
  });
});

describe('C-14 F-T 21 ERROR from the client', () => {
  const error: Packet = { type: 'error', code: 8, message: 'User aborted the transfer' };

  test('right after the OACK it is a probe, and gets no reply', () => {
    const run = started({ size: 9999, oack: true });
    expect([run.packet(error), run.ack(0), run.timer(1000)]).toEqual(['end probe', '', '']);
  });

  test.each([0, 8])('code %i later on cancels', (code) => {
    const run = started({ size: 9999, oack: true });
    run.ack(0);
    expect(run.packet({ ...error, code })).toBe('end cancelled');
  });

  test('before the first ACK without options it cancels', () => {
    expect(started({ size: 9999 }).packet(error)).toBe('end cancelled');
  });
});

test.each<[string, Packet]>([
  ['DATA', { type: 'data', block: 1, payload: new Uint8Array(4) }],
  ['OACK', { type: 'oack', options: [['blksize', '8']] }],
  ['RRQ', { type: 'rrq', file: 'x', mode: 'octet', options: [] }],
  ['WRQ', { type: 'wrq', file: 'x', mode: 'octet', options: [] }],
])('F-T 18 %s is ignored', (_, packet) => {
  const run = started({ size: 9999 });
  expect(run.packet(packet)).toBe('');
  expect(run.ack(1)).toBe('data 2 wait 1000');
});

describe('C-21 the request again', () => {
  test.each([
    [true, 'oack wait 2000', 'oack wait 4000'],
    [false, 'data 1 wait 2000', 'data 1 wait 4000'],
  ])('before any ACK (OACK: %s) the packet goes out again, three times in all', (oack, second, third) => {
    const run = started({ size: 9999, oack });
    expect([run.again(), run.again(), run.again()]).toEqual([second, third, '']);
    expect(run.timer(7000)).toBe('end timeout');
  });

  test('after an ACK nothing', () => {
    const run = started({ size: 9999 });
    run.ack(1);
    expect(run.again()).toBe('');
  });
});

test.each([
  ['changed', 'error 0 end changed'],
  ['unreadable', 'error 0 end unreadable'],
  ['aborted', 'error 0 end aborted'],
  ['replaced', 'end replaced'],
] as const)('C-23 %s: the client is told, unless it began anew', (outcome, expected) => {
  const run = started({ size: 9999 });
  expect(run.play({ type: 'fail', outcome, detail: '/secret/path' })).toBe(expected);
  expect(run.ack(1)).toBe('');
});

test('C-23 what the client is told has nothing of the detail', () => {
  const state = transfer(1, { accepted: [], terms: { blksize: 512, windowsize: 1, timeout: undefined } });
  const [, effects] = step(state, { type: 'fail', outcome: 'unreadable', detail: '/secret/path' });
  expect(JSON.stringify(effects.filter((effect) => effect.do === 'error'))).not.toContain('secret');
});
