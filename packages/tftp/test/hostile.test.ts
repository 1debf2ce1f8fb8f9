import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { folder } from '@sower/files';
import { openDatagrams, type BulkSockets, type Peer } from '@sower/net';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  createTftpServer,
  decode,
  download,
  encode,
  namesToTry,
  step,
  transfer,
  type Packet,
  type Transfer,
} from '../src/index.ts';
import { inbox, tempFolder } from './rig.ts';

/** Datagrams that broke somebody once, by name. */
const CORPUS = readFileSync(new URL('../../../test/fixtures/hostile/tftp.txt', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => line.split('\t'))
  .map(([name = '', hex = '']) => ({ name, bytes: Buffer.from(hex, 'hex') }));

/** One of the corpus with some bytes changed, cut or added; or any bytes at all. */
const datagram = fc.oneof(
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 700 }) },
  {
    weight: 4,
    arbitrary: fc
      .record({
        at: fc.nat({ max: CORPUS.length - 1 }),
        edits: fc.array(fc.tuple(fc.nat({ max: 1500 }), fc.nat({ max: 255 })), { maxLength: 4 }),
        keep: fc.nat({ max: 1600 }),
        tail: fc.uint8Array({ maxLength: 8 }),
      })
      .map(({ at, edits, keep, tail }) => {
        const bytes = Buffer.concat([(CORPUS[at]?.bytes ?? Buffer.alloc(0)).subarray(0, keep), tail]);
        for (const [place, value] of edits) if (place < bytes.length) bytes[place] = value;
        return bytes;
      }),
  },
);

test('C-03 F-T 01 F-T 02 no bytes make the codec throw, and what it reads it can write', () => {
  const read = (bytes: Uint8Array) => {
    const packet = decode(bytes);
    if (packet !== undefined) decode(encode(packet));
  };
  CORPUS.forEach(({ bytes }) => read(bytes));
  fc.assert(fc.property(datagram, read), { numRuns: 100_000 });
});

test('C-24 F-T 07 F-T 08 no name leads out of the folder', () => {
  const part = fc.constantFrom('..', '.', '', 'a', 'C:', '~', '%2e%2e', '....', '\xff', '\0', '\n', '\xc3\xa9');
  const names = fc.array(fc.tuple(part, fc.constantFrom('/', '\\', '')), { maxLength: 12 });
  fc.assert(
    fc.property(names, (parts) => {
      const tried = namesToTry(parts.flat().join(''));
      if ('refused' in tried) return;
      for (const name of tried) {
        expect(name).not.toMatch(/^\/|\\|(?:^|\/)\.{0,2}(?:\/|$)|\p{Cc}/u);
      }
    }),
    { numRuns: 20_000 },
  );
});

describe('C-16 C-19 C-28 whatever a client sends, a transfer keeps to its bounds', () => {
  const packet: fc.Arbitrary<Packet> = fc.oneof(
    { weight: 6, arbitrary: fc.nat({ max: 70 }).map((block) => ({ type: 'ack' as const, block })) },
    { weight: 1, arbitrary: fc.nat({ max: 65_535 }).map((block) => ({ type: 'ack' as const, block })) },
    { weight: 1, arbitrary: fc.constant({ type: 'oack' as const, options: [] }) },
    { weight: 1, arbitrary: fc.constant({ type: 'data' as const, block: 1, payload: new Uint8Array(4) }) },
  );
  const event = fc.oneof(
    { weight: 8, arbitrary: packet.map((packet) => ({ type: 'packet' as const, packet })) },
    { weight: 1, arbitrary: fc.constant({ type: 'timer' as const }) },
    { weight: 1, arbitrary: fc.constant({ type: 'again' as const }) },
  );

  test('packets to a client that has not answered, blocks of a window, blocks of the file, waits', () => {
    const sizes = fc.nat({ max: 40_000 });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), sizes, fc.constantFrom(1, 4, 32), (events, size, windowsize) => {
        const options = windowsize === 1 ? [] : [['windowsize', String(windowsize)] as const];
        let state: Transfer = transfer(size, {
          accepted: options,
          terms: { blksize: 512, windowsize, timeout: undefined },
        });
        let unanswered = 0;
        let ended = 0;
        for (const [index, next] of [{ type: 'start' as const }, ...events].entries()) {
          const before = state;
          const [after, effects] = step(state, { ...next, now: index * 100 });
          state = after;
          let packets = 0;
          for (const effect of effects) {
            if (effect.do === 'data') {
              packets += effect.last - effect.first + 1;
              expect(effect.first).toBeGreaterThanOrEqual(1);
              expect(effect.last).toBeLessThanOrEqual(Math.floor(size / 512) + 1);
            } else if (effect.do === 'oack') packets += 1;
            else if (effect.do === 'end') ended += 1;
            else if (effect.do === 'wait') expect(effect.ms).toBeLessThanOrEqual(8000);
          }
          expect(packets).toBeLessThanOrEqual(windowsize + 1);
          if (!after.acknowledged) unanswered += packets;
          if (before.ended) expect(effects).toEqual([]);
        }
        expect(unanswered).toBeLessThanOrEqual(3);
        expect(ended).toBeLessThanOrEqual(1);
      }),
      { numRuns: 10_000 },
    );
  });
});

/** Sockets of transfers that send to nobody and hear whatever the test makes them hear. */
function sealedSockets() {
  const open = new Map<object, { readonly hear: (bytes: Buffer, from: Peer) => void; readonly peer: Peer }>();
  let sent = 0;
  const sockets: BulkSockets = {
    open({ peer, onMessage }) {
      const key = {};
      open.set(key, { hear: onMessage, peer });
      const count = (payload: Uint8Array | readonly Uint8Array[]) => {
        sent += payload instanceof Uint8Array ? payload.length : 0;
      };
      return Promise.resolve({
        address: '127.0.0.1',
        port: 1,
        receiveBuffer: 0,
        send: count,
        sendRun: count,
        close: () => Promise.resolve(void open.delete(key)),
      });
    },
  };
  return { sockets, open, sentBytes: () => sent };
}

/** A server before a folder with something beside it that must never be seen. */
async function besideASecret(sockets?: BulkSockets) {
  const top = await tempFolder({ secret: 'TOP SECRET', 'served/x': 'content', 'served/sub/y': 'y' });
  const root = join(top, 'served');
  await symlink('../secret', join(root, 'out'));
  await symlink('loop', join(root, 'loop'));
  await symlink('nowhere', join(root, 'dangling'));
  await symlink('..', join(root, 'folder'));
  execFileSync('mkfifo', [join(root, 'fifo')]);
  const faults: Error[] = [];
  const server = createTftpServer({
    source: folder(root),
    isServed: () => true,
    onEvent: () => undefined,
    onFault: (error) => faults.push(error),
    ...(sockets === undefined ? {} : { sockets }),
  });
  onTestFinished(() => server.close(0));
  const at = await server.listen({ address: '127.0.0.1', port: 0 });
  return { server, at, faults };
}

test('F-T 07 F-T 10 F-T 18 no datagram of the corpus stops the service or gets a byte from outside the folder', async () => {
  const { server, at, faults } = await besideASecret();
  const heard: Buffer[] = [];
  const arrived = inbox<void>();
  for (const { bytes } of CORPUS) {
    const client = await openDatagrams(
      { address: '127.0.0.1', port: 0 },
      {
        onError: () => undefined,
        onMessage: (answer, from) => {
          heard.push(answer);
          // and the same again at the port of the transfer, then the end
          client.send(bytes, from);
          client.send(Buffer.from('\0\x05\0\0end\0', 'latin1'), from);
          arrived.put();
        },
      },
    );
    onTestFinished(() => client.close());
    client.send(bytes, at);
  }
  await arrived.next();
  const got = await download({ server: at, file: 'x' });
  expect(got).toMatchObject({ ok: true, bytes: Buffer.from('content') });
  expect(heard.filter((answer) => answer.includes('SECRET'))).toEqual([]);
  expect(heard.every((answer) => answer.length <= 1500)).toBe(true);
  expect(faults).toEqual([]);
  expect(server.listeners).toHaveLength(1);
});

test('C-22 C-28 thousands of changed datagrams at listener and transfers: memory is flat, output bounded, nothing stays behind', async () => {
  const sealed = sealedSockets();
  const { server, at, faults } = await besideASecret(sealed.sockets);
  const sender = await openDatagrams({ address: '127.0.0.1', port: 0 }, { onMessage: () => {}, onError: () => {} });
  onTestFinished(() => sender.close());
  const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
  const round = async (seed: number) => {
    for (const [index, bytes] of fc.sample(datagram, { numRuns: 2000, seed }).entries()) {
      sender.send(bytes, at);
      for (const { hear, peer } of sealed.open.values()) {
        const from = index % 3 === 0 ? { address: '127.0.0.9', port: 999 } : peer;
        hear(Buffer.from(bytes), from);
      }
      if (index % 50 === 0) await turn();
    }
  };
  await round(1);
  const before = process.memoryUsage().heapUsed;
  for (let seed = 2; seed <= 10; seed += 1) await round(seed);
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(64 * 1024 * 1024);
  expect(sealed.sentBytes()).toBeLessThan(20_000 * 1500);
  expect(server.active).toBeLessThanOrEqual(16);
  expect(faults).toEqual([]);
  await server.close(0);
  expect([server.active, sealed.open.size]).toEqual([0, 0]);
});
