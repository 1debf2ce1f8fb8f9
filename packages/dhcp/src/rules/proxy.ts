import { ANY } from '@sower/net';
import type { Message } from '../wire/message.ts';
import { option, Options } from '../wire/option-set.ts';
import { MESSAGE_TYPES, OPTIONS } from '../wire/options.ts';
import { fileField, proxyOptions } from './boot-options.ts';
import { echo, header, relayEcho } from './content.ts';
import { destinationOf, mayAnswerRelay } from './destination.ts';
import type { BootFields, Facts } from './facts.ts';
import type { Asked, Reply } from './respond.ts';

/** What a proxy's answer depends on: neither addresses nor settings, which are another server's. */
export type ProxyFacts = Pick<Facts, 'server' | 'isOurs' | 'knowsRelay' | 'network' | 'boot'>;

/** Why a client got an OFFER without an address, or nothing. */
export type ProxyWhy =
  | 'proxy-offered'
  /** Everything but DISCOVER is between the client and the server that gave it its address (B-14). */
  | 'not-for-a-proxy'
  /** The client does not boot from the network, or not from us. */
  | 'nothing-to-boot'
  | 'relay-not-allowed';

export interface ProxyOutcome {
  readonly why: ProxyWhy;
  readonly reply?: Reply;
}

/** Decides what a client gets on port 67 where another server gives the addresses (B-10, B-11, B-14). Never throws. */
export function respondAsProxy({ message, intent }: Asked, facts: ProxyFacts): ProxyOutcome {
  if (intent.kind !== 'discover') return { why: 'not-for-a-proxy' };
  if (message.giaddr !== ANY && !mayAnswerRelay(message.giaddr, facts)) return { why: 'relay-not-allowed' };
  if (facts.boot === undefined) return { why: 'nothing-to-boot' };
  const reply = proxyOffer(message, facts, facts.boot);
  return { why: 'proxy-offered', reply: { ...reply, to: destinationOf(message, reply, facts) } };
}

/** An OFFER without address, lease, router or mask (B-14). iPXE ignores one whose siaddr is 0, and so it never is. */
function proxyOffer(request: Message, { server }: ProxyFacts, boot: BootFields): Message {
  return {
    ...header(request),
    broadcast: true,
    siaddr: boot.nextServer,
    file: fileField(boot),
    options: Options.of([
      option(OPTIONS.messageType, MESSAGE_TYPES.offer),
      option(OPTIONS.serverId, server),
      ...proxyOptions(boot),
      ...echo(request, OPTIONS.machineId),
      ...echo(request, OPTIONS.clientId),
      ...relayEcho(request),
    ]),
  };
}
