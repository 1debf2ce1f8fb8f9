import { mkdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { NOTE, REPOSITORY, SKIP } from './lab/available.ts';
import { run } from './lab/command.ts';
import { startDhclient } from './lab/dhcp-clients.ts';
import { get } from './lab/http.ts';
import { openLab, type Lab } from './lab/lab.ts';
import type { Program } from './lab/program.ts';
import { sowerCommand, startSower } from './lab/sower.ts';

const SERVER = 'http://192.168.50.1:10000';
const MEBIBYTE = 1024 * 1024;

describe.skipIf(SKIP)(`start and stop${NOTE}`, () => {
  let lab: Lab;
  let data: string;

  const running: Program[] = [];
  /** Serves data of its own from the state folder that all of them share. */
  const serveOnce = async (text: string, ...before: readonly string[]): Promise<Program> => {
    const file = join(lab.folder, 'once.yaml');
    await writeFile(file, text);
    const words = [process.execPath, sowerCommand(REPOSITORY), 'serve', '--data', file, '--json'];
    const [command = process.execPath, ...rest] = [...before, ...words];
    const program = await lab.start('once', command, rest);
    running.push(program);
    return program;
  };
  /** The sockets that anybody in the namespace waits on. */
  const listening = (): Promise<string> =>
    run('ip', 'netns', 'exec', lab.network.name, 'ss', '-H', '-l', '-n', '-t', '-u');
  /** A start that must fail: its exit status and what it said. */
  const failed = async (text: string) => {
    const before = await listening();
    const program = await serveOnce(text);
    const status = await program.exits(15_000);
    expect(await listening()).toBe(before);
    return { status, lines: (await program.output()).trimEnd().split('\n') };
  };

  beforeAll(async () => {
    lab = await openLab(REPOSITORY, 'stop', '192.168.50.1/24');
    data = await readFile(join(REPOSITORY, 'test/e2e/data/one.yaml'), 'utf8');
  });

  afterAll(() => lab?.close());
  afterEach(async (context) => {
    if (context.task.result?.state === 'fail') console.error(await lab.diagnosis());
    for (const program of running.splice(0)) await program.stop();
  });

  const TAKEN = [
    ['HTTP', "require('node:net').createServer().listen(10000)", /10000\/tcp.*another program has it/],
    ['admin', "require('node:net').createServer().listen(10001, '127.0.0.1')", /10001\/tcp.*another program has it/],
    [
      'TFTP',
      "require('node:dgram').createSocket('udp4').bind(69, '192.168.50.1')",
      /192\.168\.50\.1:69\/udp.*another program has it/,
    ],
    ['DHCP', "require('node:dgram').createSocket('udp4').bind(67)", /br0, port 67.*another program/],
  ] as const;

  test.each(TAKEN)('the port of %s is in use: one line, exit 1, nothing left open', async (name, script, line) => {
    const squatter = await lab.start(`takes-${name}`, process.execPath, ['-e', `${script}; console.log('has it')`]);
    await squatter.says(/has it/, 10_000);
    const { status, lines } = await failed(data);
    await squatter.stop();
    expect(lines).toEqual([expect.stringMatching(/^sower: /)]);
    expect(lines[0]).toMatch(line);
    expect(status).toBe(1);
  });

  test('an interface that does not exist: one line, exit 1', async () => {
    const { status, lines } = await failed(data.replace('interfaces: [br0]', 'interfaces: [eth7]'));
    expect(lines).toEqual([expect.stringMatching(/^sower: There is no network interface eth7/)]);
    expect(status).toBe(1);
  });

  test('a data file with errors: exit 2, each with line and column', async () => {
    const wrong = data.replace('52:54:00:5e:03:01', '52:54:00:5e:03').replace('type: create', 'type: crate');
    const { status, lines } = await failed(wrong);
    expect(lines.filter((line) => line.includes(': error: '))).toEqual([
      expect.stringMatching(/once\.yaml:7:17: error: .*52:54:00:5e:03/),
      expect.stringMatching(/once\.yaml:11:13: error: .*crate/),
    ]);
    expect(status).toBe(2);
  });

  test('a second sower on the same state folder: one line, exit 1, and the first serves on', async () => {
    const first = await startSower(REPOSITORY, lab, data);
    const { status, lines } = await failed(data.replace('appliance:', 'appliance:\n  http: { port: 11000 }'));
    expect(lines).toEqual([expect.stringMatching(/^sower: Another sower serves from this state folder/)]);
    expect(status).toBe(1);
    expect(await get(lab.network.name, `${SERVER}/healthz`)).toEqual({ status: 200, body: 'ok\n' });
    expect(await first.program.stop()).toBe(0);
  });

  test('without the right to low ports TFTP and DHCP are off, with the remedies; HTTP serves', async () => {
    const without = ['setpriv', '--bounding-set', '-net_bind_service', '--inh-caps', '-net_bind_service', '--'];
    const sower = await serveOnce(data, ...without);
    await sower.says(/"why":"ready"/, 15_000);
    const summary = await sower.output();
    expect(summary).toMatch(/TFTP +off: this process has no right to open port 69\/udp/);
    expect(summary).toMatch(/DHCP +off: this process has no right to open port 67\/udp/);
    for (const remedy of [/sudo/, /socket unit/, /setcap/]) expect(summary).toMatch(remedy);
    expect(await listening()).not.toMatch(/:6[79]\s/);
    expect(await get(lab.network.name, `${SERVER}/ipxe/52-54-00-5E-03-01`)).toMatchObject({ status: 200 });
    expect(await sower.stop()).toBe(0);
  });

  test('SIGTERM: downloads that come to their end are let through, the rest is cut; exit 0 within 10 s', async () => {
    const artifacts = join(lab.folder, 'artifacts');
    await mkdir(artifacts, { recursive: true });
    // The kernel's buffers take some of what a slow reader has not read, but never a file of this size.
    for (const [name, size] of [
      ['quick', 48],
      ['slow', 1024],
    ] as const) {
      await writeFile(join(artifacts, name), '');
      await truncate(join(artifacts, name), size * MEBIBYTE);
    }
    const sower = await startSower(REPOSITORY, lab, data);
    const host = await lab.network.addHost('reader', '52:54:00:5e:03:01');
    const client = await startDhclient(REPOSITORY, lab, host);
    await client.lease('BOUND');
    await client.program.stop();
    const download = (name: string, rate: string): Promise<Program> => {
      const words = ['-sS', '--limit-rate', rate, '-o', join(lab.folder, name), `${SERVER}/artifacts/${name}`];
      return lab.start(`curl-${name}`, 'curl', words, host);
    };
    const slow = await download('slow', '1M');
    const quick = await download('quick', '14M');
    await expect.poll(() => sizeOf(join(lab.folder, 'quick')), { timeout: 10_000 }).toBeGreaterThan(8 * MEBIBYTE);

    const asked = performance.now();
    sower.program.signal('SIGTERM');
    expect(await quick.exits(10_000)).toBe(0);
    expect(sower.program.ended()).toBeUndefined();
    expect(await sizeOf(join(lab.folder, 'quick'))).toBe(48 * MEBIBYTE);
    expect(await sower.program.exits(10_000)).toBe(0);
    expect(performance.now() - asked).toBeLessThan(10_000);
    await slow.stop();
    expect(await sower.events({ path: 'quick', delivery: 'complete' })).toHaveLength(1);
    expect(await sower.events({ path: 'slow', delivery: 'aborted' })).toHaveLength(1);
    expect((await sower.events()).at(-1)).toMatchObject({ step: 'stop', why: 'stopped' });
  });
});

async function sizeOf(file: string): Promise<number> {
  return (await stat(file).catch(() => ({ size: 0 }))).size;
}
