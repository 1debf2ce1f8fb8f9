import { ANY, type IPv4 } from '@sower/net';
import type { Message } from '../wire/message.ts';
import { OPTIONS } from '../wire/options.ts';
import { bootReply, grant, nak, withoutRelay } from './content.ts';
import { destinationOf, mayAnswerClient, mayAnswerRelay, type Destination } from './destination.ts';
import type { Change, Facts } from './facts.ts';
import type { AnswerableIntent } from './intent.ts';
import { FOR_EVER, leaseOptions, leaseSeconds } from './lease.ts';

/** Why a client was refused. */
export type NakReason = 'nak-address-taken' | 'nak-other-address' | 'nak-unknown-client';

/** What happened to a request, in one word: log field, metric label, expectation of a test. */
export type Why =
  | 'offered'
  | 'no-free-address'
  | 'bound'
  /** Rapid commit: an ACK to a DISCOVER. */
  | 'bound-at-once'
  | 'rebooted'
  | 'renewed'
  | 'rebound'
  /** Authoritative: a lease that we did not know, made anew. */
  | 'recreated'
  | NakReason
  | 'unknown-client'
  | 'other-server-chosen'
  | 'declined'
  | 'declined-not-theirs'
  | 'released'
  | 'released-not-theirs'
  | 'informed'
  | 'bootp-served'
  /** BOOTP is for clients with a reservation. */
  | 'bootp-not-served'
  /** ciaddr is in no place that may be answered: outside the subnet, or ours. */
  | 'address-not-allowed'
  | 'relay-not-allowed';

/** A reply and where it goes. */
export interface Reply extends Message {
  readonly to: Destination;
}

/** What to do: first the change, durably where it says so, then the reply. */
export interface Outcome {
  readonly why: Why;
  readonly reply?: Reply;
  readonly change?: Change;
}

/** The part of a request that the rules need. */
export interface Asked {
  readonly message: Message;
  readonly intent: AnswerableIntent;
}

/** Option 56 of a NAK. */
const NAK_TEXT: Readonly<Record<NakReason, string>> = {
  'nak-address-taken': 'address not available',
  'nak-other-address': 'another address is yours',
  'nak-unknown-client': 'no lease known here',
};

/** Decides what a client gets: table A.3. No I/O, no clock, never throws; A-20, RFC 2131 section 4.3. */
export function respond(asked: Asked, facts: Facts): Outcome {
  const { message, intent } = asked;
  if (message.giaddr !== ANY && !mayAnswerRelay(message.giaddr, facts)) return { why: 'relay-not-allowed' };
  switch (intent.kind) {
    case 'discover':
      return offer(message, facts, intent.requested);
    case 'selecting':
      return facts.binding.mayHave(intent.address)
        ? bind('bound', message, facts, intent.address, { server: intent.server })
        : refuse('nak-address-taken', message, facts, intent.server);
    case 'foreign':
      return { why: 'other-server-chosen', change: { kind: 'drop-hold' } };
    case 'init-reboot':
      return reboot(message, facts, intent.address);
    case 'renewing':
    case 'rebinding':
      return extend(message, facts, intent.kind, intent.address);
    case 'decline':
      return facts.binding.known === intent.address
        ? { why: 'declined', change: { kind: 'decline', address: intent.address } }
        : { why: 'declined-not-theirs' };
    case 'release':
      return facts.binding.known === intent.address
        ? { why: 'released', change: { kind: 'release', address: intent.address } }
        : { why: 'released-not-theirs' };
    case 'inform':
      return inform(message, facts, intent.address);
    case 'bootp':
      return bootp(message, facts);
  }
}

function offer(message: Message, facts: Facts, requested: IPv4 | undefined): Outcome {
  const address = facts.binding.offer(requested);
  if (address === undefined) return { why: 'no-free-address' };
  if (facts.network.rapidCommit && message.options.get(OPTIONS.rapidCommit) === true) {
    return bind('bound-at-once', message, facts, address, { rapid: true });
  }
  const times = leaseOptions(leaseSeconds(message, facts.network), undefined);
  const reply = grant(message, facts, { type: 'offer', server: facts.server, yiaddr: address, ciaddr: ANY, times });
  return { why: 'offered', reply: sent(message, reply, facts), change: { kind: 'hold', address } };
}

/**
 * A client that remembers an address from before its restart. Only a sole server may refuse one that it does not know.
 */
function reboot(message: Message, facts: Facts, address: IPv4): Outcome {
  const { binding, network } = facts;
  if (binding.known === address) {
    return binding.mayHave(address)
      ? bind('rebooted', message, facts, address)
      : refuse('nak-address-taken', message, facts);
  }
  if (binding.known !== undefined) return refuse('nak-other-address', message, facts);
  return network.authoritative ? refuse('nak-unknown-client', message, facts) : { why: 'unknown-client' };
}

/** A client that has an address and wants to keep it. */
function extend(message: Message, facts: Facts, state: 'renewing' | 'rebinding', address: IPv4): Outcome {
  const { binding, network } = facts;
  if (!mayAnswerClient(address, facts)) return { why: 'address-not-allowed' };
  const extras = { ciaddr: address, spread: message.xid };
  if (binding.known === address) {
    return binding.mayHave(address)
      ? bind(state === 'renewing' ? 'renewed' : 'rebound', message, facts, address, extras)
      : refuse('nak-address-taken', message, facts);
  }
  if (network.authoritative && binding.known === undefined && binding.mayHave(address)) {
    return bind('recreated', message, facts, address, extras);
  }
  // A rebinding client that is not ours may be another server's; a renewing one asked us and nobody else.
  if (!network.authoritative && state === 'rebinding') return { why: 'unknown-client' };
  return refuse(binding.known === undefined ? 'nak-unknown-client' : 'nak-other-address', message, facts);
}

/** Settings for a client with an address of its own: no lease, and past the relay. */
function inform(message: Message, facts: Facts, address: IPv4): Outcome {
  if (!mayAnswerClient(address, facts)) return { why: 'address-not-allowed' };
  const direct = withoutRelay(message);
  const reply = grant(direct, facts, { type: 'ack', server: facts.server, yiaddr: ANY, ciaddr: address, times: [] });
  return { why: 'informed', reply: sent(direct, reply, facts) };
}

/** A BOOTP client keeps its address for ever, which only a reservation allows (A-58, RFC 1534 section 2). */
function bootp(message: Message, facts: Facts): Outcome {
  const { reserved, mayHave } = facts.binding;
  if (reserved === undefined) return { why: 'bootp-not-served' };
  if (!mayHave(reserved)) return { why: 'no-free-address' };
  if (message.ciaddr !== ANY && !mayAnswerClient(message.ciaddr, facts)) return { why: 'address-not-allowed' };
  const reply = bootReply(message, facts, reserved);
  return {
    why: 'bootp-served',
    reply: sent(message, reply, facts),
    change: { kind: 'bind', address: reserved, seconds: FOR_EVER },
  };
}

/** What differs between the ACKs; by default our identifier, no ciaddr, timers as in the OFFER. */
interface AckExtras {
  readonly server?: IPv4;
  readonly ciaddr?: IPv4;
  readonly spread?: number;
  readonly rapid?: boolean;
}

function bind(why: Why, message: Message, facts: Facts, address: IPv4, extras: AckExtras = {}): Outcome {
  const { server = facts.server, ciaddr = ANY, spread, rapid = false } = extras;
  const seconds = leaseSeconds(message, facts.network);
  const times = leaseOptions(seconds, spread);
  const reply = grant(message, facts, { type: 'ack', server, yiaddr: address, ciaddr, times, rapid });
  return { why, reply: sent(message, reply, facts), change: { kind: 'bind', address, seconds } };
}

function refuse(why: NakReason, message: Message, facts: Facts, server: IPv4 = facts.server): Outcome {
  return { why, reply: sent(message, nak(message, server, NAK_TEXT[why]), facts) };
}

function sent(request: Message, reply: Message, facts: Facts): Reply {
  return { ...reply, to: destinationOf(request, reply, facts) };
}
