import { termsFrom, type Terms } from './wire/options.ts';
import { ERROR, type Option, type Packet } from './wire/packet.ts';

/** A client's side of a transfer, without I/O. Blocks are counted from 1 without wrapping. */
export interface Receiver {
  readonly asked: readonly Option[];
  readonly terms: Terms;
  /** The options of the OACK; empty while there was none. */
  readonly accepted: readonly Option[];
  /** The block that comes next. */
  readonly next: number;
  /** Blocks since the last ACK. */
  readonly pending: number;
  /** The last block that came out of order: one ACK for each pass of the sender is enough (RFC 7440 section 4). */
  readonly stray: number | undefined;
}

/** What to do about a packet: send an answer, keep a payload, stop. */
export interface Reaction {
  readonly reply?: Packet;
  readonly payload?: Uint8Array;
  readonly end?: 'complete' | { readonly code: number; readonly message: string };
}

/** A client that has just sent its request with these options. */
export function receiver(asked: readonly Option[]): Receiver {
  return { asked, terms: termsFrom([]), accepted: [], next: 1, pending: 0, stray: undefined };
}

/** The next state, and what to do. Packets that make no sense are ignored. */
export function receive(state: Receiver, packet: Packet): readonly [Receiver, Reaction] {
  if (packet.type === 'data') return block(state, packet.block, packet.payload);
  if (packet.type === 'oack') return agreed(state, packet.options);
  if (packet.type === 'error') return [state, { end: { code: packet.code, message: packet.message } }];
  return [state, {}];
}

/** The ACK of all that came in order. */
export function ackOf(state: Receiver): Packet {
  return { type: 'ack', block: (state.next - 1) % 65536 };
}

function agreed(state: Receiver, options: readonly Option[]): readonly [Receiver, Reaction] {
  if (state.next > 1 || state.pending > 0) return [state, {}];
  const terms = termsFrom(options);
  const wanted = termsFrom(state.asked);
  if (terms.blksize > wanted.blksize || terms.windowsize > wanted.windowsize) {
    return stop(state, 8, 'OACK exceeds the request');
  }
  const next = { ...state, terms, accepted: options };
  return [next, { reply: ackOf(next) }];
}

function block(state: Receiver, wire: number, payload: Uint8Array): readonly [Receiver, Reaction] {
  const { blksize, windowsize } = state.terms;
  const number = state.next + (((wire - state.next) << 16) >> 16);
  if (number !== state.next) {
    const again = state.stray === undefined || number <= state.stray;
    const next = { ...state, stray: number, pending: 0 };
    return [next, again ? { reply: ackOf(next) } : {}];
  }
  if (payload.length > blksize) return stop(state, ERROR.illegal, 'Block too long');
  const last = payload.length < blksize;
  const due = last || state.pending + 1 >= windowsize;
  const next = { ...state, next: number + 1, pending: due ? 0 : state.pending + 1, stray: undefined };
  return [next, { payload, ...(due ? { reply: ackOf(next) } : {}), ...(last ? { end: 'complete' } : {}) }];
}

function stop(state: Receiver, code: number, message: string): readonly [Receiver, Reaction] {
  return [state, { reply: { type: 'error', code, message }, end: { code, message } }];
}
