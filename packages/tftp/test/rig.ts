import { mkdtemp, mkdir, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { folder } from '@sower/files';
import { openDatagrams, type Peer } from '@sower/net';
import { onTestFinished } from 'vitest';
import { createTftpServer, type Clock, type Report, type TftpServerOptions } from '../src/index.ts';

/** A folder that goes away with the test; keys are relative paths. */
export async function tempFolder(files: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'sower-tftp-')));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), content);
  }
  return root;
}

/** A queue that a test can wait on. */
export function inbox<T>() {
  const arrived: T[] = [];
  const wanted: ((item: T) => void)[] = [];
  return {
    put: (item: T) => {
      const taker = wanted.shift();
      if (taker === undefined) arrived.push(item);
      else taker(item);
    },
    next: (): Promise<T> => {
      const item = arrived.shift();
      return item === undefined ? new Promise((resolve) => wanted.push(resolve)) : Promise.resolve(item);
    },
    get waiting(): number {
      return arrived.length;
    },
  };
}

/** Time that stands still until the test moves it on. */
export function manualClock() {
  let now = 0;
  const waits = new Set<{ readonly at: number; readonly run: () => void }>();
  const clock: Clock = {
    now: () => now,
    after(ms, run) {
      const wait = { at: now + ms, run };
      waits.add(wait);
      return () => void waits.delete(wait);
    },
  };
  return {
    clock,
    advance: (ms: number) => {
      now += ms;
      for (const wait of [...waits].filter(({ at }) => at <= now)) {
        waits.delete(wait);
        wait.run();
      }
    },
  };
}

/** A server on 127.0.0.1 whose reports can be waited for. */
export async function served(
  files: Readonly<Record<string, string | Uint8Array>>,
  options: Partial<TftpServerOptions> = {},
) {
  const root = await tempFolder(files);
  const reports = inbox<Report>();
  const server = createTftpServer({
    source: folder(root),
    isServed: () => true,
    onEvent: reports.put,
    onFault: (error) => {
      throw error;
    },
    ...options,
  });
  onTestFinished(() => server.close(0));
  const at = await server.listen({ address: '127.0.0.1', port: 0 });
  return { root, server, reports, at };
}

/** A client driven by hand: what it gets, in hex or text. */
export async function byHand(server: Peer) {
  const packets = inbox<{ readonly bytes: Buffer; readonly from: Peer }>();
  const socket = await openDatagrams(
    { address: '127.0.0.1', port: 0 },
    {
      onMessage: (bytes, from) => packets.put({ bytes, from }),
      onError: (error) => packets.put({ bytes: Buffer.from(error.message), from: server }),
      broadcast: true,
    },
  );
  onTestFinished(() => socket.close());
  return {
    port: socket.port,
    close: () => socket.close(),
    next: packets.next,
    get waiting() {
      return packets.waiting;
    },
    send: (text: string, to: Peer = server) => socket.send(Buffer.from(text, 'latin1'), to),
    ask: (file: string, ...options: readonly string[]) =>
      socket.send(Buffer.from(`\0\x01${[file, 'octet', ...options].join('\0')}\0`, 'latin1'), server),
    text: async () => (await packets.next()).bytes.toString('latin1'),
  };
}
