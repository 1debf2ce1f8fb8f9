import { ANY, type IPv4 } from '@sower/net';
import { messageType, type Message } from '../wire/message.ts';
import { OPTIONS } from '../wire/options.ts';

/** Why a message is not for us, or asks for nothing we do. */
export type IgnoredReason =
  | 'not-a-request'
  | 'unsupported-type'
  | 'request-without-address'
  | 'decline-without-address'
  | 'release-without-address'
  | 'inform-without-address'
  | 'for-another-server';

/** What the client wants (A.3). `address` is the one that it means. */
export type Intent =
  | { readonly kind: 'discover'; readonly requested: IPv4 | undefined }
  /** Takes our offer; `server` is the identifier that the offer carried. */
  | { readonly kind: 'selecting'; readonly address: IPv4; readonly server: IPv4 }
  /** Takes the offer of another server. */
  | { readonly kind: 'foreign'; readonly server: IPv4 }
  | { readonly kind: 'init-reboot'; readonly address: IPv4 }
  | { readonly kind: 'renewing'; readonly address: IPv4 }
  | { readonly kind: 'rebinding'; readonly address: IPv4 }
  | { readonly kind: 'decline'; readonly address: IPv4 }
  | { readonly kind: 'release'; readonly address: IPv4 }
  | { readonly kind: 'inform'; readonly address: IPv4 }
  | { readonly kind: 'bootp' }
  | { readonly kind: 'ignored'; readonly why: IgnoredReason };

/** An intent that has an answer, even if the answer is silence. */
export type AnswerableIntent = Exclude<Intent, { readonly kind: 'ignored' }>;

/** What the datagram itself says besides its message. */
export interface Arrival {
  /** Whether it was sent to a broadcast address; false when it was sent to one of ours. */
  readonly broadcast: boolean;
  /** Whether a server identifier is one of ours. */
  isOurs(identifier: IPv4): boolean;
}

/** Finds out what a client wants: table A.3, RFC 2131 section 4.3 and table 4. */
export function intentOf(message: Message, arrival: Arrival): Intent {
  if (message.op !== 'request') return ignored('not-a-request');
  if (message.options.get(OPTIONS.messageType) === undefined) return { kind: 'bootp' };
  switch (messageType(message)) {
    case 'discover':
      return { kind: 'discover', requested: message.options.get(OPTIONS.requestedAddress) };
    case 'request':
      return requestIntent(message, arrival);
    case 'decline': {
      const address = message.options.get(OPTIONS.requestedAddress);
      if (address === undefined) return ignored('decline-without-address');
      return namesAnother(message, arrival) ? ignored('for-another-server') : { kind: 'decline', address };
    }
    case 'release':
      if (message.ciaddr === ANY) return ignored('release-without-address');
      return namesAnother(message, arrival)
        ? ignored('for-another-server')
        : { kind: 'release', address: message.ciaddr };
    case 'inform':
      return message.ciaddr === ANY ? ignored('inform-without-address') : { kind: 'inform', address: message.ciaddr };
    case 'offer':
    case 'ack':
    case 'nak':
    case undefined:
      break;
  }
  return ignored('unsupported-type');
}

/** The four states of REQUEST. Where 50 and ciaddr are both set, 50 counts. */
function requestIntent(message: Message, arrival: Arrival): Intent {
  const server = message.options.get(OPTIONS.serverId);
  const requested = message.options.get(OPTIONS.requestedAddress);
  if (server !== undefined && !arrival.isOurs(server)) return { kind: 'foreign', server };
  if (requested !== undefined) {
    return server === undefined
      ? { kind: 'init-reboot', address: requested }
      : { kind: 'selecting', address: requested, server };
  }
  if (message.ciaddr === ANY) return ignored('request-without-address');
  const unicast = message.giaddr === ANY ? !arrival.broadcast : saysUnicast(message);
  return { kind: unicast ? 'renewing' : 'rebinding', address: message.ciaddr };
}

/** Whether the relay got the request as unicast: that of a client to whom it is the server (RFC 5010, RFC 5107). */
function saysUnicast(message: Message): boolean {
  return message.options.get(OPTIONS.relayAgent)?.unicast === true;
}

function namesAnother(message: Message, arrival: Arrival): boolean {
  const server = message.options.get(OPTIONS.serverId);
  return server !== undefined && !arrival.isOurs(server);
}

function ignored(why: IgnoredReason): Intent {
  return { kind: 'ignored', why };
}
