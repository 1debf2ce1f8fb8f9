import { randomBytes } from 'node:crypto';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { folder, type Source } from '@sower/files';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fixed, plane } from './support/plane.ts';
import { ask, dial, request } from './support/wire.ts';

const MIB = 1 << 20;

/** A file whose reads are counted and wait for `release`; nothing is ever read ahead of it. */
function held(size: number) {
  let release = () => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  const reads: number[] = [];
  let closed = 0;
  const source: Source = {
    open: () =>
      Promise.resolve({
        size,
        modified: 0,
        version: 'held',
        async read(position: number, length: number) {
          reads.push(length);
          await released;
          return new Uint8Array(Math.min(length, size - position));
        },
        close: () => {
          closed += 1;
          return Promise.resolve();
        },
      }),
  };
  return { source, reads, release: () => release(), closed: () => closed };
}

describe('streaming', () => {
  let root = '';
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'sower-http-'));
  });
  afterEach(() => rm(root, { recursive: true }));

  test('D-21 2 MiB and a byte arrive whole at 30 readers at once', async () => {
    const content = randomBytes(2 * MIB + 1);
    await writeFile(join(root, 'rootfs'), content);
    const { port, told } = await plane({ files: folder(root) });
    const answers = await Promise.all(Array.from({ length: 30 }, () => ask(port, 'GET /artifacts/rootfs')));
    expect(answers.filter(({ body }) => body.equals(content))).toHaveLength(30);
    const events = await told(30);
    expect(new Set(events.map(({ delivery }) => JSON.stringify(delivery)))).toEqual(
      new Set([JSON.stringify({ bytes: content.length, outcome: 'complete' })]),
    );
  });

  test('D-07 the headers do not wait for the first byte', async () => {
    const file = held(10);
    const { port } = await plane({ files: file.source });
    const wire = await dial(port);
    wire.write(request('GET /artifacts/f'));
    const [top] = await new Promise<readonly [Buffer]>((resolve) =>
      wire.socket.once('data', (chunk: Buffer) => resolve([chunk])),
    );
    expect(top.toString()).toMatch(/^HTTP\/1\.1 200 OK\r\n.*Content-Length: 10\r\n.*\r\n\r\n$/s);
    file.release();
    expect((await wire.next()).body).toEqual(Buffer.alloc(10));
  });

  test('D-20 D-21 a reader that stops reading holds one chunk or two, not the file; F-H 29 and is cut after the idle time', async () => {
    const file = held(4096 * MIB);
    file.release();
    const { port, told } = await plane({ files: file.source, limits: { idle: 200 } });
    const wire = await dial(port);
    wire.socket.pause();
    wire.write(request('GET /artifacts/f'));
    const [event] = await told(1);
    expect(event?.delivery.outcome).toBe('aborted');
    // What the sockets of both ends take in, a few MiB, and never the 4 GiB.
    expect(file.reads.length).toBeLessThan(64);
    expect(Math.max(...file.reads)).toBe(MIB);
    expect(file.closed()).toBe(1);
    wire.socket.destroy();
  });

  test('F-H 27 a client that resets in mid-body is one event, and the file is closed', async () => {
    const file = held(4096 * MIB);
    file.release();
    const { port, told } = await plane({ files: file.source });
    const wire = await dial(port);
    wire.write(request('GET /artifacts/f'));
    await new Promise((resolve) => wire.socket.once('data', resolve));
    wire.socket.resetAndDestroy();
    const events = await told(1);
    expect(events).toMatchObject([{ kind: 'artifact', path: 'f', status: 200, delivery: { outcome: 'aborted' } }]);
    expect(file.closed()).toBe(1);
    expect((await ask(port, 'GET /healthz')).status).toBe(200);
  });

  test.each([
    ['a file', { name: 'f' }],
    ['a refusal', { name: 'nope' }],
  ])('F-H 27 a client that goes away before it has an answer: %s', async (_title, { name }) => {
    const files = fixed({ f: 'content' });
    let release = () => {};
    const released = new Promise<void>((resolve) => (release = resolve));
    let asked = false;
    const waiting: Source = {
      async open(path) {
        asked = true;
        await released;
        return files.open(path);
      },
    };
    const { port, told } = await plane({ files: waiting });
    const wire = await dial(port);
    wire.write(request(`GET /artifacts/${name}`));
    await expect.poll(() => asked).toBe(true);
    wire.socket.resetAndDestroy();
    // Another client's whole exchange: by then the server has seen the reset.
    expect((await ask(port, 'GET /healthz')).status).toBe(200);
    release();
    expect(await told(1)).toMatchObject([{ delivery: { bytes: 0, outcome: 'aborted' } }]);
    expect(files.unclosed()).toBe(0);
  });

  test('F-H 27 a client that closes its half after the request still gets everything', async () => {
    const file = held(2 * MIB);
    const { port, told } = await plane({ files: file.source });
    const wire = await dial(port);
    wire.socket.end(request('GET /artifacts/f'));
    await expect.poll(() => file.reads.length).toBe(1);
    file.release();
    expect((await wire.next()).body).toHaveLength(2 * MIB);
    expect(await told(1)).toMatchObject([{ delivery: { bytes: 2 * MIB, outcome: 'complete' } }]);
    expect(await wire.rest()).toHaveLength(0);
  });

  test('F-H 31 a file that is cut short while it is sent: the connection breaks, nothing is made up', async () => {
    const path = join(root, 'image');
    await writeFile(path, Buffer.alloc(64 * MIB, 1));
    const { port, told } = await plane({ files: folder(root) });
    const wire = await dial(port);
    wire.write(request('GET /artifacts/image'));
    await new Promise((resolve) => wire.socket.once('data', resolve));
    wire.socket.pause();
    const writer = await open(path, 'r+');
    await writer.truncate(100);
    await writer.close();
    wire.socket.resume();
    await expect(wire.next()).rejects.toThrow('connection ended');
    const [event] = await told(1);
    expect(event).toMatchObject({
      kind: 'artifact',
      path: 'image',
      delivery: { outcome: 'cut', cause: { name: 'FileChanged' } },
    });
  });

  test('F-H 25 100 pipelined GETs in one segment are answered in order', async () => {
    const files = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`f${i}`, `content ${i}`]));
    const { port } = await plane({ files: fixed(files) });
    const wire = await dial(port);
    wire.write(
      Object.keys(files)
        .map((name) => request(`GET /artifacts/${name}`))
        .join(''),
    );
    for (const content of Object.values(files)) expect((await wire.next()).body.toString()).toBe(content);
    wire.socket.destroy();
  });

  test('F-H 25 F-H 27 pipelined requests of a client that goes away leave no file open', async () => {
    const content = Buffer.alloc(8 * MIB);
    const files = fixed({ f: content });
    const { port, told } = await plane({ files });
    const wire = await dial(port);
    wire.write(request('GET /artifacts/f').repeat(20));
    await new Promise((resolve) => wire.socket.once('data', resolve));
    wire.socket.resetAndDestroy();
    await told(1);
    await expect.poll(files.unclosed).toBe(0);
  });
});
