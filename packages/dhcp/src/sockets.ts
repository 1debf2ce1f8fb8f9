import {
  codeOf,
  adoptDatagrams,
  ANY,
  formatIPv4,
  interfaceAddresses,
  NoDeviceSockets,
  openDatagrams,
  type Adopted,
  type Datagrams,
  type IPv4,
  type Peer,
} from '@sower/net';

/** An interface that is served. */
export interface ServedInterface {
  readonly name: string;
  /** Our address there: source of every reply, and server identifier. */
  readonly address: IPv4;
  /** Bytes; 1500 by default. Replies are never fragmented. */
  readonly mtu?: number;
  /**
   * A socket that was handed over (N-06), to be used instead of opening any: on 0.0.0.0, pinned to this interface by who
   * made it. It stays open when the server closes.
   */
  readonly inherited?: Adopted;
}

/** The two sockets of an interface (N-04). No datagram reaches both. An inherited one is both. */
export interface InterfaceSockets {
  readonly interface: ServedInterface;
  /** 0.0.0.0, pinned to the device: hears broadcasts. */
  readonly broadcasts: Datagrams;
  /** Our own address: hears what is sent to it, and sends every reply. */
  readonly own: Datagrams;
}

export interface SocketHandlers {
  /** `broadcast` is false only where it is certain that the datagram was sent to our own address. */
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
    const code = codeOf(cause) ?? 'unknown';
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
const SOCKET_OPTIONS = { receiveBuffer: 4 << 20, broadcast: true };

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
  for (const served of interfaces) {
    chosen = served.inherited === undefined ? await probe(served, chosen) : suited(served, served.inherited, chosen);
  }
  const opened: Datagrams[] = [];
  const handlersOf = (served: ServedInterface, broadcast: boolean) => ({
    onMessage: (payload: Buffer, from: Peer) => handlers.onMessage(payload, from, served, broadcast),
    onError: (error: Error) => handlers.onError(error, served),
  });
  const open = async (served: ServedInterface, broadcast: boolean) => {
    const where = broadcast ? { device: served.name } : { address: formatIPv4(served.address) };
    const socket = await openDatagrams(
      { ...where, port: chosen, reuse: true },
      { ...handlersOf(served, broadcast), ...SOCKET_OPTIONS },
    );
    opened.push(socket);
    return socket;
  };
  const openBoth = async (served: ServedInterface): Promise<InterfaceSockets> => {
    if (served.inherited !== undefined) {
      // It hears renewing clients too, and nobody can tell which datagram was a broadcast. All are taken for that: a
      // renewing client that we do not know is left in peace until it rebinds, while the opposite mistake would refuse
      // the clients of another server (RFC 2131 section 4.3.2).
      const socket = served.inherited.use(handlersOf(served, true));
      opened.push(socket);
      return { interface: served, broadcasts: socket, own: socket };
    }
    return { interface: served, broadcasts: await open(served, true), own: await open(served, false) };
  };
  const sockets: InterfaceSockets[] = [];
  for (const served of interfaces) {
    try {
      sockets.push(await openBoth(served));
    } catch (cause) {
      await Promise.all(opened.map((socket) => socket.close()));
      throw explained(served, chosen, cause);
    }
  }
  return sockets;
}

/** Adopts a socket that was handed over, for `ServedInterface.inherited`; the caller closes it in the end. Rejects as `adoptDatagrams` does. */
export function adoptDhcpSocket(fd: number): Promise<Adopted> {
  return adoptDatagrams(fd, SOCKET_OPTIONS);
}

/**
 * Whether replies through an inherited socket have the right source: the port (N-04), and the address, which the system
 * takes from the interface, the first that it has. Gives the port.
 */
function suited(served: ServedInterface, { address, port }: Adopted, wanted: number): number {
  const first = interfaceAddresses().find(({ name }) => name === served.name)?.address;
  const unsuited = (text: string) => explained(served, wanted, Object.assign(new Error(text), { code: 'EINVAL' }));
  if (address !== formatIPv4(ANY) || (wanted !== 0 && port !== wanted)) {
    throw unsuited(`the inherited socket is bound to ${address}:${port}, not to 0.0.0.0:${wanted}`);
  }
  if (first !== served.address) {
    const actual = first === undefined ? 'no address at all' : formatIPv4(first);
    throw unsuited(`an inherited socket answers from ${actual}, not from ${formatIPv4(served.address)}`);
  }
  return port;
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
