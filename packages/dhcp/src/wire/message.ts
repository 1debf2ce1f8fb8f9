import { macFromBytes, type IPv4, type Mac } from '@sower/net';
import { hex } from './bytes.ts';
import type { Options } from './option-set.ts';
import { MESSAGE_TYPES, OPTIONS, type MessageTypeName } from './options.ts';

/** A DHCP or BOOTP message (RFC 2131 section 2). */
export interface Message {
  readonly op: 'request' | 'reply';
  /** Hardware type, 1 for Ethernet. */
  readonly htype: number;
  /** How many bytes of `chaddr` count, 0 to 16. */
  readonly hlen: number;
  readonly hops: number;
  readonly xid: number;
  /** Never acted on: iPXE puts debug data here. */
  readonly secs: number;
  /** The client's wish for broadcast replies (the B flag). */
  readonly broadcast: boolean;
  readonly ciaddr: IPv4;
  readonly yiaddr: IPv4;
  readonly siaddr: IPv4;
  readonly giaddr: IPv4;
  /** All 16 bytes of the field. */
  readonly chaddr: Uint8Array;
  /** Empty when option 52 puts options into the field. At most 63 bytes are sent. */
  readonly sname: string;
  /** As `sname`; at most 127 bytes are sent. */
  readonly file: string;
  /** False for BOOTP, which has no magic cookie. */
  readonly cookie: boolean;
  readonly options: Options;
}

/** The MAC address of an Ethernet client; undefined for other hardware. */
export function macOf(message: Message): Mac | undefined {
  return message.htype === 1 && message.hlen === 6 ? macFromBytes(message.chaddr) : undefined;
}

/**
 * One text for one client: hardware type and address, or the client identifier of a client that has no hardware
 * address.
 */
export function clientKey(message: Message): string {
  return message.hlen > 0
    ? `${message.htype}/${hex(message.chaddr.subarray(0, message.hlen))}`
    : `id/${hex(message.options.get(OPTIONS.clientId) ?? new Uint8Array(0))}`;
}

const TYPE_NAMES: ReadonlyMap<number, MessageTypeName> = new Map([
  [MESSAGE_TYPES.discover, 'discover'],
  [MESSAGE_TYPES.offer, 'offer'],
  [MESSAGE_TYPES.request, 'request'],
  [MESSAGE_TYPES.decline, 'decline'],
  [MESSAGE_TYPES.ack, 'ack'],
  [MESSAGE_TYPES.nak, 'nak'],
  [MESSAGE_TYPES.release, 'release'],
  [MESSAGE_TYPES.inform, 'inform'],
]);

/** What option 53 says; undefined when it is absent or none of the eight types of RFC 2131. */
export function messageType(message: Message): MessageTypeName | undefined {
  const number = message.options.get(OPTIONS.messageType);
  return number === undefined ? undefined : TYPE_NAMES.get(number);
}

/** The boot file that a reply names, in 67 or, as a proxy does, in `file` alone. */
export function bootFileOf({ options, file }: Message): string | undefined {
  return options.get(OPTIONS.bootFile) ?? (file === '' ? undefined : file);
}
