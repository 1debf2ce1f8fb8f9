/**
 * The three socket calls that Node lacks: a UDP socket pinned to one network device (N-04, N-05).
 * Linux only. koffi is loaded at the first call, so that a process that serves no DHCP never needs it (N-07).
 */
const AF_INET = 2;
const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0o2000000;
const SOL_SOCKET = 1;
const SO_REUSEADDR = 2;
const SO_BROADCAST = 6;
const SO_BINDTODEVICE = 25;
/** IFNAMSIZ - 1, include/uapi/linux/if.h */
const DEVICE_NAME_MAX = 15;

interface SocketCalls {
  socket(domain: number, type: number, protocol: number): number;
  setsockopt(fd: number, level: number, name: number, value: Uint8Array, length: number): number;
  bind(fd: number, address: Uint8Array, length: number): number;
  close(fd: number): number;
  errno(): number;
  nameOf(errno: number): string;
}

/** The system calls cannot be had on this platform; the message says why and what to do. */
export class NoDeviceSockets extends Error {
  override readonly name = 'NoDeviceSockets';
}

/**
 * Opens a UDP socket on 0.0.0.0:`port` that hears and speaks only on `device`, and gives its descriptor.
 * Throws NoDeviceSockets where the calls cannot be made, and an error with `code` (EADDRINUSE, ENODEV, EACCES, EPERM) when one fails.
 */
export async function deviceSocket(device: string, port: number, reuse: boolean): Promise<number> {
  if (device.length === 0 || device.length > DEVICE_NAME_MAX) {
    throw systemError('ENODEV', 'SO_BINDTODEVICE', device, port);
  }
  const calls = await loadCalls();
  const fd = calls.socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  const must = (result: number, what: string) => {
    if (result >= 0) return;
    const code = calls.nameOf(calls.errno());
    if (fd >= 0) calls.close(fd);
    throw systemError(code, what, device, port);
  };
  const flag = (name: number) => calls.setsockopt(fd, SOL_SOCKET, name, Uint8Array.of(1, 0, 0, 0), 4);
  must(fd, 'socket');
  if (reuse) must(flag(SO_REUSEADDR), 'SO_REUSEADDR');
  must(flag(SO_BROADCAST), 'SO_BROADCAST');
  const name = Buffer.from(`${device}\0`, 'latin1');
  must(calls.setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name, name.length), 'SO_BINDTODEVICE');
  must(calls.bind(fd, anyAddress(port), 16), 'bind');
  return fd;
}

/** struct sockaddr_in for 0.0.0.0:port; the family is in host order, the port in network order. */
function anyAddress(port: number): Uint8Array {
  const address = new Uint8Array(16);
  new Uint16Array(address.buffer, 0, 1)[0] = AF_INET;
  address[2] = port >>> 8;
  address[3] = port & 255;
  return address;
}

async function loadCalls(): Promise<SocketCalls> {
  if (process.platform !== 'linux') {
    throw new NoDeviceSockets(`sockets pinned to a device exist only on Linux, this is ${process.platform}`);
  }
  try {
    const { default: koffi } = await import('koffi');
    const libc = koffi.load(null);
    const names = new Map(Object.entries(koffi.os.errno).map(([name, number]) => [number, name]));
    return {
      socket: libc.func('int socket(int domain, int type, int protocol)'),
      setsockopt: libc.func('int setsockopt(int fd, int level, int name, const void *value, uint32_t length)'),
      bind: libc.func('int bind(int fd, const void *address, uint32_t length)'),
      close: libc.func('int close(int fd)'),
      errno: () => koffi.errno(),
      nameOf: (errno) => names.get(errno) ?? `errno ${errno}`,
    };
  } catch (cause) {
    throw new NoDeviceSockets(
      `koffi does not load here, so no socket can be pinned to a device: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
}

function systemError(code: string, call: string, device: string, port: number): Error {
  return Object.assign(new Error(`${call} ${code} ${device}:${port}`), { code, syscall: call });
}
