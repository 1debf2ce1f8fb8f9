import { ipv4 } from '@sower/net';
import type { Message } from './message.ts';
import { Options } from './option-set.ts';
import { OPTIONS } from './options.ts';
import { textUntilNul } from './text.ts';

/** Why bytes are no message. */
export type MalformedReason =
  'too-short' | 'bad-op' | 'bad-hardware-length' | 'bad-hardware-type' | 'too-many-hops' | 'no-client-identity';

export interface Malformed {
  readonly malformed: MalformedReason;
  /** Where in the datagram. */
  readonly offset: number;
}

const SNAME = 44;
const FILE = 108;
/** Where the options begin; what ends here is BOOTP without any. */
const COOKIE = 236;
const OPTIONS_START = 240;
const MAGIC_COOKIE = 0x63825363;
const HOPS_MAX = 16;
const PAD = 0;
const END = 255;
/** Option 52: which header fields carry options. */
const OVERLOAD_FILE = 1;
const OVERLOAD_SNAME = 2;
const OVERLOAD_BOTH = 3;

/**
 * Reads one datagram, of a client or of a server. The message keeps views of `payload`, so that the caller must not
 * write to it again. Never throws. RFC 2131 section 2 and 4.1, A-01 to A-06.
 */
export function decode(payload: Uint8Array): Message | Malformed {
  if (payload.length < COOKIE) return { malformed: 'too-short', offset: payload.length };
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
  const op = view.getUint8(0);
  const htype = view.getUint8(1);
  const hlen = view.getUint8(2);
  const hops = view.getUint8(3);
  if (op !== 1 && op !== 2) return { malformed: 'bad-op', offset: 0 };
  if (hlen > 16) return { malformed: 'bad-hardware-length', offset: 2 };
  if (htype === 0 && hlen !== 0) return { malformed: 'bad-hardware-type', offset: 1 };
  if (hops > HOPS_MAX) return { malformed: 'too-many-hops', offset: 3 };
  const cookie = payload.length >= OPTIONS_START && view.getUint32(COOKIE) === MAGIC_COOKIE;
  const { options, overload } = cookie ? readOptions(payload) : { options: new Options(payload, []), overload: 0 };
  if (hlen === 0 && options.get(OPTIONS.clientId) === undefined) return { malformed: 'no-client-identity', offset: 2 };
  return {
    op: op === 1 ? 'request' : 'reply',
    htype,
    hlen,
    hops,
    xid: view.getUint32(4),
    secs: view.getUint16(8),
    broadcast: (view.getUint8(10) & 0x80) !== 0,
    ciaddr: ipv4(view.getUint32(12)),
    yiaddr: ipv4(view.getUint32(16)),
    siaddr: ipv4(view.getUint32(20)),
    giaddr: ipv4(view.getUint32(24)),
    chaddr: payload.subarray(28, SNAME),
    sname: (overload & OVERLOAD_SNAME) === 0 ? field(payload, SNAME, FILE) : '',
    file: (overload & OVERLOAD_FILE) === 0 ? field(payload, FILE, COOKIE) : '',
    cookie,
    options,
  };
}

function field(payload: Uint8Array, from: number, to: number): string {
  return payload[from] === 0 ? '' : textUntilNul(payload.subarray(from, to));
}

/**
 * Walks the options field, then the header fields that option 52 names: file before sname, one level, each in its
 * bounds.
 */
function readOptions(payload: Uint8Array): { options: Options; overload: number } {
  const positions: number[] = [];
  walk(payload, OPTIONS_START, payload.length, positions);
  const overload = overloadOf(payload, positions);
  if ((overload & OVERLOAD_FILE) !== 0) walk(payload, FILE, COOKIE, positions);
  if ((overload & OVERLOAD_SNAME) !== 0) walk(payload, SNAME, FILE, positions);
  return { options: new Options(payload, positions), overload };
}

/**
 * Collects the offsets of the options between `from` and `to`, up to the end mark or the first one that overruns
 * (A-03).
 */
function walk(payload: Uint8Array, from: number, to: number, positions: number[]): void {
  for (let at = from; at < to;) {
    const code = payload[at];
    if (code === END) return;
    if (code === PAD) {
      at += 1;
      continue;
    }
    const next = at + 2 + (payload[at + 1] ?? 0);
    if (at + 1 >= to || next > to) return;
    positions.push(at);
    at = next;
  }
}

function overloadOf(payload: Uint8Array, positions: readonly number[]): number {
  const at = positions.find((at) => payload[at] === OPTIONS.overload.code && payload[at + 1] === 1);
  const value = at === undefined ? 0 : (payload[at + 2] ?? 0);
  return value <= OVERLOAD_BOTH ? value : 0;
}
