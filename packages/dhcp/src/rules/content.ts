import { ANY, broadcastOf, contains, netmaskOf, type IPv4 } from '@sower/net';
import type { Message } from '../wire/message.ts';
import { option, Options, type OptionBytes } from '../wire/option-set.ts';
import { MESSAGE_TYPES, OPTIONS, type Option } from '../wire/options.ts';
import { bootOptions, fileField } from './boot-options.ts';
import type { ExtraOption, Facts } from './facts.ts';

/** What an OFFER or ACK says besides the settings of its network. */
export interface Grant {
  readonly type: 'offer' | 'ack';
  /** Option 54: in an ACK the one that the client named, since EDK2 compares it with the OFFER's. */
  readonly server: IPv4;
  readonly yiaddr: IPv4;
  /** Set in the ACK of a renewal, a rebinding or an INFORM only. */
  readonly ciaddr: IPv4;
  /** Options 51, 58, 59; none for INFORM. */
  readonly times: readonly OptionBytes[];
  /** An ACK to a DISCOVER (RFC 4039). */
  readonly rapid?: boolean;
}

/** Builds an OFFER or ACK. The encoder puts the options in order. */
export function grant(request: Message, facts: Facts, what: Grant): Message {
  return told(request, facts, what, [
    option(OPTIONS.messageType, MESSAGE_TYPES[what.type]),
    option(OPTIONS.serverId, what.server),
    ...what.times,
    ...(what.rapid === true ? [option(OPTIONS.rapidCommit, true)] : []),
    ...echo(request, OPTIONS.clientId),
    ...subnetSelection(request, facts),
  ]);
}

/** Builds the answer to BOOTP, which knows no message types and no leases (A-58, RFC 1534 section 2). */
export function bootReply(request: Message, facts: Facts, yiaddr: IPv4): Message {
  return told(request, facts, { yiaddr, ciaddr: request.ciaddr }, []);
}

/** What every client that gets settings is told, after the options that belong to its protocol. */
function told(
  request: Message,
  facts: Facts,
  { yiaddr, ciaddr }: Pick<Grant, 'yiaddr' | 'ciaddr'>,
  protocol: readonly OptionBytes[],
): Message {
  const { boot } = facts;
  return {
    ...header(request),
    ciaddr,
    yiaddr,
    siaddr: boot?.nextServer ?? ANY,
    file: boot === undefined ? '' : fileField(boot),
    options: Options.of([
      ...protocol,
      ...networkOptions(request, facts),
      ...(boot === undefined ? [] : [...echo(request, OPTIONS.machineId), ...bootOptions(boot)]),
      ...relayEcho(request),
    ]),
  };
}

/** Builds a NAK, which carries nothing but 53, 54, 56, 61 and 82. */
export function nak(request: Message, server: IPv4, text: string): Message {
  return {
    ...header(request),
    // The relay has to broadcast it: the client may not be reachable at any address.
    broadcast: request.broadcast || request.giaddr !== ANY,
    options: Options.of([
      option(OPTIONS.messageType, MESSAGE_TYPES.nak),
      option(OPTIONS.serverId, server),
      option(OPTIONS.errorText, text),
      ...echo(request, OPTIONS.clientId),
      ...relayEcho(request),
    ]),
  };
}

/** The request as if no relay had passed it on, for an answer that goes straight to the client (A-49, INFORM). */
export function withoutRelay(request: Message): Message {
  return { ...request, giaddr: ANY };
}

const IP_AND_UDP_HEADERS = 28;
const MESSAGE_SIZE_MIN = 576;
const ETHERNET_MTU = 1500;
/** A header and 64 bytes of vendor options (RFC 951). */
const BOOTP_SIZE = 300;

/**
 * How many bytes a reply may have: what the client takes (57, at least 576) and one packet of the interface
 * holds, less 28 bytes of IP and UDP headers. EDK2 claims 65,280 in its REQUEST and then ignores more than 1,472.
 */
export function sizeLimit(request: Message, mtu: number = ETHERNET_MTU): number {
  if (request.options.get(OPTIONS.messageType) === undefined) return BOOTP_SIZE;
  const asked = request.options.get(OPTIONS.maxMessageSize) ?? MESSAGE_SIZE_MIN;
  return Math.min(Math.max(asked, MESSAGE_SIZE_MIN), mtu, ETHERNET_MTU) - IP_AND_UDP_HEADERS;
}

/** Table 3 of RFC 2131, with everything empty that only some replies set. */
export function header(request: Message): Omit<Message, 'options'> {
  return {
    op: 'reply',
    htype: request.htype,
    hlen: request.hlen,
    hops: 0,
    xid: request.xid,
    secs: 0,
    broadcast: request.broadcast,
    ciaddr: ANY,
    yiaddr: ANY,
    siaddr: ANY,
    giaddr: request.giaddr,
    chaddr: request.chaddr,
    sname: '',
    file: '',
    cookie: true,
  };
}

/** 1, 3 and 28 always, for ROMs that ask for too little; then what the client wants to know. */
function networkOptions(request: Message, facts: Facts): readonly OptionBytes[] {
  const { network } = facts;
  return [
    option(OPTIONS.subnetMask, netmaskOf(network.subnet)),
    ...(network.router === undefined ? [] : [option(OPTIONS.routers, [network.router])]),
    option(OPTIONS.broadcastAddress, broadcastOf(network.subnet)),
    ...asked(request, settings(facts)),
  ];
}

/** What may be told, each code once: what is configured by itself counts more than the network's setting. */
function settings({ network, hostname, extras }: Facts): readonly ExtraOption[] {
  const own = [
    ...(network.dns.length === 0 ? [] : [unforced(OPTIONS.dnsServers, network.dns)]),
    ...(network.domain === undefined ? [] : [unforced(OPTIONS.domainName, network.domain)]),
    ...(hostname === undefined ? [] : [unforced(OPTIONS.hostName, hostname)]),
  ];
  return [...own.filter(({ code }) => extras.every((extra) => extra.code !== code)), ...extras];
}

function unforced<T>(row: Option<T>, value: T): ExtraOption {
  return { ...option(row, value), force: false };
}

/** What the client lists, in its order, then what is forced; everything if it lists nothing. */
function asked(request: Message, offered: readonly ExtraOption[]): readonly OptionBytes[] {
  const list = request.options.get(OPTIONS.parameterRequestList);
  if (list === undefined) return offered;
  const rank = ({ code }: OptionBytes) => (list.includes(code) ? list.indexOf(code) : list.length);
  return offered.filter(({ code, force }) => force || list.includes(code)).toSorted((a, b) => rank(a) - rank(b));
}

/** Gives back, byte by byte, what the client sent, if it is sound (A-19 for 61, B-08 for 97). */
export function echo(request: Message, row: Option<Uint8Array>): readonly OptionBytes[] {
  const bytes = request.options.get(row);
  return bytes === undefined ? [] : [{ code: row.code, bytes }];
}

/** 82 comes back as it was, but only to a relay (A-51, RFC 3046 section 2.2). */
export function relayEcho(request: Message): readonly OptionBytes[] {
  if (request.giaddr === ANY || request.options.get(OPTIONS.relayAgent) === undefined) return [];
  const bytes = request.options.joined(OPTIONS.relayAgent.code);
  return bytes === undefined ? [] : [{ code: OPTIONS.relayAgent.code, bytes }];
}

/** 118 comes back when it chose the subnet (RFC 3011). */
function subnetSelection(request: Message, { network }: Facts): readonly OptionBytes[] {
  const selected = request.options.get(OPTIONS.subnetSelection);
  return selected !== undefined && contains(network.subnet, selected)
    ? [option(OPTIONS.subnetSelection, selected)]
    : [];
}
