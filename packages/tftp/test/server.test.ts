import { open, rename, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bytes, wholeFiles } from '@sower/files';
import { deviceSocket, type Peer } from '@sower/net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { isClient } from '../src/answerable.ts';
import { download } from '../src/index.ts';
import { localFor } from '../src/listen.ts';
import { byHand, inbox, manualClock, served } from './rig.ts';

const noise = (size: number) => Buffer.from(Array.from({ length: size }, (_, at) => (at * 7919) >>> 5));
const ACK = (block: number) => `\0\x04${String.fromCharCode(block >> 8, block & 255)}`;

describe('C-01 C-02 addresses and ports', () => {
  test('the answer leaves from the address that was asked, from another port each time', async () => {
    const { server, at } = await served({ x: 'content' });
    const other = await server.listen({ address: '127.0.0.2', port: 0 });
    const ports = new Set<number>();
    for (const asked of [at, other]) {
      const client = await byHand(asked);
      client.ask('x');
      const { from } = await client.next();
      expect(from.address).toBe(asked.address);
      ports.add(from.port).add(asked.port);
    }
    expect(ports.size).toBe(4);
  });

  test.each(['0.0.0.0', '255.255.255.255', '224.0.0.1', 'localhost', ''])('%j is not listened on', async (address) => {
    const { server, at } = await served({});
    await expect(server.listen({ address, port: 0 })).rejects.toThrow(RangeError);
    expect(server.listeners).toEqual([at]);
  });

  test('an address in use is refused, and the other listeners stay', async () => {
    const { server, at } = await served({ x: 'content' });
    await expect(server.listen({ address: at.address, port: at.port })).rejects.toThrow('EADDRINUSE');
    expect(await download({ server: at, file: 'x' })).toMatchObject({ ok: true });
  });

  test('F-T 26 a request to a broadcast address has no answer', async () => {
    const { at } = await served({ x: 'content' });
    const client = await byHand(at);
    client.send('\0\x01x\0octet\0', { address: '127.255.255.255', port: at.port });
    client.send('\0\x02x\0octet\0');
    expect((await client.text()).slice(0, 4)).toBe('\0\x05\0\x02');
    expect(client.waiting).toBe(0);
  });

  test.each([
    ['127.0.0.1', 1024, true],
    ['192.0.2.1', 2070, true],
    ['192.0.2.1', 69, false],
    ['192.0.2.1', 67, false],
    ['192.0.2.1', 68, false],
    ['192.0.2.1', 4011, false],
    ['192.0.2.1', 0, false],
    ['255.255.255.255', 2070, false],
    ['224.0.0.1', 2070, false],
    ['0.0.0.0', 2070, false],
  ])('C-29 F-T 25 a request from %s:%i is answered: %s', (address, port, expected) => {
    expect(isClient({ address, port })).toBe(expected);
  });

  test('C-28 a client outside the served networks gets nothing', async () => {
    let open = false;
    const { at, reports } = await served({}, { isServed: () => open });
    const client = await byHand(at);
    client.send('\0\x02first\0octet\0');
    expect(await reports.next()).toMatchObject({ outcome: 'unserved', peer: { port: client.port } });
    open = true;
    client.send('\0\x02second\0octet\0');
    expect(await reports.next()).toMatchObject({ outcome: 'write', file: 'second' });
    await client.next();
    expect(client.waiting).toBe(0);
  });
});

describe('N-06 a socket that was handed over', () => {
  test('C-01 one for all addresses: the answer comes from our address in the network of the client', async () => {
    const { server, reports } = await served({ x: noise(600) });
    const at = await server.listen({ fd: await deviceSocket('lo', 0, false) });
    expect(at.address).toBe('0.0.0.0');
    const client = await byHand({ address: '127.0.0.1', port: at.port });
    client.ask('x');
    const { bytes: data, from } = await client.next();
    expect(data.toString('latin1', 0, 4)).toBe('\0\x03\0\x01');
    expect(from.address).toBe('127.0.0.1');
    expect(from.port).not.toBe(at.port);
    client.send(ACK(1), from);
    await client.next();
    client.send(ACK(2), from);
    expect(await reports.next()).toMatchObject({ outcome: 'complete', local: '127.0.0.1' });
    client.ask('nowhere');
    expect(await client.text()).toBe('\0\x05\0\x01File not found\0');
  });

  test.each([
    ['192.0.2.9', '192.0.2.1', '192.0.2.1'],
    ['127.0.0.9', '0.0.0.0', '127.0.0.1'],
    ['203.0.113.9', '0.0.0.0', '0.0.0.0'],
  ])('a client at %s that asked %s has its answers from %s', (address, listening, local) => {
    expect(localFor({ address, port: 2070 }, listening)).toBe(local);
  });

  test('what is no socket is refused', async () => {
    const { server, at } = await served({});
    const file = await open(process.execPath);
    onTestFinished(() => file.close());
    await expect(server.listen({ fd: file.fd })).rejects.toThrow('Unsupported fd type: FILE');
    expect(server.listeners).toEqual([at]);
  });
});

describe('C-23 one request for each error', () => {
  const files = { x: 'content', 'sub/y': 'y' };
  test.each([
    ['missing', '\0\x01nowhere\0octet\0', 'missing', '\0\x05\0\x01File not found\0'],
    ['F-T 07 dot-dot', '\0\x01../etc/passwd\0octet\0', 'forbidden', '\0\x05\0\x02Access violation\0'],
    ['F-T 08 absolute', '\0\x01/etc/passwd\0octet\0', 'missing', '\0\x05\0\x01File not found\0'],
    ['F-T 11 a folder', '\0\x01sub\0octet\0', 'forbidden', '\0\x05\0\x02Access violation\0'],
    ['C-05 F-T 40 WRQ', '\0\x02x\0octet\0blksize\x00512\0', 'write', '\0\x05\0\x02This server is read-only\0'],
    ['C-05 F-T 40 WRQ ../x', '\0\x02../x\0octet\0', 'write', '\0\x05\0\x02This server is read-only\0'],
    ['C-04 F-T 04 mail', '\0\x01x\0mail\0', 'mode', '\0\x05\0\x04Mode not supported, use octet\0'],
    ['C-04 F-T 04 a space', '\0\x01x\0octet \0', 'mode', '\0\x05\0\x04Mode not supported, use octet\0'],
    ['C-04 F-T 04 binary', '\0\x01x\0binary\0', 'mode', '\0\x05\0\x04Mode not supported, use octet\0'],
    ['F-T 09 NUL in the name', '\0\x01foo\0bar\0octet\0', 'mode', '\0\x05\0\x04Mode not supported, use octet\0'],
    ['C-03 F-T 03 no name', '\0\x01\0octet\0', 'empty', '\0\x05\0\x04No file name\0'],
    ['C-04 F-T 04 OcTeT', '\0\x01x\0OcTeT\0', undefined, '\0\x03\0\x01content'],
    ['C-32 netascii', '\0\x01x\0NetASCII\0tsize\x000\0', undefined, '\0\x03\0\x01content'],
    ['C-25 F-T 09 a stuck 0xff', '\0\x01x\xff\0octet\0', undefined, '\0\x03\0\x01content'],
    ['C-24 backslashes', '\0\x01\\sub\\y\0octet\0', undefined, '\0\x03\0\x01y'],
    ['C-07 only bad options', '\0\x01x\0octet\0blksize\x007\0foo\0bar\0', undefined, '\0\x03\0\x01content'],
    [
      'C-06 options',
      '\0\x01x\0octet\0TSIZE\x000\0blksize\x0065464\0',
      undefined,
      '\0\x06tsize\x007\0blksize\x001468\0',
    ],
  ])('%s', async (_, request, outcome, answer) => {
    const { at, reports } = await served(files);
    const client = await byHand(at);
    client.send(request);
    expect(await client.text()).toBe(answer);
    if (outcome !== undefined) expect(await reports.next()).toMatchObject({ outcome });
  });

  test.each([
    ['F-T 01', ''],
    ['F-T 02', '\0\x01x\0octet'],
    ['F-T 20 a stray ACK', '\0\x04\0\x01'],
    ['F-T 18 DATA', '\0\x03\0\x01abc'],
  ])('%s to the server port is dropped', async (_, request) => {
    const { at, reports } = await served(files);
    const client = await byHand(at);
    client.send(request);
    expect(await reports.next()).toMatchObject({ outcome: 'malformed', file: '' });
    client.ask('x');
    expect(await client.text()).toBe('\0\x03\0\x01content');
  });

  test.each([
    ['throws', () => Promise.reject(new Error('/secret/path'))],
    [
      'cannot be read',
      () => Promise.resolve({ ...bytes(Buffer.from('x'), 0), read: () => Promise.reject(new Error('EIO')) }),
    ],
  ])('F-T 37 a source that %s is error 0, without a word about why', async (_, source) => {
    const { at, reports } = await served({}, { source });
    const client = await byHand(at);
    client.ask('x');
    expect(await client.text()).toBe('\0\x05\0\0File cannot be read\0');
    expect(await reports.next()).toMatchObject({ outcome: 'unreadable' });
  });

  test('C-30 F-T 32 without descriptors the request is dropped', async () => {
    const { at, reports } = await served(
      {},
      { source: () => Promise.reject(Object.assign(new Error('x'), { code: 'EMFILE' })) },
    );
    const client = await byHand(at);
    client.ask('x');
    expect(await reports.next()).toMatchObject({ outcome: 'overload' });
    client.send('\0\x02x\0octet\0');
    expect((await client.text()).slice(0, 4)).toBe('\0\x05\0\x02');
  });
});

describe('reports', () => {
  test('a complete transfer: who, what, how much, with which options', async () => {
    const { at, reports } = await served({ 'ipxe.efi': noise(5000) });
    const result = await download({
      server: at,
      file: '/ipxe.efi',
      options: [
        ['tsize', '0'],
        ['blksize', '1024'],
        ['windowsize', '4'],
      ],
    });
    expect(result).toMatchObject({ ok: true, bytes: noise(5000) });
    const report = await reports.next();
    expect(report).toMatchObject({
      peer: { address: '127.0.0.1' },
      local: '127.0.0.1',
      file: '/ipxe.efi',
      size: 5000,
      outcome: 'complete',
      detail: '',
      bytes: 5000,
      resent: 0,
      options: { tsize: 5000, blksize: 1024, windowsize: 4 },
    });
  });

  test('C-14 F-T 21 the size probe of EDK2, then its second request from another port', async () => {
    const { at, reports, server } = await served({ 'ipxe.efi': noise(850_528) });
    const probe = await byHand(at);
    probe.ask('ipxe.efi', 'tsize', '0', 'blksize', '1468', 'windowsize', '4');
    const { bytes: oack, from } = await probe.next();
    expect(oack.toString('latin1')).toBe('\0\x06tsize\x00850528\0blksize\x001468\0windowsize\x004\0');
    probe.send('\0\x05\0\x08User aborted the transfer\0', from);
    expect(await reports.next()).toMatchObject({
      outcome: 'probe',
      bytes: 0,
      detail: 'error 8 User aborted the transfer',
    });
    expect([probe.waiting, server.active]).toEqual([0, 0]);
    const result = await download({
      server: at,
      file: 'ipxe.efi',
      options: [
        ['blksize', '1468'],
        ['windowsize', '4'],
      ],
    });
    expect(result.ok && noise(850_528).equals(result.bytes)).toBe(true);
  });

  test('A-12 a name is logged without control characters, and short', async () => {
    const { at, reports } = await served({});
    const client = await byHand(at);
    client.ask(`\u001b[31m${'x'.repeat(900)}`);
    expect((await reports.next()).file).toMatch(/^\\x1b\[31mx+$/);
  });

  test('F-T 39 1,000 misses are 1,000 answers and leave nothing behind', async () => {
    const { at, reports, server } = await served({}, { limits: { unvalidatedBytes: 1e9 } });
    const client = await byHand(at);
    for (let n = 0; n < 1000; n += 1) {
      client.ask(`pxelinux.cfg/${n}`);
      expect((await client.text()).slice(0, 4)).toBe('\0\x05\0\x01');
      expect(await reports.next()).toMatchObject({ outcome: 'missing', file: `pxelinux.cfg/${n}` });
    }
    expect(server.active).toBe(0);
  });
});

describe('C-21 F-T 23 the same request again', () => {
  test('three times at once: one transfer, the same packet again, from one port', async () => {
    const { at, server } = await served({ x: noise(2000) });
    const client = await byHand(at);
    client.ask('x');
    const first = await client.next();
    client.ask('x');
    client.ask('x');
    for (const again of [await client.next(), await client.next()]) {
      expect(again.from).toEqual(first.from);
      expect(again.bytes).toEqual(first.bytes);
    }
    client.ask('x');
    client.send(ACK(1), first.from);
    expect((await client.text()).slice(0, 4)).toBe('\0\x03\0\x02');
    expect(server.active).toBe(1);
  });

  test('after progress: nothing within a second, then anew', async () => {
    const { clock, advance } = manualClock();
    const { at, reports } = await served({ x: noise(2000) }, { clock });
    const client = await byHand(at);
    client.ask('x');
    const { from } = await client.next();
    client.send(ACK(1), from);
    await client.next();
    advance(999);
    client.ask('x');
    client.send(ACK(2), from);
    expect((await client.text()).slice(0, 4)).toBe('\0\x03\0\x03');
    advance(999);
    advance(1);
    await client.next(); // block 3 once more
    client.ask('x');
    expect(await reports.next()).toMatchObject({ outcome: 'replaced' });
    const anew = await client.next();
    expect(anew.bytes.toString('latin1', 0, 4)).toBe('\0\x03\0\x01');
    expect(anew.from.port).not.toBe(from.port);
  });

  test('another file from the same port replaces the transfer', async () => {
    const { at, reports } = await served({ x: noise(2000), y: 'y' });
    const client = await byHand(at);
    client.ask('x');
    await client.next();
    client.ask('y');
    expect(await reports.next()).toMatchObject({ outcome: 'replaced', file: 'x' });
    expect(await client.text()).toBe('\0\x03\0\x01y');
  });

  test('just after the file was delivered it is an old one, later a new one', async () => {
    const { clock, advance } = manualClock();
    const { at, reports } = await served({ x: 'content' }, { clock });
    const client = await byHand(at);
    const fetchOnce = async () => {
      client.ask('x');
      const { from } = await client.next();
      client.send(ACK(1), from);
      expect(await reports.next()).toMatchObject({ outcome: 'complete' });
    };
    await fetchOnce();
    client.ask('x');
    client.send('\0\x02x\0octet\0');
    expect((await client.text()).slice(0, 4)).toBe('\0\x05\0\x02');
    await reports.next();
    advance(1000);
    await fetchOnce();
  });
});

test('C-22 F-T 17 a packet from another port: error 5 to it, the transfer goes on', async () => {
  const { at } = await served({ x: noise(600) });
  const client = await byHand(at);
  client.ask('x');
  const { from } = await client.next();
  const stranger = await byHand(from);
  for (let n = 0; n < 30; n += 1) stranger.send(ACK(1));
  for (let n = 0; n < 10; n += 1) expect(await stranger.text()).toBe('\0\x05\0\x05Unknown transfer ID\0');
  client.send(ACK(1), from);
  expect((await client.text()).slice(0, 4)).toBe('\0\x03\0\x02');
  expect(stranger.waiting).toBeLessThanOrEqual(10); // a second may have passed meanwhile
});

test('C-19 C-28 a silent client: three packets, then the place is free', async () => {
  const { clock, advance } = manualClock();
  const { at, reports, server } = await served({ x: noise(2000) }, { clock });
  const client = await byHand(at);
  client.ask('x', 'windowsize', '32');
  for (const ms of [1000, 2000, 4000]) {
    expect(await client.text()).toBe('\0\x06windowsize\x0032\0');
    advance(ms);
  }
  expect(await reports.next()).toMatchObject({ outcome: 'timeout', bytes: 0, detail: 'no answer to the OACK' });
  expect([client.waiting, server.active]).toEqual([0, 0]);
});

test('C-28 F-T 24 clients that never answer: the budget of their network bounds what is sent', async () => {
  const { clock } = manualClock();
  const { at, reports } = await served(
    { x: noise(2000) },
    { clock, limits: { unvalidatedBytes: 1200, perClient: 100 } },
  );
  const client = await byHand(at);
  for (let n = 0; n < 5; n += 1) (await byHand(at)).ask('nowhere');
  for (let n = 0; n < 5; n += 1) await reports.next();
  client.ask('x');
  expect((await client.next()).bytes.length).toBe(516);
  const second = await byHand(at);
  second.ask('x');
  await expect.poll(() => second.waiting).toBe(1);
  const third = await byHand(at);
  third.ask('x');
  third.ask('nowhere');
  expect(await reports.next()).toMatchObject({ outcome: 'replaced' });
  expect(await reports.next()).toMatchObject({ outcome: 'missing' });
  expect(third.waiting).toBe(0);
});

describe('C-30 F-T 31 caps', () => {
  test.each([
    ['of one client', { perClient: 2 }],
    ['of all clients', { transfers: 2 }],
  ])('%s: dropped, and served when it asks again', async (_, limits) => {
    const { at, reports, server } = await served({ x: noise(2000) }, { limits });
    const [one, two, three] = [await byHand(at), await byHand(at), await byHand(at)];
    one.ask('x');
    const { from } = await one.next();
    two.ask('x');
    await two.next();
    three.ask('x');
    expect(await reports.next()).toMatchObject({ outcome: 'overload', peer: { port: three.port } });
    expect([three.waiting, server.active]).toEqual([0, 2]);
    one.send('\0\x05\0\0enough\0', from);
    expect(await reports.next()).toMatchObject({ outcome: 'cancelled' });
    three.ask('x');
    expect((await three.text()).slice(0, 4)).toBe('\0\x03\0\x01');
  });

  test.each([
    ['C-30 of one client', { perClient: 2 }],
    ['C-30 of all clients', { transfers: 2 }],
  ])('%s: counted over all listeners, those that close included', async (_, limits) => {
    const { at, server, reports } = await served({ x: noise(2000) }, { limits });
    const other = await server.listen({ address: '127.0.0.2', port: 0 });
    const [one, two, three] = [await byHand(at), await byHand(other), await byHand(at)];
    one.ask('x');
    await one.next();
    two.ask('x');
    const { from } = await two.next();
    const closed = other.close(60_000);
    three.ask('x');
    expect(await reports.next()).toMatchObject({ outcome: 'overload', local: at.address });
    expect(server.active).toBe(2);
    two.send('\0\x05\0\0enough\0', from);
    await closed;
    three.ask('x');
    expect((await three.text()).slice(0, 4)).toBe('\0\x03\0\x01');
  });

  test('C-28 the budget of a network is one for all listeners', async () => {
    const { clock, advance } = manualClock();
    const { at, server, reports } = await served({ x: noise(2000) }, { clock, limits: { unvalidatedBytes: 530 } });
    const [one, two] = [await byHand(at), await byHand(await server.listen({ address: '127.0.0.2', port: 0 }))];
    one.ask('x');
    const { bytes: data, from } = await one.next();
    expect(data.length).toBe(516);
    one.send(ACK(1), from);
    await one.next();
    two.ask('nowhere');
    expect(await reports.next()).toMatchObject({ outcome: 'missing', local: '127.0.0.2' });
    advance(1000);
    two.send('\0\x02x\0octet\0');
    expect(await two.text()).toBe('\0\x05\0\x02This server is read-only\0'); // and nothing before it
  });
});

describe('C-31 F-T 29 the file changes during a transfer', () => {
  const small = { file: 1000, total: 1000 };
  const large = { file: 1_000_000, total: 1_000_000 };
  const size = 600_000;
  const begin = async (limits: { file: number; total: number }) => {
    const rig = await served({ x: noise(size), y: 'other' }, { cache: wholeFiles(limits) });
    const client = await byHand(rig.at);
    client.ask('x', 'blksize', '1400');
    const { from } = await client.next();
    client.send(ACK(0), from);
    await client.next();
    return { ...rig, client, from };
  };

  test('replaced by rename: the old one is served to its end', async () => {
    const { root, client, from, reports } = await begin(small);
    await rename(join(root, 'y'), join(root, 'x'));
    const blocks = Math.floor(size / 1400) + 1;
    for (let block = 1; block < blocks; block += 1) {
      client.send(ACK(block), from);
      const { bytes: data } = await client.next();
      expect(data.subarray(4).equals(noise(size).subarray(block * 1400, block * 1400 + 1400))).toBe(true);
      if (block > 3 && block < blocks - 3) break;
    }
    client.send('\0\x05\0\0enough\0', from);
    expect(await reports.next()).toMatchObject({ outcome: 'cancelled' });
  });

  test.each([
    ['truncated', (path: string) => truncate(path, 10)],
    ['rewritten', (path: string) => writeFile(path, noise(size + 1))],
  ])('%s, and too big for memory: error 0', async (_, change) => {
    const { root, client, from, reports } = await begin(small);
    await change(join(root, 'x'));
    let text = '';
    for (let block = 1; !text.startsWith('\0\x05'); block += 1) {
      client.send(ACK(block), from);
      text = await client.text();
    }
    expect(text).toBe('\0\x05\0\0File changed during the transfer\0');
    expect(await reports.next()).toMatchObject({ outcome: 'changed' });
  });

  test('truncated, but in memory: the version that was opened', async () => {
    const { root, client, from } = await begin(large);
    await truncate(join(root, 'x'), 10);
    client.send(ACK(1), from);
    expect((await client.next()).bytes.subarray(4).equals(noise(size).subarray(1400, 2800))).toBe(true);
  });
});

describe('downloads', () => {
  test.each([
    [0, 512, 1],
    [1, 512, 4],
    [512, 512, 1],
    [65_536 * 8 + 3, 8, 32],
    [1_000_000, 1468, 16],
    [300_000, 1468, 1],
  ])('C-17 C-18 %i bytes, blksize %i, windowsize %i', async (size, blksize, windowsize) => {
    const { at, reports } = await served({ x: noise(size) });
    const options = [
      ['blksize', String(blksize)],
      ['windowsize', String(windowsize)],
      ['tsize', '0'],
    ] as const;
    const result = await download({ server: at, file: 'x', options });
    expect(result.ok && Buffer.from(result.bytes).equals(noise(size))).toBe(true);
    expect(await reports.next()).toMatchObject({ outcome: 'complete', bytes: size });
  });

  test.each([
    ['in memory', { file: 10_000_000, total: 10_000_000 }],
    ['in chunks', { file: 1, total: 1 }],
  ])('C-33 C-36 20 clients at once, %s', async (_, limits) => {
    const { at } = await served({ x: noise(700_000) }, { cache: wholeFiles(limits), limits: { perClient: 20 } });
    const options = [
      ['blksize', '1468'],
      ['windowsize', '32'],
    ] as const;
    const results = await Promise.all(Array.from({ length: 20 }, () => download({ server: at, file: 'x', options })));
    expect(results.every((result) => result.ok && Buffer.from(result.bytes).equals(noise(700_000)))).toBe(true);
  });

  test('C-08 the MTU of the network that was asked on bounds the block size', async () => {
    const at127 = '127.0.0.1';
    const { at } = await served({ x: noise(3000) }, { mtu: (local) => (local === at127 ? 1400 : 1500) });
    const result = await download({ server: at, file: 'x', options: [['blksize', '1468']] });
    expect(result).toMatchObject({ ok: true, options: [['blksize', '1368']] });
  });

  test('C-32 mode netascii', async () => {
    const { at } = await served({ x: 'a\nb\rc' });
    const result = await download({ server: at, file: 'x', mode: 'netascii', options: [['windowsize', '4']] });
    expect(result).toMatchObject({ ok: true, bytes: Buffer.from('a\r\nb\r\0c'), options: [['windowsize', '1']] });
  });

  test('C-27 a source may answer by client', async () => {
    const { at } = await served(
      {},
      { source: (name, peer) => Promise.resolve(bytes(Buffer.from(`${name} for ${peer.address}`), 0)) },
    );
    const result = await download({ server: at, file: '/autoexec.ipxe' });
    expect(result).toMatchObject({ ok: true, bytes: Buffer.from('autoexec.ipxe for 127.0.0.1') });
  });

  test('an ERROR is a result, and so is silence', async () => {
    const { at } = await served({});
    expect(await download({ server: at, file: 'nowhere' })).toEqual({ ok: false, code: 1, message: 'File not found' });
    const { clock, advance } = manualClock();
    const deaf = await byHand(at);
    const silent = download({ server: { address: '127.0.0.1', port: deaf.port }, file: 'x', clock });
    for (let tries = 0; tries < 6; tries += 1) {
      await deaf.next();
      advance(1000);
    }
    expect(await silent).toEqual({ ok: false, code: undefined, message: 'no answer' });
  });
});

describe('close', () => {
  test('without transfers it is immediate, and the port is free', async () => {
    const { at, server } = await served({});
    await server.close(10_000);
    const { server: another } = await served({});
    const again = await another.listen({ address: at.address, port: at.port });
    expect(again).toMatchObject({ address: at.address, port: at.port });
  });

  test('a closed server listens nowhere', async () => {
    const { at, server } = await served({});
    const opening = server.listen({ address: '127.0.0.2', port: at.port });
    await server.close(0);
    await expect(opening).rejects.toThrow('the TFTP server is closed');
    await expect(server.listen({ address: '127.0.0.2', port: at.port })).rejects.toThrow('the TFTP server is closed');
    const { server: another } = await served({});
    expect(await another.listen({ address: '127.0.0.2', port: at.port })).toMatchObject({ port: at.port });
  });

  test('a running transfer finishes, nothing new begins', async () => {
    const { at, server, reports } = await served({ x: noise(600) });
    const client = await byHand(at);
    client.ask('x');
    const { from } = await client.next();
    const closed = server.close(60_000);
    (await byHand(at)).ask('x');
    client.send(ACK(1), from);
    expect((await client.text()).slice(0, 4)).toBe('\0\x03\0\x02');
    client.send(ACK(2), from);
    expect(await reports.next()).toMatchObject({ outcome: 'complete' });
    await closed;
    expect(reports.waiting).toBe(0);
  });

  test('at the deadline the rest is aborted, and told so', async () => {
    const { clock, advance } = manualClock();
    const { at, server, reports } = await served({ x: noise(600) }, { clock });
    const client = await byHand(at);
    client.ask('x');
    await client.next();
    const closed = server.close(500);
    await expect
      .poll(() => {
        advance(500);
        return server.active;
      })
      .toBe(0);
    await closed;
    expect(await reports.next()).toMatchObject({ outcome: 'aborted' });
    let text = await client.text();
    while (text.startsWith('\0\x03')) text = await client.text(); // DATA again, if time went that far
    expect(text).toBe('\0\x05\0\0Transfer stopped by the server\0');
  });

  test('F-T 37 a source that never answers does not hold it up', async () => {
    const asked = inbox<string>();
    const source = (name: string) => {
      asked.put(name);
      return new Promise<never>(() => {});
    };
    const { at, server, reports } = await served({}, { source });
    (await byHand(at)).ask('x');
    await asked.next();
    await server.close(0);
    expect(await reports.next()).toMatchObject({ outcome: 'aborted' });
  });

  test('N-12 one listener: its transfer finishes, the transfers of others do not notice', async () => {
    const { at, server, reports } = await served({ x: noise(600) });
    const leaving = await server.listen({ address: '127.0.0.2', port: 0 });
    const [stays, goes] = [await byHand(at), await byHand(leaving)];
    stays.ask('x');
    goes.ask('x');
    const [kept, gone] = [await stays.next(), await goes.next()];
    const closed = leaving.close(60_000);
    (await byHand(leaving)).ask('x');
    goes.send(ACK(1), gone.from);
    await goes.next();
    goes.send(ACK(2), gone.from);
    expect(await reports.next()).toMatchObject({ outcome: 'complete', local: '127.0.0.2' });
    await closed;
    expect([server.listeners, server.active]).toEqual([[at], 1]);
    stays.send(ACK(1), kept.from);
    expect((await stays.text()).slice(0, 4)).toBe('\0\x03\0\x02');
    expect(await download({ server: at, file: 'x' })).toMatchObject({ ok: true });
    const again = await server.listen({ address: leaving.address, port: leaving.port });
    expect(await download({ server: again, file: 'x' })).toMatchObject({ ok: true });
  });

  test('a second close with a shorter time limit counts', async () => {
    const { at, server, reports } = await served({ x: noise(600) });
    const client = await byHand(at);
    client.ask('x');
    await client.next();
    const patient = at.close(60_000);
    await server.close(0);
    await patient;
    expect(await reports.next()).toMatchObject({ outcome: 'aborted' });
  });
});

describe('C-09 F-T 28 a tunnel that swallows big blocks', () => {
  /** Asks, agrees, and never has block 1; gives the OACK. */
  const starved = async (at: Peer, clock: ReturnType<typeof manualClock>, ended: () => Promise<unknown>) => {
    const client = await byHand(at);
    client.ask('x', 'blksize', '1468');
    const { bytes: oack, from } = await client.next();
    client.send(ACK(0), from);
    await client.next();
    for (let waited = 0; waited < 50; waited += 1) clock.advance(1000);
    await ended();
    return oack.toString('latin1');
  };

  test('a client that takes the OACK and never block 1, twice in a row, is offered half', async () => {
    const clock = manualClock();
    const { at, reports } = await served({ x: noise(5000) }, { clock: clock.clock });
    const agreed: string[] = [];
    for (let round = 0; round < 3; round += 1) agreed.push(await starved(at, clock, reports.next));
    expect(agreed).toEqual(['\0\x06blksize\x001468\0', '\0\x06blksize\x001468\0', '\0\x06blksize\x00734\0']);
  });

  test('nobody is offered more than the data file says', async () => {
    const { at } = await served({ x: noise(5000) }, { maxBlksize: () => 1380 });
    const client = await byHand(at);
    client.ask('x', 'blksize', '1468');
    expect(await client.text()).toBe('\0\x06blksize\x001380\0');
  });
});

describe('C-01 single-port mode', () => {
  const files = { x: noise(5000), y: noise(3000) };

  test('everything comes from the port that was asked, for several clients at once', async () => {
    const { at } = await served(files, { singlePort: () => true });
    const clients = await Promise.all([byHand(at), byHand(at)]);
    for (const [index, client] of clients.entries()) client.ask(index === 0 ? 'x' : 'y', 'blksize', '2048');
    for (const [index, client] of clients.entries()) {
      const { from } = await client.next();
      expect(from).toMatchObject({ address: at.address, port: at.port });
      client.send(ACK(0));
      const { bytes: data } = await client.next();
      const file = index === 0 ? files.x : files.y;
      expect(data.subarray(4).equals(file.subarray(0, 1468))).toBe(true);
    }
  });

  test.each([['1'], ['16']])('a file arrives whole, windowsize %s', async (windowsize) => {
    const { at, reports } = await served(files, { singlePort: () => true });
    const got = await download({ server: at, file: 'x', options: [['windowsize', windowsize]] });
    expect(got.ok && files.x.equals(got.bytes)).toBe(true);
    expect(await reports.next()).toMatchObject({ outcome: 'complete' });
  });

  test('the same port may ask for another file afterwards, and a stray ACK has no answer', async () => {
    const { at, reports } = await served(files, { singlePort: () => true });
    const client = await byHand(at);
    client.ask('x', 'tsize', '0');
    expect(await client.text()).toBe('\0\x06tsize\x005000\0');
    client.ask('y', 'tsize', '0');
    expect(await client.text()).toBe('\0\x06tsize\x003000\0');
    expect(await reports.next()).toMatchObject({ outcome: 'replaced', file: 'x' });
    client.send('\0\x05\0\0enough\0');
    expect(await reports.next()).toMatchObject({ outcome: 'probe', file: 'y' });
    client.send(ACK(1));
    expect(await reports.next()).toMatchObject({ outcome: 'malformed', detail: 'ack' });
    expect(client.waiting).toBe(0);
  });

  test('a transfer under way may finish while the listener closes; nothing new begins', async () => {
    const { at, server, reports } = await served(files, { singlePort: () => true });
    const client = await byHand(at);
    client.ask('y', 'blksize', '2048');
    await client.next();
    const closed = server.close(10_000);
    const late = await byHand(at);
    late.ask('x');
    for (const block of [0, 1, 2]) {
      client.send(ACK(block));
      await client.next();
    }
    client.send(ACK(3));
    await closed;
    expect(await reports.next()).toMatchObject({ outcome: 'complete', file: 'y', bytes: 3000 });
    expect([late.waiting, reports.waiting]).toEqual([0, 0]);
  });
});
