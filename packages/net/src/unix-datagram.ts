import { loadSystemCalls, SOCK_CLOEXEC, SOCK_DGRAM } from './system-calls.ts';

const AF_UNIX = 1;
const MSG_NOSIGNAL = 0x4000;
/** sizeof(sun_path) */
const PATH_MAX = 108;

/**
 * Sends one datagram to a Unix socket, which Node.js cannot: `path` in the file system, or in the abstract name space with a
 * leading @ (unix(7)). It is there when this resolves. Rejects where there is no such socket, or koffi does not load.
 */
export async function sendUnixDatagram(path: string, payload: Uint8Array): Promise<void> {
  const name = Buffer.from(path.replace(/^@/, '\0'));
  if (name.length >= PATH_MAX) throw new Error(`${path} is longer than a socket's path can be`);
  const calls = await loadSystemCalls();
  // The family is in the byte order of the host; all that Node.js runs on here is little-endian.
  const address = Buffer.concat([Buffer.of(AF_UNIX, 0), name]);
  const fd = calls.socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  const sent = fd < 0 ? -1 : calls.sendto(fd, payload, payload.length, MSG_NOSIGNAL, address, address.length);
  const failure = sent === payload.length ? undefined : calls.errno();
  if (fd >= 0) calls.close(fd);
  if (failure !== undefined) throw new Error(`${path}: ${failure}`);
}
