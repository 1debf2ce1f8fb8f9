import { deviceSocket, openDatagrams, type Datagrams, type Peer } from '@sower/net';
import { afterEach, describe, expect, test } from 'vitest';
import { respond, type Outcome, type Why } from '../src/rules/respond.ts';
import {
  openDhcpServer,
  type DhcpEvent,
  type DhcpRequest,
  type DhcpServer,
  type DhcpServerOptions,
} from '../src/server.ts';
import { adoptDhcpSocket, DhcpSocketError } from '../src/sockets.ts';
import { binding, facts, ip, NETWORK, subnet } from './support/facts.ts';
import { gate, inbox } from './support/inbox.ts';
import { d0, packet, quad, request, tlv } from './support/packets.ts';
import { addressAt, readStrictly, valueOf, yiaddrOf } from './support/readers.ts';

const LO = { name: 'lo', address: ip('127.0.0.1') };
const EVERYBODY = '255.255.255.255';

const FACTS = facts({
  server: ip('127.0.0.1'),
  isOurs: (id) => id === ip('127.0.0.1'),
  network: { ...NETWORK, subnet: subnet('127.0.0.0/8') },
  binding: binding('127.0.0.2', ['127.0.0.2']),
});

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

/** A client's socket on the loopback device, which hears broadcasts too. */
async function openClient() {
  const replies = inbox<{ payload: Buffer; from: Peer }>();
  const socket: Datagrams = await openDatagrams(
    { device: 'lo', port: 0 },
    {
      onMessage: (payload, from) => replies.put({ payload, from }),
      onError: (error) => expect.fail(error.message),
      broadcast: true,
    },
  );
  closing.push(() => socket.close());
  return { port: socket.port, replies, socket };
}

type Settings = Partial<DhcpServerOptions<Why>>;

async function openServer(settings: Settings = {}) {
  const events = inbox<DhcpEvent<Why>>();
  const errors = inbox<Error>();
  const client = await openClient();
  const server: DhcpServer = await openDhcpServer<Why>({
    interfaces: [LO],
    port: 0,
    clientPort: client.port,
    answer: (asked) => respond(asked, FACTS),
    onEvent: (event) => events.put(event),
    onError: (error) => errors.put(error),
    ...settings,
  });
  closing.push(() => server.close());
  const send = (payload: Uint8Array, address = EVERYBODY) =>
    client.socket.send(payload, { address, port: server.port });
  return { server, events, errors, client, send };
}

const from = (last: number, xid = 0xdeadbeef) => ({ chaddr: [2, 0, 0, 0, 0, last], xid });

test('A-53 F-D 44 one DISCOVER over and over: no more replies than may be, one address', async () => {
  const limits = { perClient: 5, perRelay: undefined, perCircuit: undefined };
  const { events, client, send } = await openServer({ limits: () => limits, now: () => 0 });
  for (let count = 0; count < 40; count += 1) send(d0());
  const whys = new Map<string, number>();
  for (let count = 0; count < 40; count += 1) {
    const { why } = await events.next();
    whys.set(why, (whys.get(why) ?? 0) + 1);
  }
  expect(Object.fromEntries(whys)).toEqual({ offered: 10, 'rate-limited': 30 });
  for (let count = 0; count < 10; count += 1) {
    expect(yiaddrOf((await client.replies.next()).payload)).toBe('127.0.0.2');
  }
});

describe('a request and its reply', () => {
  test('N-04 N-09 a broadcast is answered by our own address and port, as a broadcast', async () => {
    const { server, events, client, send } = await openServer();
    send(d0());
    const { payload, from: sender } = await client.replies.next();
    expect(sender).toMatchObject({ address: '127.0.0.1', port: server.port });
    expect(yiaddrOf(payload)).toBe('127.0.0.2');
    expect(addressAt(valueOf(readStrictly(payload), 54) ?? expect.fail(), 0)).toBe('127.0.0.1');
    expect(await events.next()).toMatchObject({
      why: 'offered',
      intent: 'discover',
      interface: 'lo',
      from: { port: client.port },
      reply: { type: 'offer', address: ip('127.0.0.2'), to: { address: EVERYBODY, port: client.port }, dropped: [] },
    });
  });

  test('G-11 one OFFER for each DISCOVER: no broadcast is read by two sockets', async () => {
    const { client, send } = await openServer();
    const xids = Array.from({ length: 20 }, (_, at) => at + 1);
    for (const xid of xids) send(d0([], { xid }));
    const answered = [];
    for (const _ of xids) answered.push((await client.replies.next()).payload.readUInt32BE(4));
    expect(answered).toEqual(xids);
    // A second answer to any of them would come before this one's.
    send(d0([], { xid: 99 }));
    expect((await client.replies.next()).payload.readUInt32BE(4)).toBe(99);
  });

  test('N-04 A-49 what is sent to our address is unicast, and so is the answer', async () => {
    const seen: DhcpRequest[] = [];
    const { events, client, send } = await openServer({
      answer: (asked) => {
        seen.push(asked);
        return respond(asked, FACTS);
      },
    });
    send(request([], { ciaddr: '127.0.0.2' }), '127.0.0.1');
    const { payload } = await client.replies.next();
    expect(addressAt(payload, 12)).toBe('127.0.0.2');
    expect(seen).toMatchObject([
      { broadcast: false, interface: 'lo', server: ip('127.0.0.1'), intent: { kind: 'renewing' } },
    ]);
    expect(await events.next()).toMatchObject({ why: 'renewed', reply: { to: { address: '127.0.0.2' } } });
  });

  test('A-22 an identifier that the caller calls ours is ours', async () => {
    const { events, send } = await openServer({ isOurs: (id) => id === ip('10.9.9.1') });
    send(request([...tlv(54, quad('10.9.9.1')), ...tlv(50, quad('127.0.0.2'))]));
    expect((await events.next()).why).toBe('bound');
    send(request([...tlv(54, quad('127.0.0.1')), ...tlv(50, quad('127.0.0.2'))]));
    expect((await events.next()).why).toBe('other-server-chosen');
  });

  test('A-44 options without a place are named', async () => {
    const network = {
      ...FACTS.network,
      domain: 'd'.repeat(255),
      dns: Array.from({ length: 60 }, () => ip('10.0.0.53')),
    };
    const { events, send } = await openServer({ answer: (asked) => respond(asked, { ...FACTS, network }) });
    send(packet({ options: [...tlv(53, [1]), 255] }));
    expect((await events.next()).reply?.dropped).toEqual([15]);
  });
});

describe('one event for each datagram', () => {
  test.each<[string, Uint8Array, string]>([
    ['F-D 01 empty', new Uint8Array(0), 'too-short'],
    ['F-D 07 op 0', d0([], { op: 0 }), 'bad-op'],
    ['F-D 06 a reply', d0([], { op: 2 }), 'not-a-request'],
    ['F-D 13 type 13', packet({ options: [...tlv(53, [13]), 255] }), 'unsupported-type'],
    ['F-D 05 BOOTP', d0([], { cookie: [0, 0, 0, 0] }), 'bootp-not-served'],
    ['A-50 a relay nobody listed', d0([], { giaddr: '203.0.113.9' }), 'relay-not-allowed'],
  ])('%s: silence, and the next client is served', async (_, payload, why) => {
    const { events, client, send } = await openServer();
    send(payload);
    send(d0());
    const { reply, ...event } = await events.next();
    expect(event).toMatchObject({ why, interface: 'lo' });
    expect(reply).toBeUndefined();
    expect((await events.next()).why).toBe('offered');
    await client.replies.next();
    expect([events.waiting, client.replies.waiting]).toEqual([0, 0]);
  });
});

describe('faults', () => {
  test('an exception of the answer is an event, and the next request is served', async () => {
    let calls = 0;
    const { events, client, send } = await openServer({
      answer: async (asked): Promise<Outcome> => {
        calls += 1;
        if (calls === 1) throw new Error('the disk is full');
        return respond(asked, FACTS);
      },
    });
    send(d0());
    const event = await events.next();
    expect([event.why, event.error?.message]).toEqual(['answer-failed', 'the disk is full']);
    send(d0());
    await client.replies.next();
    expect((await events.next()).why).toBe('offered');
  });

  test('F-D 52 a reply that the kernel refuses is an event', async () => {
    const nowhere = { address: ip('203.0.113.9'), port: 'client' } as const;
    const { events, send } = await openServer({
      answer: (asked) => {
        const { reply = expect.fail(), ...outcome } = respond(asked, FACTS);
        return { ...outcome, reply: { ...reply, to: nowhere } };
      },
    });
    send(d0());
    const event = await events.next();
    expect(event.why).toBe('send-failed');
    expect(event.error).toBeInstanceOf(Error);
  });

  test('an exception of the listener is reported, and the next request is served', async () => {
    const seen = inbox<string>();
    const { errors, send } = await openServer({
      onEvent: ({ why }) => {
        seen.put(why);
        if (why === 'bad-op') throw new Error('the log is closed');
      },
    });
    send(d0([], { op: 0 }));
    expect((await errors.next()).message).toBe('the log is closed');
    send(d0());
    expect([await seen.next(), await seen.next()]).toEqual(['bad-op', 'offered']);
  });
});

describe('order and load', () => {
  test('A-24 F-D 43 requests of one client are answered in order, others overtake', async () => {
    const held = gate();
    const { events, send } = await openServer({
      answer: async (asked) => {
        if (asked.message.xid === 1) await held.passed;
        return respond(asked, FACTS);
      },
    });
    send(d0([], from(1, 1)));
    send(d0([], from(1, 2)));
    send(d0([], from(2, 2)));
    const other = await events.next();
    expect([other.message?.chaddr[5], other.message?.xid]).toEqual([2, 2]);
    expect(events.waiting).toBe(0);
    held.open();
    expect([(await events.next()).message?.xid, (await events.next()).message?.xid]).toEqual([1, 2]);
  });

  test('G-13 a request that waited more than 2 s is dropped', async () => {
    const held = gate();
    const started = gate();
    let time = 0;
    const { events, send } = await openServer({
      now: () => time,
      answer: async (asked) => {
        started.open();
        if (asked.message.xid === 1) await held.passed;
        return respond(asked, FACTS);
      },
    });
    send(d0([], from(1, 1)));
    await started.passed;
    send(d0([], from(1, 2)));
    send(d0([], from(2, 3))); // overtakes: when it is done, the one before it waits
    await events.next();
    time = 2001;
    held.open();
    expect([(await events.next()).why, (await events.next()).why]).toEqual(['offered', 'stale']);
    send(d0([], from(1, 4)));
    expect((await events.next()).why).toBe('offered');
  });

  test('G-13 under overload a client with an address comes before a new one', async () => {
    const held = gate();
    const { events, send } = await openServer({
      capacity: 2,
      answer: async (asked) => {
        await held.passed;
        return respond(asked, FACTS);
      },
    });
    send(d0([], from(1)));
    send(d0([], from(2)));
    expect(await events.next()).toMatchObject({ why: 'overloaded', intent: 'discover' });
    send(request([], { ...from(3), ciaddr: '127.0.0.2' }), '127.0.0.1');
    send(request([], { ...from(4), ciaddr: '127.0.0.2' }), '127.0.0.1');
    expect(await events.next()).toMatchObject({ why: 'overloaded', intent: 'renewing' });
    held.open();
    expect([(await events.next()).why, (await events.next()).why].toSorted()).toEqual(['offered', 'renewed']);
    send(d0([], from(5)));
    expect((await events.next()).why).toBe('offered');
  });
});

describe('open and close', () => {
  test('close finishes what is under way, takes nothing new, and frees the port', async () => {
    const held = gate();
    const started = gate();
    const { server, events, client, send } = await openServer({
      answer: async (asked) => {
        started.open();
        await held.passed;
        return respond(asked, FACTS);
      },
    });
    send(d0());
    await started.passed;
    const closed = server.close();
    send(d0([], from(9)));
    expect((await events.next()).why).toBe('not-serving');
    held.open();
    await closed;
    expect((await events.next()).why).toBe('offered');
    await client.replies.next();
    await server.close();
    const again = await openServer({ port: server.port });
    expect(again.server.port).toBe(server.port);
  });

  test('N-14 a second server on the port is refused with interface, port and reason', async () => {
    const { server } = await openServer();
    const second = openServer({ port: server.port });
    await expect(second).rejects.toBeInstanceOf(DhcpSocketError);
    await expect(second).rejects.toMatchObject({ code: 'EADDRINUSE', interface: 'lo', port: server.port });
    await expect(second).rejects.toThrow(/^DHCP on lo, port \d+: another program on this host already has the port/);
  });

  test('N-14 a stranger is found even when it would share the port', async () => {
    const ignore = () => undefined;
    const stranger = await openDatagrams(
      { device: 'lo', port: 0, reuse: true },
      { onMessage: ignore, onError: ignore },
    );
    closing.push(() => stranger.close());
    await expect(openServer({ port: stranger.port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  test.each([
    [
      'an interface that does not exist',
      { name: 'nosuch0', address: ip('10.0.0.1') },
      'ENODEV',
      'there is no such interface',
    ],
    [
      'an address that the host does not have',
      { name: 'lo', address: ip('203.0.113.9') },
      'EADDRNOTAVAIL',
      '203.0.113.9',
    ],
  ])('N-12 %s is one clear error, and nothing stays open', async (_, served, code, text) => {
    const { server } = await openServer();
    const { port } = server;
    await server.close();
    const failed = openServer({ interfaces: [served], port });
    await expect(failed).rejects.toMatchObject({ code });
    await expect(failed).rejects.toThrow(text);
    expect((await openServer({ port })).server.port).toBe(port);
  });

  test('N-01 an interface listed twice would answer twice, and is refused', async () => {
    await expect(openServer({ interfaces: [LO, LO] })).rejects.toThrow('the interface lo is listed twice');
  });
});

describe('N-06 a socket that was handed over', () => {
  async function handedOver(port = 0) {
    const inherited = await adoptDhcpSocket(await deviceSocket('lo', port, false));
    closing.push(() => inherited.close());
    return { ...LO, inherited };
  }

  test('N-07 hears broadcasts and answers them from its port', async () => {
    const served = await handedOver();
    const { server, events, client, send } = await openServer({ interfaces: [served] });
    expect(server.port).toBe(served.inherited.port);
    send(d0());
    const { payload, from: sender } = await client.replies.next();
    expect(sender.port).toBe(server.port); // the address says nothing here: Linux never broadcasts from 127.0.0.1
    expect(addressAt(valueOf(readStrictly(payload), 54) ?? expect.fail(), 0)).toBe('127.0.0.1');
    expect(await events.next()).toMatchObject({ why: 'offered', reply: { to: { address: EVERYBODY } } });
  });

  test.each([
    ['ours: its lease goes on', binding('127.0.0.2', ['127.0.0.2']), 'rebound', '127.0.0.2'],
    [
      'unknown: silence, as it may be the client of another server',
      binding(undefined, []),
      'unknown-client',
      undefined,
    ],
  ])('A-20 a unicast counts as rebinding. %s', async (_, held, why, to) => {
    const asked: DhcpRequest[] = [];
    const network = { ...FACTS.network, authoritative: false };
    const { events, send } = await openServer({
      interfaces: [await handedOver()],
      answer: (request) => {
        asked.push(request);
        return respond(request, { ...FACTS, network, binding: held });
      },
    });
    send(request([], { ciaddr: '127.0.0.2' }), '127.0.0.1');
    const event = await events.next();
    expect([event.why, event.reply?.to.address]).toEqual([why, to]);
    expect(asked).toMatchObject([{ broadcast: true, intent: { kind: 'rebinding' } }]);
  });

  test('N-12 outlives the server: the next one uses it again', async () => {
    const interfaces = [await handedOver()];
    const first = await openServer({ interfaces });
    first.send(d0());
    expect((await first.events.next()).why).toBe('offered');
    await first.server.close();
    const second = await openServer({ interfaces });
    second.send(d0());
    expect((await second.events.next()).why).toBe('offered');
    expect(first.events.waiting).toBe(0);
  });

  test('N-04 one that would answer from another address or port is refused', async () => {
    const served = await handedOver();
    const { port } = served.inherited;
    const elsewhere = openServer({ interfaces: [{ ...served, address: ip('127.0.0.2') }] });
    await expect(elsewhere).rejects.toThrow(
      'DHCP on lo, port 0: an inherited socket answers from 127.0.0.1, not from 127.0.0.2 (EINVAL)',
    );
    const otherPort = openServer({ interfaces: [served], port: 67 });
    await expect(otherPort).rejects.toThrow(
      `DHCP on lo, port 67: the inherited socket is bound to 0.0.0.0:${port}, not to 0.0.0.0:67 (EINVAL)`,
    );
  });
});
