import { openDatagrams, parseIPv4, type Datagrams, type Peer } from '@sower/net';

/** Requests wait here while the event loop is busy: several hundred of them. */
const RECEIVE_BUFFER = 1024 * 1024;

/** Ports of services, not of clients: answers to them could run in circles (C-29). */
const SERVICE_PORTS: ReadonlySet<number> = new Set([0, 67, 68, 69, 4011]);

/**
 * One socket per local address, so that a broadcast never arrives and each answer has the right source (C-01, C-02).
 * Rejects, with all of them closed again, when one cannot be opened.
 */
export async function listenOn(
  addresses: readonly string[],
  port: number,
  onMessage: (listener: Datagrams, payload: Buffer, from: Peer) => void,
  onError: (error: Error) => void,
): Promise<readonly Datagrams[]> {
  const listeners: Datagrams[] = [];
  try {
    for (const address of addresses) {
      if (!isUnicast(address)) throw new RangeError(`TFTP listens on unicast addresses only, not on ${address}`);
      const listener = await openDatagrams(
        { address, port },
        { onMessage: (payload, from) => onMessage(listener, payload, from), onError, receiveBuffer: RECEIVE_BUFFER },
      );
      listeners.push(listener);
    }
    return listeners;
  } catch (error) {
    await Promise.all(listeners.map((listener) => listener.close()));
    throw error;
  }
}

/** Whether a packet from this peer may ever be answered, whoever it is (C-29). */
export function isClient(peer: Peer): boolean {
  return !SERVICE_PORTS.has(peer.port) && isUnicast(peer.address);
}

/** Not 0/8, not multicast, not class E, not the limited broadcast. */
function isUnicast(address: string): boolean {
  const parsed = parseIPv4(address);
  const first = parsed === undefined ? 0 : parsed >>> 24;
  return first > 0 && first < 224;
}
