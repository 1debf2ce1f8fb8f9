import {
  AF_INET,
  loadSystemCalls,
  NoSystemCalls,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  socketAddress,
  socketInteger,
  type SystemCalls,
} from './system-calls.ts';

const SOL_SOCKET = 1;
const SO_REUSEADDR = 2;
const SO_BROADCAST = 6;
const SO_BINDTODEVICE = 25;
/** IFNAMSIZ - 1, include/uapi/linux/if.h */
const DEVICE_NAME_MAX = 15;

/** No socket can be pinned to a device on this platform; the message says why. */
export class NoDeviceSockets extends Error {
  override readonly name = 'NoDeviceSockets';
}

/**
 * Opens a UDP socket on 0.0.0.0:`port` that hears and speaks only on `device` (N-04, N-05), and gives its descriptor.
 * Throws NoDeviceSockets where the calls cannot be made, and an error with `code` (EADDRINUSE, ENODEV, EACCES, EPERM) when one fails.
 */
export async function deviceSocket(device: string, port: number, reuse: boolean): Promise<number> {
  if (device.length === 0 || device.length > DEVICE_NAME_MAX) {
    throw systemError('ENODEV', 'SO_BINDTODEVICE', device, port);
  }
  const calls = await callsForDevices();
  const fd = calls.socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  const must = (result: number, what: string) => {
    if (result >= 0) return;
    const code = calls.errno();
    if (fd >= 0) calls.close(fd);
    throw systemError(code, what, device, port);
  };
  const flag = (name: number) => calls.setsockopt(fd, SOL_SOCKET, name, socketInteger(1), 4);
  must(fd, 'socket');
  if (reuse) must(flag(SO_REUSEADDR), 'SO_REUSEADDR');
  must(flag(SO_BROADCAST), 'SO_BROADCAST');
  const name = Buffer.from(`${device}\0`, 'latin1');
  must(calls.setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name, name.length), 'SO_BINDTODEVICE');
  must(calls.bind(fd, socketAddress(0, port), 16), 'bind');
  return fd;
}

async function callsForDevices(): Promise<SystemCalls> {
  try {
    return await loadSystemCalls();
  } catch (cause) {
    if (!(cause instanceof NoSystemCalls)) throw cause;
    throw new NoDeviceSockets(`no socket can be pinned to a device: ${cause.message}`, { cause });
  }
}

function systemError(code: string, call: string, device: string, port: number): Error {
  return Object.assign(new Error(`${call} ${code} ${device}:${port}`), { code, syscall: call });
}
