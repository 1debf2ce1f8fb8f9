import { ERROR, type Option, type Packet } from './wire/packet.ts';
import type { Negotiated, Terms } from './wire/options.ts';

/**
 * One file on its way to one client, without I/O: `step` says what to do about each event.
 * Blocks are counted from 1 without ever wrapping (C-17); the OACK, when there is one, counts as block 0.
 */
export interface Transfer {
  readonly terms: Terms;
  /** The OACK's options; empty when the transfer begins with DATA 1 (C-07). */
  readonly options: readonly Option[];
  /** The short block that ends the file (C-18). */
  readonly last: number;
  /** The oldest block without an ACK, and the newest that was sent. */
  readonly base: number;
  readonly sent: number;
  /** The ACK that was last taken as "the block behind this is lost": taken once only (C-16). */
  readonly lostAfter: number | undefined;
  /** How often the blocks now outstanding went out because of the timer, the first time included. */
  readonly tries: number;
  /** A valid ACK came: the client is no forged address (C-28). */
  readonly acknowledged: boolean;
  /** When the client last got further, in ms of the caller's clock. */
  readonly progressAt: number;
  readonly ended: boolean;
}

export type TransferEvent =
  | { readonly type: 'start'; readonly now: number }
  /** The request came again before any ACK (C-21). */
  | { readonly type: 'again'; readonly now: number }
  /** The time of the last `wait` is over. */
  | { readonly type: 'timer'; readonly now: number }
  | { readonly type: 'packet'; readonly packet: Packet; readonly now: number }
  /** The file can no longer be read, or this side gives up. */
  | { readonly type: 'fail'; readonly outcome: Failure; readonly detail: string };

/** `changed`, `unreadable`: the file. `aborted`: this side stops. `replaced`: the client began anew from the same port. */
export type Failure = 'changed' | 'unreadable' | 'aborted' | 'replaced';

/**
 * How a transfer ends. `probe`: the client wanted to know the size only (C-14). `cancelled`: the client sent an ERROR later on.
 * `timeout`: it fell silent.
 */
export type TransferOutcome = 'complete' | 'probe' | 'cancelled' | 'timeout' | Failure;

export type Effect =
  | { readonly do: 'oack'; readonly options: readonly Option[] }
  | { readonly do: 'data'; readonly first: number; readonly last: number }
  | { readonly do: 'error'; readonly code: number; readonly message: string }
  /** Wake me with `timer` in so many ms; replaces the wait before. */
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'end'; readonly outcome: TransferOutcome; readonly detail: string };

export type Step = readonly [Transfer, readonly Effect[]];

/** C-19: 1 s doubling to 8 s, six tries in all, 45 s without progress. */
const FIRST_WAIT = 1000;
const LONGEST_WAIT = 8000;
const TRIES = 6;
const SILENCE = 45_000;
/** C-28: to an address that has not answered yet. */
const UNACKNOWLEDGED_TRIES = 3;
/** C-20: the last window and three more times; then the client has it and just does not say so. */
const FINAL_TRIES = 4;

/** What the client is told (C-23); the detail is for the log only. A client that has begun anew is told nothing. */
const FAILURE_TEXT: Readonly<Record<Failure, string | undefined>> = {
  changed: 'File changed during the transfer',
  unreadable: 'File cannot be read',
  aborted: 'Transfer stopped by the server',
  replaced: undefined,
};

/** A transfer of `size` bytes that waits for its `start`. */
export function transfer(size: number, { accepted, terms }: Negotiated): Transfer {
  const first = accepted.length > 0 ? 0 : 1;
  return {
    terms,
    options: accepted,
    last: Math.floor(size / terms.blksize) + 1,
    base: first,
    sent: first,
    lostAfter: undefined,
    tries: 0,
    acknowledged: false,
    progressAt: 0,
    ended: false,
  };
}

/** The next state and what to do now. Whatever makes no sense is ignored. */
export function step(state: Transfer, event: TransferEvent): Step {
  if (state.ended) return [state, []];
  if (event.type === 'start') return transmit({ ...state, tries: 1, progressAt: event.now }, event.now);
  if (event.type === 'again') return repeated(state, event.now);
  if (event.type === 'timer') return overdue(state, event.now);
  if (event.type === 'fail') return fail(state, event.outcome, event.detail);
  const { packet, now } = event;
  if (packet.type === 'ack') return acked(state, packet.block, now);
  if (packet.type === 'error') return declined(state, packet.code, packet.message);
  return [state, []];
}

/** Payload bytes that the client has acknowledged, of a file of `size` bytes. */
export function acknowledgedBytes(state: Transfer, size: number): number {
  return Math.min(Math.max(state.base - 1, 0) * state.terms.blksize, size);
}

/** C-21: counts as a try, so that repeated requests draw no more than C-28 allows. */
function repeated(state: Transfer, now: number): Step {
  if (state.acknowledged || state.tries >= UNACKNOWLEDGED_TRIES) return [state, []];
  return transmit({ ...state, tries: state.tries + 1 }, now);
}

/** C-15, C-16: an ACK moves the window on; one that says "lost" sends it again, but only once; all others do nothing. */
function acked(state: Transfer, wire: number, now: number): Step {
  const block = nearest(wire, state.base - 1);
  if (block < state.base - 1 || block > state.sent) return [state, []];
  if (block === state.base - 1) {
    if (state.terms.windowsize === 1 || !state.acknowledged || block === state.lostAfter) return [state, []];
    return transmit({ ...state, lostAfter: block }, now);
  }
  const moved = { ...state, base: block + 1, acknowledged: true, tries: 1, progressAt: now };
  if (block === state.last) return end(moved, 'complete', '');
  return transmit({ ...moved, lostAfter: block < state.sent ? block : undefined }, now);
}

function declined(state: Transfer, code: number, message: string): Step {
  const probe = state.options.length > 0 && !state.acknowledged;
  return end(state, probe ? 'probe' : 'cancelled', `error ${code} ${message}`);
}

function overdue(state: Transfer, now: number): Step {
  if (state.acknowledged && state.sent === state.last && state.tries >= FINAL_TRIES) {
    return end({ ...state, base: state.last + 1 }, 'complete', 'without its final ACK');
  }
  const tries = state.acknowledged ? TRIES : UNACKNOWLEDGED_TRIES;
  if (state.tries >= tries || now - state.progressAt >= SILENCE) return end(state, 'timeout', silenceOf(state));
  return transmit({ ...state, tries: state.tries + 1, lostAfter: undefined }, now);
}

function fail(state: Transfer, outcome: Failure, detail: string): Step {
  const message = FAILURE_TEXT[outcome];
  return end(state, outcome, detail, message === undefined ? [] : [{ do: 'error', code: ERROR.other, message }]);
}

function silenceOf(state: Transfer): string {
  return state.base === 0 ? 'no answer to the OACK' : `no ACK of block ${state.base} of ${state.last}`;
}

/**
 * Sends the whole window from `base` on, or the OACK, and waits.
 * When even the second try of a window led nowhere, its first block goes out twice: a loss with the period of the window would hit it each time.
 */
function transmit(state: Transfer, now: number): Step {
  const wait: Effect = { do: 'wait', ms: Math.max(0, Math.min(waitOf(state), state.progressAt + SILENCE - now)) };
  if (state.base === 0) return [state, [{ do: 'oack', options: state.options }, wait]];
  const last = Math.min(state.base + state.terms.windowsize - 1, state.last);
  const window: Effect = { do: 'data', first: state.base, last };
  const stuck = state.tries > 2 && last > state.base;
  const insist: readonly Effect[] = stuck ? [{ do: 'data', first: state.base, last: state.base }] : [];
  return [{ ...state, sent: last }, [...insist, window, wait]];
}

function waitOf(state: Transfer): number {
  if (state.terms.timeout !== undefined) return state.terms.timeout * 1000;
  return Math.min(FIRST_WAIT * 2 ** (state.tries - 1), LONGEST_WAIT);
}

function end(state: Transfer, outcome: TransferOutcome, detail: string, before: readonly Effect[] = []): Step {
  return [{ ...state, ended: true }, [...before, { do: 'end', outcome, detail }]];
}

/** The block number nearest to `reference` that has these 16 bits on the wire (C-17). */
function nearest(wire: number, reference: number): number {
  return reference + (((wire - reference) << 16) >> 16);
}
