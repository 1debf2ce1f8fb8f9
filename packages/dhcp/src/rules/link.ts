import { ANY, isHostAddress, type IPv4 } from '@sower/net';
import type { Message } from '../wire/message.ts';
import { OPTIONS } from '../wire/options.ts';
import type { AnswerableIntent } from './intent.ts';

/** An address of the link that a client is on, and what gave it. */
export interface Link {
  readonly by: 'link-selection' | 'subnet-selection' | 'relay' | 'client' | 'interface';
  readonly address: IPv4;
}

/** A request and how it came, as far as they tell the link. */
export interface Arrived {
  readonly message: Message;
  readonly intent: AnswerableIntent;
  readonly broadcast: boolean;
  /** Our address on the interface it came in on. */
  readonly server: IPv4;
}

/** Who speaks from an address of its own when it speaks to ours; whoever names an address in 50 has none yet. */
const HAS_AN_ADDRESS: ReadonlySet<AnswerableIntent['kind']> = new Set(['renewing', 'inform', 'release']);

/**
 * Which link a client is on: 82.5 of a relay (RFC 3527), 118 (RFC 3011), giaddr, ciaddr of a client that sent
 * straight to us, else the interface. The first that is there decides, also where no subnet is known for it. Without a
 * relay, 82 is something that a client made up.
 */
export function linkOf({ message, intent, broadcast, server }: Arrived): Link {
  const { giaddr, ciaddr, options } = message;
  const selected = giaddr === ANY ? undefined : options.get(OPTIONS.relayAgent)?.linkSelection;
  if (selected !== undefined) return { by: 'link-selection', address: selected };
  const subnet = options.get(OPTIONS.subnetSelection);
  if (subnet !== undefined) return { by: 'subnet-selection', address: subnet };
  if (giaddr !== ANY) return { by: 'relay', address: giaddr };
  if (ciaddr !== ANY && !broadcast && HAS_AN_ADDRESS.has(intent.kind)) return { by: 'client', address: ciaddr };
  return { by: 'interface', address: server };
}

/**
 * The server identifier that a relay wants its clients to see (82.11, RFC 5107), so that renewals pass through it too.
 * Heeded only from relays that are trusted: it takes clients away from us.
 */
export function serverOverride(message: Message, isTrusted: (giaddr: IPv4) => boolean): IPv4 | undefined {
  if (message.giaddr === ANY || !isTrusted(message.giaddr)) return undefined;
  const wanted = message.options.get(OPTIONS.relayAgent)?.serverOverride;
  return wanted !== undefined && isHostAddress(wanted) ? wanted : undefined;
}
