import { deviceSocket, openDatagrams, type Peer } from '@sower/net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openBootServer, type BootServerOptions } from '../src/boot-server.ts';
import { respondAsBootServer, type BootServerWhy } from '../src/rules/boot-server.ts';
import type { DhcpEvent } from '../src/server.ts';
import { openDhcpWatch, type SeenReply } from '../src/watch.ts';
import { boot, facts, ip, NETWORK, subnet } from './support/facts.ts';
import { gate, inbox } from './support/inbox.ts';
import { d0, END, packet, quad, request, tlv } from './support/packets.ts';
import { PXE_CLIENT } from './support/proxied.ts';
import { addressAt, readStrictly, siaddrOf, valueOf } from './support/readers.ts';

const FACTS = facts({
  server: ip('127.0.0.1'),
  isOurs: (id) => id === ip('127.0.0.1'),
  network: { ...NETWORK, subnet: subnet('127.0.0.0/8') },
  boot: { ...boot('pxe'), nextServer: ip('127.0.0.1') },
});

async function openServer(settings: Partial<BootServerOptions<BootServerWhy>> = {}) {
  const events = inbox<DhcpEvent<BootServerWhy>>();
  const server = await openBootServer<BootServerWhy>({
    where: { address: '127.0.0.1', port: 0 },
    interface: 'lo',
    answer: async (message, from) => respondAsBootServer(message, from, FACTS),
    onEvent: (event) => events.put(event),
    onError: (error) => expect.fail(error.message),
    ...settings,
  });
  onTestFinished(() => server.close());
  return { server, events };
}

async function openClient(address = '127.0.0.2') {
  const replies = inbox<{ payload: Buffer; from: Peer }>();
  const socket = await openDatagrams(
    { address, port: 0 },
    { onMessage: (payload, from) => replies.put({ payload, from }), onError: (error) => expect.fail(error.message) },
  );
  onTestFinished(() => socket.close());
  return { replies, socket, address };
}

const asked = request(PXE_CLIENT, { ciaddr: '127.0.0.2' });

describe('B-15 the boot server', () => {
  test('answers the address and the port that asked, from its own', async () => {
    const { server, events } = await openServer();
    for (const address of ['127.0.0.2', '127.0.0.3']) {
      const client = await openClient(address);
      client.socket.send(asked, server);
      const { payload, from } = await client.replies.next();
      expect(from).toMatchObject({ address: '127.0.0.1', port: server.port });
      expect(siaddrOf(payload)).toBe('127.0.0.1');
      expect(addressAt(valueOf(readStrictly(payload), 54) ?? expect.fail(), 0)).toBe('127.0.0.1');
      expect(await events.next()).toMatchObject({
        why: 'boot-acknowledged',
        interface: 'lo',
        reply: { type: 'ack', file: 'snponly.efi', to: { address, port: client.socket.port }, dropped: [] },
      });
    }
  });

  test('F-D 01 F-D 48 one event for each datagram that gets no answer', async () => {
    const { server, events } = await openServer();
    const client = await openClient();
    client.socket.send(Buffer.alloc(27), server);
    expect((await events.next()).why).toBe('too-short');
    client.socket.send(packet({ options: [...tlv(53, [7]), END], ciaddr: '127.0.0.2' }), server);
    expect((await events.next()).why).toBe('not-for-the-boot-server');
    expect(client.replies.waiting).toBe(0);
  });

  test('an answer that fails is an event, and the next client is served', async () => {
    let fails = true;
    const { server, events } = await openServer({
      answer: async (message, from) => {
        if (fails) throw new Error('no idea');
        return respondAsBootServer(message, from, FACTS);
      },
    });
    const client = await openClient();
    client.socket.send(asked, server);
    expect(await events.next()).toMatchObject({ why: 'answer-failed', error: { message: 'no idea' } });
    fails = false;
    client.socket.send(asked, server);
    expect((await events.next()).why).toBe('boot-acknowledged');
  });

  test('close finishes what is under way; G-13 more than there is room for is told, not kept', async () => {
    const [held, started] = [gate(), gate()];
    const { server, events } = await openServer({
      capacity: 1,
      answer: async (message, from) => {
        started.open();
        await held.passed;
        return respondAsBootServer(message, from, FACTS);
      },
    });
    const client = await openClient();
    client.socket.send(asked, server);
    await started.passed;
    client.socket.send(asked, server);
    expect((await events.next()).why).toBe('overloaded');
    const closed = server.close();
    held.open();
    await closed;
    expect((await events.next()).why).toBe('boot-acknowledged');
    await client.replies.next();
    expect((await openServer({ where: { address: '127.0.0.1', port: server.port } })).server.port).toBe(server.port);
  });

  test('N-14 an address that another boot server has is refused, even when that one would share it', async () => {
    const ignore = () => undefined;
    const stranger = await openDatagrams(
      { address: '0.0.0.0', port: 0, reuse: true },
      { onMessage: ignore, onError: ignore },
    );
    onTestFinished(() => stranger.close());
    await expect(openServer({ where: { address: '127.0.0.1', port: stranger.port } })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    });
  });

  test('N-06 a socket that was handed over', async () => {
    const { server, events } = await openServer({ where: { fd: await deviceSocket('lo', 0, false) } });
    const client = await openClient();
    client.socket.send(asked, { address: '127.0.0.1', port: server.port });
    expect((await events.next()).why).toBe('boot-acknowledged');
    expect((await client.replies.next()).from.port).toBe(server.port);
  });
});

test('A-52 the watch hears offers and acknowledgements of others, and nothing else', async () => {
  const seen = inbox<SeenReply>();
  const watch = await openDhcpWatch({
    interface: 'lo',
    port: 0,
    onReply: (reply) => seen.put(reply),
    onError: (error) => expect.fail(error.message),
  });
  onTestFinished(() => watch.close());
  const client = await openClient();
  const reply = (type: number, more: readonly number[]) =>
    packet({ op: 2, options: [...tlv(53, [type]), ...more, END] });
  const server = tlv(54, quad('10.0.0.2'));
  const nobodys = [Buffer.alloc(9), d0(), reply(2, []), reply(6, server)];
  for (const payload of [...nobodys, reply(2, server), reply(5, server)]) {
    client.socket.send(payload, { address: '127.0.0.1', port: watch.port });
  }
  const told = { server: ip('10.0.0.2'), client: '02:00:00:00:00:01' };
  expect([await seen.next(), await seen.next()]).toEqual([
    { type: 'offer', ...told },
    { type: 'ack', ...told },
  ]);
  expect(seen.waiting).toBe(0);
});
