import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { folder } from '@sower/files';
import { createTftpServer, type Report, type TftpServer } from '@sower/tftp';
import { createClient } from 'tftp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

/** The sizes at which TFTP implementations break: empty, around one block, and where the 16-bit block number wraps. */
const SIZES = [0, 1, 511, 512, 513, 65_535 * 512 + 1];

const run = promisify(execFile);
const limit = { timeout: 120_000 };
let home: string;
let server: TftpServer;
const reports: Report[] = [];

/** Bytes that repeat at no block size: the same block in the wrong place is another content. */
function content(size: number): Buffer {
  const bytes = Buffer.alloc(size);
  for (let at = 0; at < size; at += 1) bytes[at] = (at * 2_654_435_761) >>> 24;
  return bytes;
}

const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** A missing client is a failure where nothing may be skipped. */
function installed(binary: string): boolean {
  if (process.env['CI'] === 'true') return true;
  try {
    execFileSync('which', [binary], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'sower-tftp-interop-'));
  for (const size of SIZES) await writeFile(join(home, `f${size}`), content(size));
  server = createTftpServer({
    source: folder(home),
    isServed: () => true,
    onEvent: (report) => reports.push(report),
    onFault: (error) => {
      throw error;
    },
  });
  await server.listen({ address: '127.0.0.1', port: 0 });
});

afterAll(async () => {
  await server.close(0);
  await rm(home, { recursive: true, force: true });
});

const port = () => String(server.listeners[0]?.port);

type Fetch = (file: string, local: string) => Promise<unknown>;

const curl =
  (...options: string[]): Fetch =>
  (file, local) =>
    run('curl', ['-sS', ...options, '-o', local, `tftp://127.0.0.1:${port()}/${file}`]);

const atftp =
  (...options: readonly string[]): Fetch =>
  (file, local) => {
    const wanted = options.flatMap((option) => ['--option', option]);
    return run('atftp', [...wanted, '--get', '-r', file, '-l', local, '127.0.0.1', port()]);
  };

const npm =
  (options: { blockSize: number; windowSize: number }): Fetch =>
  (file, local) =>
    new Promise((resolve, reject) => {
      const client = createClient({ host: '127.0.0.1', port: Number(port()), ...options });
      client.get(file, local, (error: Error | null | undefined) => (error ? reject(error) : resolve(undefined)));
    });

/** `complaint`: what the client says about a missing file; curl says it by its exit status. */
interface Client {
  readonly binary: string;
  readonly how: string;
  readonly fetch: Fetch;
  readonly complaint: RegExp;
  readonly sizes?: readonly number[];
}

/** curl 7.88 takes the OACK's `tsize=0` of an empty file for an illegal value, so that one it gets without options only (C-11). */
const NOT_EMPTY = SIZES.filter((size) => size > 0);

const CLIENTS: readonly Client[] = [
  { binary: 'curl', how: 'no options', fetch: curl('--tftp-no-options'), complaint: /\(68\)/ },
  { binary: 'curl', how: 'blksize 512, tsize, timeout', fetch: curl(), complaint: /\(68\)/, sizes: NOT_EMPTY },
  {
    binary: 'curl',
    how: 'blksize 1468',
    fetch: curl('--tftp-blksize', '1468'),
    complaint: /\(68\)/,
    sizes: NOT_EMPTY,
  },
  { binary: 'atftp', how: 'no options', fetch: atftp(), complaint: /not found/i },
  {
    binary: 'atftp',
    how: 'blksize 1468, tsize, timeout 2',
    fetch: atftp('blksize 1468', 'tsize 0', 'timeout 2'),
    complaint: /not found/i,
  },
  {
    binary: 'atftp',
    how: 'blksize 512, windowsize 16',
    fetch: atftp('blksize 512', 'windowsize 16'),
    complaint: /not found/i,
  },
  {
    binary: 'node',
    how: 'npm tftp, blksize 1468, windowsize 4',
    fetch: npm({ blockSize: 1468, windowSize: 4 }),
    complaint: /not found/i,
  },
  {
    binary: 'node',
    how: 'npm tftp, blksize 512, windowsize 1',
    fetch: npm({ blockSize: 512, windowSize: 1 }),
    complaint: /not found/i,
  },
];

describe.each(CLIENTS)('$binary, $how', ({ binary, fetch, complaint, sizes = SIZES }) => {
  const there = installed(binary);
  const note = there ? '' : ` (skipped: ${binary} is not installed)`;

  test.skipIf(!there).each(sizes)(`C-17 C-18 %i bytes, byte for byte${note}`, limit, async (size) => {
    const local = join(home, `copy-${size}`);
    await fetch(`f${size}`, local);
    const copy = await readFile(local);
    expect(copy.length).toBe(size);
    expect(digest(copy)).toBe(digest(content(size)));
    await expect.poll(() => reports.pop()).toMatchObject({ outcome: 'complete', size, bytes: size });
    await rm(local);
  });

  test.skipIf(!there)(`C-23 a missing file is an error for the client${note}`, limit, async () => {
    await expect(fetch('nowhere', join(home, 'none'))).rejects.toThrow(complaint);
    const missing = { outcome: 'missing', file: expect.stringContaining('nowhere') };
    await expect.poll(() => reports.pop()).toMatchObject(missing);
  });
});
