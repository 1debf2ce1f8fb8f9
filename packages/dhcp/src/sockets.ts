import { formatIPv4, NoDeviceSockets, openDatagrams, type Datagrams, type IPv4, type Peer } from '@sower/net';

/** An interface that is served. */
export interface ServedInterface {
  readonly name: string;
  /** Our address there: source of every reply, and server identifier. */
  readonly address: IPv4;
  /** Bytes; 1500 by default. Replies are never fragmented. */
  readonly mtu?: number;
}

/** The two sockets of an interface (N-04). No datagram reaches both. */
export interface InterfaceSockets {
  readonly interface: ServedInterface;
  /** 0.0.0.0, pinned to the device: hears broadcasts. */
  readonly broadcasts: Datagrams;
  /** Our own address: hears what is sent to it, and sends every reply. */
  readonly own: Datagrams;
}

export interface SocketHandlers {
  onMessage(payload: Buffer, from: Peer, interface_: ServedInterface, broadcast: boolean): void;
  onError(error: Error, interface_: ServedInterface): void;
}

/** A socket could not be opened. The message names the interface, the port and the reason; nothing is left open. */
export class DhcpSocketError extends Error {
  override readonly name = 'DhcpSocketError';
  /** The system's word for it (EADDRINUSE, EACCES, ENODEV, EADDRNOTAVAIL, …). */
  readonly code: string;
  readonly interface: string;
  readonly port: number;

  constructor(where: ServedInterface, port: number, cause: unknown) {
    const code = codeOf(cause);
    const reason = REASONS[code]?.(where) ?? (cause instanceof Error ? cause.message : String(cause));
    super(`DHCP on ${where.name}, port ${port}: ${reason} (${code})`, { cause });
    this.code = code;
    this.interface = where.name;
    this.port = port;
  }
}

const REASONS: Readonly<Record<string, (where: ServedInterface) => string>> = {
  EADDRINUSE: () => 'another program on this host already has the port, perhaps another DHCP server',
  EACCES: () => 'no right to open the port',
  EPERM: () => 'no right to open the port on this interface',
  ENODEV: () => 'there is no such interface',
  EADDRNOTAVAIL: ({ address }) => `the interface does not have the address ${formatIPv4(address)}`,
};

/** Room for a burst of a few thousand clients (N-13); the kernel's default is about 150 datagrams. */
const RECEIVE_BUFFER = 4 << 20;

/**
 * Opens the sockets of all interfaces, or none: a failure closes what was open and throws DhcpSocketError
 * (NoDeviceSockets where the platform has no pinned sockets). Port 0 lets the system choose one for all interfaces.
 */
export async function openSockets(
  interfaces: readonly ServedInterface[],
  port: number,
  handlers: SocketHandlers,
): Promise<readonly InterfaceSockets[]> {
  const twice = interfaces.find(({ name }, index) => interfaces.findIndex((other) => other.name === name) !== index);
  // Each pinned socket gets every broadcast of its device: two of them would answer everything twice (N-01).
  if (twice !== undefined) throw new Error(`DHCP: the interface ${twice.name} is listed twice`);
  let chosen = port;
  // All are probed before any is opened: our own sockets would look like a stranger's.
  for (const served of interfaces) chosen = await probe(served, chosen);
  const opened: Datagrams[] = [];
  const open = async (served: ServedInterface, broadcast: boolean) => {
    const where = broadcast ? { device: served.name } : { address: formatIPv4(served.address) };
    const socket = await openDatagrams(
      { ...where, port: chosen, reuse: true },
      {
        onMessage: (payload, from) => handlers.onMessage(payload, from, served, broadcast),
        onError: (error) => handlers.onError(error, served),
        receiveBuffer: RECEIVE_BUFFER,
        broadcast: true,
      },
    );
    opened.push(socket);
    return socket;
  };
  const sockets: InterfaceSockets[] = [];
  for (const served of interfaces) {
    try {
      sockets.push({ interface: served, broadcasts: await open(served, true), own: await open(served, false) });
    } catch (cause) {
      await Promise.all(opened.map((socket) => socket.close()));
      throw explained(served, chosen, cause);
    }
  }
  return sockets;
}

/** Finds a port that is taken: with SO_REUSEADDR, which the real sockets need, nobody would notice (N-14). */
async function probe(served: ServedInterface, port: number): Promise<number> {
  const ignore = () => undefined;
  try {
    const socket = await openDatagrams({ device: served.name, port }, { onMessage: ignore, onError: ignore });
    await socket.close();
    return socket.port;
  } catch (cause) {
    throw explained(served, port, cause);
  }
}

function explained(served: ServedInterface, port: number, cause: unknown): Error {
  return cause instanceof NoDeviceSockets ? cause : new DhcpSocketError(served, port, cause);
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown';
}
