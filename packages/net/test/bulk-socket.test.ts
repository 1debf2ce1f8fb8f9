import { describe, expect, onTestFinished, test } from 'vitest';
import { bulkSockets, NoSystemCalls, openDatagrams, type BulkSockets } from '../src/index.ts';
import { loadSystemCalls, type SystemCalls } from '../src/system-calls.ts';

/** The platforms there are: with the system calls, where the device cannot split, where the kernel has no room, without koffi. */
const PLATFORMS: readonly (readonly [string, () => Promise<SystemCalls>])[] = [
  ['the kernel splits', loadSystemCalls],
  ['the device cannot split', () => failing('EIO', (length) => length > 1472)],
  ['the kernel has no room', () => failing('EAGAIN', () => true)],
  ['no system calls', () => Promise.reject(new NoSystemCalls('none here'))],
];

/** The real calls, but `sendto` fails like this for payloads of such lengths. */
async function failing(code: string, fails: (length: number) => boolean): Promise<SystemCalls> {
  const calls = await loadSystemCalls();
  let failed = false;
  return {
    ...calls,
    sendto(fd, payload, length, ...rest) {
      failed = fails(length);
      return failed ? -1 : calls.sendto(fd, payload, length, ...rest);
    },
    errno: () => (failed ? code : calls.errno()),
  };
}

/** Somebody who hears `count` datagrams. */
async function listener(count: number) {
  const heard: { readonly bytes: Buffer; readonly port: number }[] = [];
  let done = () => {};
  const all = new Promise<void>((resolve) => (done = resolve));
  const socket = await openDatagrams(
    { address: '127.0.0.1', port: 0 },
    {
      onMessage: (bytes, { port }) => {
        heard.push({ bytes, port });
        if (heard.length === count) done();
      },
      onError: () => {},
      receiveBuffer: 4 * 1024 * 1024,
    },
  );
  onTestFinished(() => socket.close());
  return { peer: { address: '127.0.0.1', port: socket.port }, heard, all };
}

async function open(sockets: BulkSockets, peer: { address: string; port: number }, segment: number) {
  const socket = await sockets.open({ local: '127.0.0.1', peer, segment, onMessage: () => {}, onError: () => {} });
  onTestFinished(() => socket.close());
  return socket;
}

const run = (length: number) => Buffer.from(Array.from({ length }, (_, at) => (at * 31) % 256));

describe.each(PLATFORMS)('C-35 a run where %s', (_name, load) => {
  test.each([
    ['a window of full blocks', 1472 * 16, 1472],
    ['a short block at the end', 1472 * 3 + 40, 1472],
    ['one short block', 4, 1472],
    ['blocks too small to be split', 12 * 20 + 5, 12],
    ['more than one call takes', 516 * 100, 516],
  ])('%s arrives as the same datagrams, in order', async (_what, length, segment) => {
    const bytes = run(length);
    const expected = Array.from({ length: Math.ceil(length / segment) }, (_, index) =>
      bytes.subarray(index * segment, (index + 1) * segment),
    );
    const { peer, heard, all } = await listener(expected.length);
    const socket = await open(bulkSockets(load), peer, segment);
    socket.sendRun(bytes);
    await all;
    expect(Buffer.concat(heard.map((datagram) => datagram.bytes)).equals(bytes)).toBe(true);
    expect(heard.map((datagram) => datagram.bytes.length)).toEqual(expected.map((part) => part.length));
    expect(new Set(heard.map(({ port }) => port))).toEqual(new Set([socket.port]));
  });

  test('a datagram to somebody else goes there alone', async () => {
    const { peer, all } = await listener(1);
    const other = await listener(0);
    const socket = await open(bulkSockets(load), other.peer, 1472);
    socket.send(run(20), peer);
    await all;
    expect(other.heard).toEqual([]);
  });

  test('an address that is not ours cannot be sent from, and nothing stays open', async () => {
    const options = { local: '192.0.2.1', peer: { address: '127.0.0.1', port: 9 }, segment: 516 };
    const opened = bulkSockets(load).open({ ...options, onMessage: () => {}, onError: () => {} });
    await expect(opened).rejects.toMatchObject({ code: 'EADDRNOTAVAIL' });
  });
});

test('the system calls are loaded once', async () => {
  let loads = 0;
  const sockets = bulkSockets(() => {
    loads += 1;
    return loadSystemCalls();
  });
  const { peer } = await listener(0);
  await Promise.all([open(sockets, peer, 516), open(sockets, peer, 516)]);
  expect(loads).toBe(1);
});

test('after close nothing is sent through a descriptor that may be somebody else’s by now', async () => {
  const used: number[] = [];
  const calls = await loadSystemCalls();
  const counting: SystemCalls = {
    ...calls,
    sendto: (fd, ...rest) => {
      used.push(fd);
      return calls.sendto(fd, ...rest);
    },
  };
  const { peer } = await listener(0);
  const socket = await open(
    bulkSockets(() => Promise.resolve(counting)),
    peer,
    516,
  );
  await socket.close();
  socket.sendRun(run(2000));
  expect(used).toEqual([]);
});

test('C-36 a run that cannot be sent says why', async () => {
  const { peer } = await listener(0);
  const socket = await open(
    bulkSockets(() => failing('EPERM', () => true)),
    peer,
    516,
  );
  const reasons: (string | undefined)[] = [];
  socket.sendRun(run(600), (error) => reasons.push(error?.message));
  expect(reasons).toEqual(['sendto EPERM']);
});

test('C-10 C-34 C-35 a socket is told once: no "do not fragment", and where runs are split; a send is one call', async () => {
  const calls = await loadSystemCalls();
  const told: string[] = [];
  const recording: SystemCalls = {
    ...calls,
    setsockopt(fd, level, name, value, length) {
      told.push(`setsockopt ${level} ${name} ${Buffer.from(value).readInt32LE()}`);
      return calls.setsockopt(fd, level, name, value, length);
    },
    sendto(fd, payload, length, flags, address, size) {
      told.push(`sendto ${length} ${Buffer.from(address.subarray(4, 8)).join('.')}`);
      return calls.sendto(fd, payload, length, flags, address, size);
    },
  };
  const { peer, all } = await listener(3);
  const socket = await open(
    bulkSockets(() => Promise.resolve(recording)),
    peer,
    1472,
  );
  socket.sendRun(run(1472 * 3));
  await all;
  // IPPROTO_IP 0: IP_MTU_DISCOVER 10, IP_PMTUDISC_DONT 0; IPPROTO_UDP 17: UDP_SEGMENT 103 (Linux uapi)
  expect(told).toEqual(['setsockopt 0 10 0', 'setsockopt 17 103 1472', 'sendto 4416 127.0.0.1']);
});
