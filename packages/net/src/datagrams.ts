import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { deviceSocket } from './device-socket.ts';
import { parseIPv4 } from './ip.ts';

/** Where a UDP socket listens: an address, a device (pinned with SO_BINDTODEVICE), or a descriptor opened by somebody else. */
export type Where =
  | { readonly address: string; readonly port: number; readonly reuse?: boolean }
  | { readonly device: string; readonly port: number; readonly reuse?: boolean }
  | { readonly fd: number };

/** The sender of a datagram. */
export interface Peer {
  readonly address: string;
  readonly port: number;
}

export interface DatagramsOptions {
  readonly onMessage: (payload: Buffer, from: Peer) => void;
  /** A fault of the socket itself, after it was open (N-12: the interface went away). */
  readonly onError: (error: Error) => void;
  /** SO_RCVBUF in bytes (N-13); the kernel may grant less. */
  readonly receiveBuffer?: number;
  /** SO_BROADCAST: allow sends to a broadcast address. */
  readonly broadcast?: boolean;
}

/** An open UDP socket. */
export interface Datagrams {
  readonly address: string;
  readonly port: number;
  /** The receive buffer the kernel granted, in bytes as `getsockopt` reports it. */
  readonly receiveBuffer: number;
  /** Sends one datagram; several parts go out as one, without a copy. `done` gets the error of the send, if any. */
  send(payload: Uint8Array | readonly Uint8Array[], to: Peer, done?: (error: Error | null) => void): void;
  /** Resolves when the descriptor is closed; safe to call twice. */
  close(): Promise<void>;
}

/** Peers are always literals: no resolver is asked, and none may delay a send (C-34). */
function literal(
  hostname: string,
  _options: unknown,
  callback: (error: NodeJS.ErrnoException | null, address: string, family: number) => void,
): void {
  callback(null, hostname, 4);
}

/**
 * Opens a UDP socket. This is the only place that touches node:dgram.
 * Rejects with the system error (EADDRINUSE, EACCES, ENODEV, …) and leaves nothing open.
 */
export async function openDatagrams(where: Where, options: DatagramsOptions): Promise<Datagrams> {
  const socket = createSocket({
    type: 'udp4',
    reuseAddr: 'address' in where && where.reuse === true,
    lookup: literal,
  });
  const bindTo = 'fd' in where ? { fd: where.fd } : 'device' in where ? { fd: await deviceFd(where) } : { ...where };
  await bound(socket, bindTo);
  const { address, port } = socket.address();
  if (parseIPv4(address) === undefined) {
    socket.close();
    throw Object.assign(new Error(`not an IPv4 socket: [${address}]:${port}`), { code: 'EAFNOSUPPORT' });
  }
  if (options.broadcast === true) socket.setBroadcast(true);
  if (options.receiveBuffer !== undefined) grow(socket, options.receiveBuffer);
  socket.on('message', (payload: Buffer, from: RemoteInfo) => options.onMessage(payload, from));
  socket.on('error', options.onError);
  return {
    address,
    port,
    receiveBuffer: socket.getRecvBufferSize(),
    send(payload, to, done) {
      socket.send(payload, to.port, to.address, (error) => done?.(error));
    },
    close: () => closed(socket),
  };
}

async function deviceFd(where: { readonly device: string; readonly port: number; readonly reuse?: boolean }) {
  return await deviceSocket(where.device, where.port, where.reuse === true);
}

function bound(socket: Socket, to: { fd: number } | { address: string; port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (error: Error) => {
      socket.close();
      reject(error);
    };
    socket.once('error', failed);
    try {
      socket.bind({ ...to, exclusive: true }, () => {
        socket.off('error', failed);
        resolve();
      });
    } catch (error) {
      failed(error instanceof Error ? error : new Error(String(error))); // a descriptor that is no UDP socket
    }
  });
}

function grow(socket: Socket, bytes: number): void {
  // SO_RCVBUF is capped by net.core.rmem_max: asking for more is no error, the caller reads what was granted.
  socket.setRecvBufferSize(bytes);
}

function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    try {
      socket.close(() => resolve());
    } catch {
      resolve(); // already closed
    }
  });
}
