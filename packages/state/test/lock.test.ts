import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, stat, symlink } from 'node:fs/promises';
import { createConnection, createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { serveControl } from '../src/control.ts';
import { askControl, lockState, StateInUse, type Json, type StateLock } from '../src/index.ts';
import { temporaryFolder } from './support.ts';

const silent = (): Json => ({});

async function lock(folder: string, handle: (request: Json) => Json | Promise<Json> = silent): Promise<StateLock> {
  const held = await lockState(folder, handle);
  onTestFinished(() => held.close());
  return held;
}

/** Leaves a socket behind that nobody listens on, as a killed process does. */
async function leaveDeadSocket(folder: string): Promise<void> {
  const program = `require('net').createServer().listen(process.argv[1], () => console.log('listening'))`;
  const child = spawn(process.execPath, ['-e', program, join(folder, 'control.sock')]);
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await once(child, 'exit');
}

describe('the lock of the state folder', () => {
  test('is the control socket, mode 0600, in a folder of mode 0700, and goes when it is given back', async () => {
    const folder = join(await temporaryFolder(), 'state');
    const held = await lock(folder);
    expect(held.path).toBe(join(folder, 'control.sock'));
    expect(await readdir(folder)).toEqual(['control.sock']);
    expect((await stat(held.path)).mode & 0o777).toBe(0o600);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    await held.close();
    await held.close();
    expect(await readdir(folder)).toEqual([]);
  });

  test('F-D 49 a second one gets one clear error and disturbs nothing', async () => {
    const folder = await temporaryFolder();
    const held = await lock(folder);
    const error = await lockState(folder, silent).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(StateInUse);
    expect(error).toMatchObject({ message: expect.stringContaining(held.path) });
    expect(await readdir(folder)).toEqual(['control.sock']);
    expect(await askControl(held.path, {})).toEqual({});
  });

  test('can be taken again once it is free', async () => {
    const folder = await temporaryFolder();
    await (await lock(folder)).close();
    expect(await readdir(folder)).toEqual([]);
    await lock(folder);
    expect(await readdir(folder)).toEqual(['control.sock']);
  });

  test('F-D 49 a socket that a killed process left is taken over', async () => {
    const folder = await temporaryFolder();
    await leaveDeadSocket(folder);
    const held = await lock(folder, () => 'new');
    expect(await askControl(held.path, null)).toBe('new');
    expect(await readdir(folder)).toEqual(['control.sock']);
  });

  test('of many that race for a dead socket exactly one gets it', async () => {
    for (let round = 0; round < 5; round += 1) {
      const folder = await temporaryFolder();
      await leaveDeadSocket(folder);
      const racers = await Promise.allSettled(Array.from({ length: 20 }, () => lock(folder)));
      expect(racers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      for (const racer of racers) if (racer.status === 'rejected') expect(racer.reason).toBeInstanceOf(StateInUse);
      expect(await readdir(folder)).toEqual(['control.sock']);
    }
  }, 60_000);

  test('a path that is too long for a socket is refused with its limit', async () => {
    const folder = join(await temporaryFolder(), 'x'.repeat(90));
    await expect(lockState(folder, silent)).rejects.toThrow(/more than 107 bytes/);
  });

  test('a folder that cannot be made is the system error', async () => {
    const folder = await temporaryFolder();
    await symlink('/nowhere/at/all', join(folder, 'state'));
    await expect(lockState(join(folder, 'state'), silent)).rejects.toThrow(/mkdir/);
  });
});

describe('the control socket', () => {
  test('answers each request with a line of JSON', async () => {
    const folder = await temporaryFolder();
    const held = await lock(folder, async (request) => ({ status: 'ready', asked: request }));
    const both = await Promise.all([askControl(held.path, { ask: 'status' }), askControl(held.path, ['ü'])]);
    expect(both).toEqual([
      { status: 'ready', asked: { ask: 'status' } },
      { status: 'ready', asked: ['ü'] },
    ]);
  });

  test('tells what went wrong', async () => {
    const folder = await temporaryFolder();
    const held = await lock(folder, () => {
      throw new Error('no such command');
    });
    expect(await askControl(held.path, 'dance')).toEqual({ error: 'no such command' });
  });

  test.each([
    ['is no JSON', 'nonsense\n', /"error"/],
    ['never ends', 'x'.repeat(100_000), /^$|"error"/],
  ])('survives a request that %s', async (_what, text, answer) => {
    const path = join(await temporaryFolder(), 'control.sock');
    const server = await serveControl(path, () => ({}), 200);
    onTestFinished(() => server.close());
    const socket = createConnection(path);
    let received = '';
    socket.on('data', (part: Buffer) => (received += part.toString()));
    socket.on('error', () => undefined);
    socket.write(text);
    await once(socket, 'close');
    expect(received).toMatch(answer);
    expect(await askControl(path, {})).toEqual({});
  });

  test('asking where nobody listens is the system error', async () => {
    const folder = await temporaryFolder();
    await expect(askControl(join(folder, 'control.sock'), {})).rejects.toThrow('ENOENT');
    await leaveDeadSocket(folder);
    await expect(askControl(join(folder, 'control.sock'), {})).rejects.toThrow('ECONNREFUSED');
  });

  test('an answer that breaks off is an error', async () => {
    const path = join(await temporaryFolder(), 'rude.sock');
    const server = createServer((socket) => socket.end('{"half'));
    await new Promise<void>((resolve) => server.listen(path, resolve));
    onTestFinished(() => void server.close());
    await expect(askControl(path, {})).rejects.toThrow('ended before');
  });

  test('closing does not wait for an idle connection', async () => {
    const folder = await temporaryFolder();
    const held = await lock(folder);
    const socket = createConnection(held.path);
    await once(socket, 'connect');
    const closed = once(socket, 'close');
    await held.close();
    await closed;
    expect(await readdir(folder)).toEqual([]);
  });
});
