import { parseIPv4, type Peer } from '@sower/net';

/** Ports of services, not of clients: answers to them could run in circles (C-29). */
const SERVICE_PORTS: ReadonlySet<number> = new Set([0, 67, 68, 69, 4011]);

/** Whether a packet from this peer may ever be answered, whoever it is (C-29). */
export function isClient(peer: Peer): boolean {
  return !SERVICE_PORTS.has(peer.port) && isUnicast(peer.address);
}

/** Not 0/8, not multicast, not class E, not the limited broadcast. */
export function isUnicast(address: string): boolean {
  const parsed = parseIPv4(address);
  const first = parsed === undefined ? 0 : parsed >>> 24;
  return first > 0 && first < 224;
}
