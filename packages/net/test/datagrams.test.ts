import { openDatagrams, type Datagrams, type Peer } from '@sower/net';
import { afterEach, describe, expect, test } from 'vitest';

const opened: Datagrams[] = [];
afterEach(async () => {
  for (const socket of opened.splice(0)) await socket.close();
});

async function open(where: Parameters<typeof openDatagrams>[0]) {
  const received: { payload: Buffer; from: Peer }[] = [];
  const waiting: (() => void)[] = [];
  const socket = await openDatagrams(where, {
    onMessage: (payload, from) => {
      received.push({ payload, from });
      waiting.shift()?.();
    },
    onError: (error) => expect.fail(error.message),
    receiveBuffer: 1 << 20,
  });
  opened.push(socket);
  const next = async () => {
    if (received.length === 0) await new Promise<void>((resolve) => waiting.push(resolve));
    return received.shift() ?? expect.fail('woken without a datagram');
  };
  return { socket, next };
}

describe('datagrams', () => {
  test('several parts leave as one datagram', async () => {
    const a = await open({ address: '127.0.0.1', port: 0 });
    const b = await open({ address: '127.0.0.1', port: 0 });
    a.socket.send([Buffer.from('he'), Buffer.from('llo')], b.socket);
    const { payload, from } = await b.next();
    expect(payload.toString()).toBe('hello');
    expect(from).toMatchObject({ address: '127.0.0.1', port: a.socket.port });
  });

  test('N-05 a socket pinned to a device, opened without Node, hears and answers', async () => {
    const pinned = await open({ device: 'lo', port: 0 });
    const peer = await open({ address: '127.0.0.1', port: 0 });
    peer.socket.send(Buffer.from('ping'), { address: '127.0.0.1', port: pinned.socket.port });
    const { payload, from } = await pinned.next();
    expect(payload.toString()).toBe('ping');
    pinned.socket.send(Buffer.from('pong'), from);
    expect((await peer.next()).payload.toString()).toBe('pong');
  });

  test('a device that does not exist is ENODEV', async () => {
    await expect(open({ device: 'nosuch0', port: 0 })).rejects.toMatchObject({ code: 'ENODEV' });
    await expect(open({ device: 'a-name-that-is-far-too-long', port: 0 })).rejects.toMatchObject({ code: 'ENODEV' });
  });

  test('N-14 a port in use is EADDRINUSE, pinned or not', async () => {
    const { socket } = await open({ address: '127.0.0.1', port: 0 });
    await expect(open({ address: '127.0.0.1', port: socket.port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    const pinned = await open({ device: 'lo', port: 0 });
    await expect(open({ device: 'lo', port: pinned.socket.port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  test('close is safe twice', async () => {
    const { socket } = await open({ address: '127.0.0.1', port: 0 });
    await socket.close();
    await socket.close();
  });
});
