import { createHash, randomBytes } from 'node:crypto';
import { chmod, link, lstat, mkdir, unlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { codeOf } from '@sower/net';
import { reaches, serveControl, type Handler } from './control.ts';

/** The single writer's hold on a state folder. */
export interface StateLock {
  /** The control socket, absolute. */
  readonly path: string;
  /** Gives the folder free; safe to call twice. */
  close(): Promise<void>;
}

/** Another process serves from this state folder. */
export class StateInUse extends Error {
  override readonly name = 'StateInUse';
}

/** sun_path holds 108 bytes, the final NUL included (unix(7)). */
const PATH_LIMIT = 107;
const NAME = 'control.sock';

/**
 * Takes the state folder (made with mode 0700 when missing) for this process: `control.sock`, on which `handle` answers
 * requests, is the lock. Rejects with StateInUse while another process listens there, and with RangeError when the path
 * is too long for a socket. A socket that a dead process left behind is taken over.
 *
 * No two processes ever hold it: the socket listens under a private name before it is linked to the public one, which
 * only one link can win; and a dead socket may be removed only by the one that won the claim on exactly that socket.
 */
export async function lockState(folder: string, handle: Handler): Promise<StateLock> {
  const path = join(resolve(folder), NAME);
  if (Buffer.byteLength(path) > PATH_LIMIT) {
    throw new RangeError(`the state folder's path is too long for a socket: ${path} has more than ${PATH_LIMIT} bytes`);
  }
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const own = join(resolve(folder), `.${randomBytes(4).toString('hex')}`);
  const server = await serveControl(own, handle);
  try {
    await chmod(own, 0o600);
    if (!(await claim(own, path))) throw new StateInUse(`another process uses this state folder: ${path} answers`);
  } catch (error) {
    await server.close();
    throw error;
  } finally {
    await removed(own);
  }
  const mine = await identity(path);
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    if ((await identity(path)) === mine) await removed(path);
    await server.close();
  };
  return { path, close: () => (closing ??= close()) };
}

/** Links the live socket `own` to `name`; false when a live socket has that name, or is about to. */
async function claim(own: string, name: string): Promise<boolean> {
  for (;;) {
    if (await linked(own, name)) return true;
    const found = await identity(name);
    if (found === undefined) continue;
    if (await reaches(name)) return false;
    const right = join(name, '..', `.${found}`);
    if (!(await claim(own, right))) return false;
    try {
      if ((await identity(name)) === found) await removed(name);
    } finally {
      await removed(right);
    }
  }
}

async function linked(own: string, name: string): Promise<boolean> {
  try {
    await link(own, name);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Tells one socket from any later one at the same name, even if the inode number is used again. */
async function identity(name: string): Promise<string | undefined> {
  try {
    const { ino, mtimeNs } = await lstat(name, { bigint: true });
    return createHash('sha256').update(`${name} ${ino} ${mtimeNs}`).digest('hex').slice(0, 8);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function removed(name: string): Promise<void> {
  try {
    await unlink(name);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}
