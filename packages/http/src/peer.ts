import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { contains, parseIPv4, type Subnet } from '@sower/net';

/**
 * Whose request this is, as an address: the peer of the connection or, behind proxies that are listed (`http.proxies`), the
 * nearest address in X-Forwarded-For that is not one of them. Each proxy appends whom it heard, so what stands further left
 * is hearsay (D-09, F-H 37).
 */
export function peerOf(request: IncomingMessage, proxies: readonly Subnet[]): string {
  const peer = unmapped(request.socket.remoteAddress ?? '');
  if (!isAmong(proxies, peer)) return peer;
  // Node joins repeated X-Forwarded-For fields with commas.
  const forwarded = request.headers['x-forwarded-for'];
  const heard = (typeof forwarded === 'string' ? forwarded.split(',') : []).map((entry) => unmapped(entry.trim()));
  let nearest = peer;
  for (const address of heard.toReversed()) {
    if (isIP(address) === 0) break;
    nearest = address;
    if (!isAmong(proxies, address)) break;
  }
  return nearest;
}

/** Whether an address, as text, is in one of the networks. */
export function isAmong(networks: readonly Subnet[], address: string): boolean {
  const value = parseIPv4(unmapped(address));
  return value !== undefined && networks.some((network) => contains(network, value));
}

/** An IPv4 peer of a dual-stack socket reads as IPv4. */
export function unmapped(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '');
}
