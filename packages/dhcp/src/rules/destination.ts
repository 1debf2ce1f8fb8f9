import { ANY, contains, isHostAddress, isHostOf, LIMITED_BROADCAST, type IPv4 } from '@sower/net';
import { messageType, type Message } from '../wire/message.ts';
import { OPTIONS } from '../wire/options.ts';
import type { Facts } from './facts.ts';

/** Where a reply goes: the server knows the numbers behind the three ports. */
export interface Destination {
  readonly address: IPv4;
  /** `client` is 68, `server` 67 (a relay listens there), `source` the port that the request came from (RFC 8357). */
  readonly port: 'client' | 'server' | 'source';
}

/** What of the facts a way back depends on. */
type Whereabouts = Pick<Facts, 'network' | 'server' | 'isOurs'>;

/**
 * A reply's way back (A-49, RFC 2131 section 4.1): to the relay, else to the address that the client has, else to
 * everybody on the link, whatever the B flag says: nobody answers ARP for an address not taken yet (N-09).
 */
export function destinationOf(request: Message, reply: Message, facts: Whereabouts): Destination {
  if (reply.giaddr !== ANY) {
    const agent = request.options.get(OPTIONS.relayAgent);
    return { address: reply.giaddr, port: agent?.sourcePort === true ? 'source' : 'server' };
  }
  if (reply.ciaddr !== ANY) return { address: reply.ciaddr, port: 'client' };
  if (messageType(reply) === 'nak' && isRouted(request, facts)) return { address: request.ciaddr, port: 'client' };
  return { address: LIMITED_BROADCAST, port: 'client' };
}

/**
 * Whether the client renews from another link, where no broadcast of ours arrives. Its subnet then has no
 * address of ours.
 */
function isRouted(request: Message, { network, server }: Whereabouts): boolean {
  return contains(network.subnet, request.ciaddr) && !contains(network.subnet, server);
}

/** Whether a relay may be answered: at an address that a host can have, not ours, and known. */
export function mayAnswerRelay(giaddr: IPv4, facts: Pick<Facts, 'isOurs' | 'knowsRelay'>): boolean {
  return isHostAddress(giaddr) && !facts.isOurs(giaddr) && facts.knowsRelay(giaddr);
}

/** Whether a client may be answered at the address that it says it has: one of its subnet, and not ours. */
export function mayAnswerClient(ciaddr: IPv4, facts: Whereabouts): boolean {
  return isHostOf(facts.network.subnet, ciaddr) && !facts.isOurs(ciaddr);
}
