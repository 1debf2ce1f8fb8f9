import { ANY, formatIPv4, parseIPv4, type IPv4, type Peer } from '@sower/net';
import { messageType, type Message } from '../wire/message.ts';
import { option, Options } from '../wire/option-set.ts';
import { MESSAGE_TYPES, OPTIONS } from '../wire/options.ts';
import { bootServerOptions, fileField } from './boot-options.ts';
import { echo, header } from './content.ts';
import { mayAnswerClient } from './destination.ts';
import type { BootFields } from './facts.ts';
import type { ProxyFacts } from './proxy.ts';

/** Why a client of port 4011 was answered, or not. */
export type BootServerWhy =
  | 'boot-offered'
  | 'boot-acknowledged'
  | 'nothing-to-boot'
  /** No DISCOVER, REQUEST or INFORM. */
  | 'not-for-the-boot-server'
  /** It asks for an entry of a menu that we do not have, or for one that is signed (B-20). */
  | 'unknown-boot-item'
  /** It speaks from where no client of ours is. */
  | 'address-not-allowed';

/** A reply, and the address and port that the request came from. */
export interface BootServerReply extends Message {
  readonly to: Peer;
}

export interface BootServerOutcome {
  readonly why: BootServerWhy;
  readonly reply?: BootServerReply;
}

/**
 * Decides what a client gets on port 4011, whoever gave it its address (B-15, B-16, B-20). It is answered where it asked
 * from: EDK2 listens on 4011, iPXE on 68. Never throws.
 */
export function respondAsBootServer(
  message: Message,
  from: Peer,
  facts: Omit<ProxyFacts, 'knowsRelay'>,
): BootServerOutcome {
  const type = ANSWERS.get(messageType(message));
  if (message.op !== 'request' || type === undefined) return { why: 'not-for-the-boot-server' };
  const source = parseIPv4(from.address) ?? ANY;
  const address = source === ANY ? message.ciaddr : source;
  if (from.port === 0 || !mayAnswerClient(address, facts)) return { why: 'address-not-allowed' };
  const item = itemOf(message);
  if (item === 'unknown') return { why: 'unknown-boot-item' };
  if (facts.boot === undefined || facts.boot.class === 'http') return { why: 'nothing-to-boot' };
  return {
    why: type === 'offer' ? 'boot-offered' : 'boot-acknowledged',
    reply: {
      ...answer(message, type, facts.server, facts.boot, item),
      to: { address: formatIPv4(address), port: from.port },
    },
  };
}

const ANSWERS: ReadonlyMap<ReturnType<typeof messageType>, 'offer' | 'ack'> = new Map([
  ['discover', 'offer'],
  ['request', 'ack'],
  ['inform', 'ack'],
]);

function answer(
  request: Message,
  type: 'offer' | 'ack',
  server: IPv4,
  boot: BootFields,
  item: Uint8Array | undefined,
): Message {
  return {
    ...header(request),
    ciaddr: request.ciaddr,
    siaddr: boot.nextServer,
    sname: formatIPv4(boot.nextServer),
    file: fileField(boot),
    options: Options.of([
      option(OPTIONS.messageType, MESSAGE_TYPES[type]),
      option(OPTIONS.serverId, server),
      ...bootServerOptions(boot, item),
      ...echo(request, OPTIONS.machineId),
      ...echo(request, OPTIONS.clientId),
    ]),
  };
}

/** Type and layer of a boot menu's entry, two numbers of 16 bits; the only entry that we ever show has type 0 (B-24). */
const KNOWN_ITEM = 0;
/** The client wants the item with a signature (PXE 2.1, BIS). */
const SIGNED_LAYER = 0x80;

/** 43.71, if the client sent it: the entry that it chose, whole, or `unknown` (B-20). */
function itemOf(message: Message): Uint8Array | 'unknown' | undefined {
  const item = message.options.get(OPTIONS.vendorOptions)?.find(({ code }) => code === 71)?.bytes;
  if (item === undefined) return undefined;
  const [high, low, layer] = item;
  if (item.length !== 4 || high !== KNOWN_ITEM || low !== KNOWN_ITEM) return 'unknown';
  return layer !== undefined && layer >= SIGNED_LAYER ? 'unknown' : item;
}
