/** AF_UNIX and SOCK_DGRAM | SOCK_CLOEXEC, as Linux numbers them. */
const AF_UNIX = 1;
const SOCK_DGRAM_CLOEXEC = 2 | 0o2000000;
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
  const { default: koffi } = await import('koffi');
  const libc = koffi.load(null);
  const socket = libc.func('int socket(int domain, int type, int protocol)');
  const sendto = libc.func(
    'intptr_t sendto(int fd, const void *data, size_t length, int flags, const void *address, uint32_t size)',
  );
  const close = libc.func('int close(int fd)');
  // The family is in the byte order of the host; all that Node.js runs on here is little-endian.
  const address = Buffer.concat([Buffer.of(AF_UNIX, 0), name]);
  const fd: number = socket(AF_UNIX, SOCK_DGRAM_CLOEXEC, 0);
  const sent: number = fd < 0 ? -1 : sendto(fd, payload, payload.length, MSG_NOSIGNAL, address, address.length);
  const errno = koffi.errno();
  if (fd >= 0) close(fd);
  if (sent !== payload.length) {
    const found = Object.entries(koffi.os.errno).find(([, number]) => number === errno)?.[0] ?? `errno ${errno}`;
    throw new Error(`${path}: ${found}`);
  }
}
