import {
  addressTowards,
  formatIPv4,
  openDatagrams,
  parseIPv4,
  type Datagrams,
  type DatagramsOptions,
  type Peer,
} from '@sower/net';
import { isUnicast } from './answerable.ts';

/** Where a listener listens: at a local unicast address, or on a bound socket that was handed over (N-06). */
export type ListenAt = Peer | { readonly fd: number };

/** Requests wait here while the event loop is busy: several hundred of them. */
const RECEIVE_BUFFER = 1024 * 1024;

const WILDCARD = '0.0.0.0';

/**
 * One socket per local address, so that a broadcast never arrives and each answer has the right source (C-01, C-02).
 * Only a socket that somebody else has bound may be one for all addresses. Rejects with the system error.
 */
export async function openListening(
  at: ListenAt,
  handlers: Pick<DatagramsOptions, 'onMessage' | 'onError'>,
): Promise<Datagrams> {
  if ('address' in at && !isUnicast(at.address)) {
    throw new RangeError(`TFTP listens on unicast addresses only, not on ${at.address}`);
  }
  return await openDatagrams(at, { ...handlers, receiveBuffer: RECEIVE_BUFFER });
}

/**
 * The address that answers to this peer come from (C-01). A socket for all addresses does not tell which one was asked:
 * it is taken to be ours in the peer's network, and for a peer behind a router the one that the system chooses.
 */
export function localFor(peer: Peer, listening: string): string {
  if (listening !== WILDCARD) return listening;
  const address = parseIPv4(peer.address);
  const own = address === undefined ? undefined : addressTowards(address);
  return own === undefined ? WILDCARD : formatIPv4(own);
}
