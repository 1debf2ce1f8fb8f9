import {
  loadSystemCalls,
  NoSystemCalls,
  socketAddress,
  socketInteger,
  systemError,
  udpDescriptor,
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
  const where = `${device}:${port}`;
  if (device.length === 0 || device.length > DEVICE_NAME_MAX) throw systemError('ENODEV', 'SO_BINDTODEVICE', where);
  const calls = await callsForDevices();
  const name = Buffer.from(`${device}\0`, 'latin1');
  return udpDescriptor(calls, where, (fd, must) => {
    const flag = (option: number) => calls.setsockopt(fd, SOL_SOCKET, option, socketInteger(1), 4);
    if (reuse) must(flag(SO_REUSEADDR), 'SO_REUSEADDR');
    must(flag(SO_BROADCAST), 'SO_BROADCAST');
    must(calls.setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name, name.length), 'SO_BINDTODEVICE');
    must(calls.bind(fd, socketAddress(0, port), 16), 'bind');
  });
}

async function callsForDevices(): Promise<SystemCalls> {
  try {
    return await loadSystemCalls();
  } catch (cause) {
    if (!(cause instanceof NoSystemCalls)) throw cause;
    throw new NoDeviceSockets(`no socket can be pinned to a device: ${cause.message}`, { cause });
  }
}
