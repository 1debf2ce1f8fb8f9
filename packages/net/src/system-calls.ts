/** The socket calls that Node lacks, straight from the C library (N-05). Linux only. */
export interface SystemCalls {
  socket(domain: number, type: number, protocol: number): number;
  setsockopt(fd: number, level: number, name: number, value: Uint8Array, length: number): number;
  bind(fd: number, address: Uint8Array, length: number): number;
  sendto(fd: number, payload: Uint8Array, length: number, flags: number, address: Uint8Array, size: number): number;
  close(fd: number): number;
  /** Of the call before, by name: EAGAIN, ENODEV, … */
  errno(): string;
}

const AF_INET = 2;
export const SOCK_DGRAM = 2;
export const SOCK_CLOEXEC = 0o2000000;

/** The calls cannot be had on this platform; the message says why. */
export class NoSystemCalls extends Error {
  override readonly name = 'NoSystemCalls';
}

/** Loads koffi, at the first call and not before (N-07). Rejects with NoSystemCalls. */
export async function loadSystemCalls(): Promise<SystemCalls> {
  if (process.platform !== 'linux') throw new NoSystemCalls(`they exist only on Linux, this is ${process.platform}`);
  try {
    const { default: koffi } = await import('koffi');
    const libc = koffi.load(null);
    const names = new Map(Object.entries(koffi.os.errno).map(([name, number]) => [number, name]));
    return {
      socket: libc.func('int socket(int domain, int type, int protocol)'),
      setsockopt: libc.func('int setsockopt(int fd, int level, int name, const void *value, uint32_t length)'),
      bind: libc.func('int bind(int fd, const void *address, uint32_t length)'),
      sendto: libc.func(
        'int64_t sendto(int fd, const void *payload, size_t length, int flags, const void *address, uint32_t size)',
      ),
      close: libc.func('int close(int fd)'),
      errno: () => names.get(koffi.errno()) ?? `errno ${koffi.errno()}`,
    };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new NoSystemCalls(`koffi does not load here: ${reason}`, { cause });
  }
}

/** Throws where the result of a call is negative: with `code` and `syscall`, as Node's own errors have them. */
export type Must = (result: number, syscall: string) => void;

/**
 * A UDP socket as `configure` sets it up; where it throws, nothing stays open. `where` is for the message.
 */
export function udpDescriptor(calls: SystemCalls, where: string, configure: (fd: number, must: Must) => void): number {
  const fd = calls.socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  const must: Must = (result, syscall) => {
    if (result >= 0) return;
    const code = calls.errno();
    if (fd >= 0) calls.close(fd);
    throw systemError(code, syscall, where);
  };
  must(fd, 'socket');
  configure(fd, must);
  return fd;
}

/** A failed call as Node's own errors tell it. */
export function systemError(code: string, syscall: string, where: string): Error {
  return Object.assign(new Error(`${syscall} ${code} ${where}`), { code, syscall });
}

/** struct sockaddr_in; the family is in host order, port and address in network order. */
export function socketAddress(address: number, port: number): Uint8Array {
  const bytes = new Uint8Array(16);
  new Uint16Array(bytes.buffer, 0, 1)[0] = AF_INET;
  new DataView(bytes.buffer).setUint16(2, port);
  new DataView(bytes.buffer).setUint32(4, address);
  return bytes;
}

/** An `int` as `setsockopt` reads it. */
export function socketInteger(value: number): Uint8Array {
  return new Uint8Array(Int32Array.of(value).buffer);
}
