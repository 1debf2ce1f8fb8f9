import { once } from 'node:events';
import { createServer } from 'node:net';
import { createApp, openHttp, type BootService } from '@sower/http';
import { parseInventory } from '@sower/machines';
import { describe, expect, test } from 'vitest';
import { fixed, plane } from './support/plane.ts';
import { ask, dial, request, type Wire } from './support/wire.ts';

/** Files that wait for `release` before their only byte. */
function slow() {
  let release = () => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  const ready = fixed({ f: 'x' });
  const files = {
    async open(name: string) {
      const file = await ready.open(name);
      if ('refused' in file) return file;
      return {
        ...file,
        async read(position: number, length: number) {
          await released;
          return file.read(position, length);
        },
      };
    },
  };
  return { files, release: () => release() };
}

/** Asks for the slow file and waits for its headers: the answer is under way. */
async function halfway(port: number): Promise<Wire> {
  const wire = await dial(port);
  wire.write(request('GET /artifacts/f'));
  await once(wire.socket, 'data');
  return wire;
}

describe('listening', () => {
  test('close drains: running answers finish, idle connections end at once, new ones are refused', async () => {
    const { files, release } = slow();
    const { port, listener } = await plane({ files });
    const idle = await dial(port);
    idle.write(request('GET /healthz'));
    await idle.next();
    const silent = await dial(port);
    const running = await halfway(port);
    const closed = listener.close(60_000);
    expect(await idle.rest()).toHaveLength(0);
    expect(await silent.rest()).toHaveLength(0);
    await expect(dial(port)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    release();
    expect((await running.next()).body.toString()).toBe('x');
    expect(await running.rest()).toHaveLength(0);
    await closed;
  });

  test('close cuts at its deadline what does not finish; a second close is the same', async () => {
    const { port, listener } = await plane({ files: slow().files });
    const running = await halfway(port);
    await Promise.all([listener.close(20), listener.close(60_000)]);
    await expect(running.next()).rejects.toThrow('connection ended');
  });

  test('N-14 a port in use rejects with EADDRINUSE and leaves nothing open', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    const address = holder.address();
    const port = address !== null && typeof address !== 'string' ? address.port : expect.fail('no port');
    const { inventory } = parseInventory('maclist: []\n', 'data.yaml');
    const service: BootService = {
      inventory: () => inventory ?? expect.fail('no inventory'),
      files: fixed({}),
      holderOf: () => undefined,
      speakerAt: () => undefined,
      discovered: () => [],
      observe: () => {},
    };
    await expect(openHttp(createApp(service), { address: '127.0.0.1', port })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    });
    holder.close();
  });

  test('D-20 F-H 30 one address has so many connections and no more; one that ends makes room', async () => {
    const { port } = await plane({ limits: { connectionsPerAddress: 2 } });
    const first = await dial(port);
    const second = await dial(port);
    const third = await dial(port);
    expect(await third.rest()).toHaveLength(0);
    const other = await dial(port, { from: '127.0.0.2' });
    for (const wire of [first, second, other]) {
      wire.write(request('GET /healthz'));
      expect((await wire.next()).status).toBe(200);
    }
    first.socket.destroy();
    await expect.poll(async () => (await ask(port, 'GET /healthz').catch(() => undefined))?.status).toBe(200);
  });

  test.each([
    ['nothing', ''],
    ['half a request', 'GET /healthz HTTP/1.1\r\nHo'],
  ])('D-20 F-H 02 a client that sends %s is told 408 and closed', async (_title, bytes) => {
    const { port } = await plane({ limits: { headers: 50 } });
    const wire = await dial(port);
    wire.write(bytes);
    expect((await wire.rest()).toString()).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
    expect((await ask(port, 'GET /healthz')).status).toBe(200);
  });

  test('D-01 F-H 26 a kept connection outlives the time for headers', async () => {
    const { port } = await plane({ limits: { headers: 500 } });
    const wire = await dial(port);
    wire.write(request('HEAD /healthz'));
    const head = await wire.next(true);
    expect(Number(/^timeout=(\d+)$/.exec(head.headers.get('keep-alive') ?? '')?.[1])).toBeGreaterThanOrEqual(120);
    await new Promise((resolve) => setTimeout(resolve, 1100));
    wire.write(request('GET /healthz'));
    expect((await wire.next()).body.toString()).toBe('ok\n');
    wire.socket.destroy();
  });
});
