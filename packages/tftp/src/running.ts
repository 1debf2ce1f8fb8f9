import type { Peer } from '@sower/net';
import { createAlarm } from './alarm.ts';
import { faultOf, type Prepared } from './prepare.ts';
import { network24, type Shared } from './shared.ts';
import {
  acknowledgedBytes,
  step,
  transfer,
  type Effect,
  type Failure,
  type Step,
  type Transfer,
  type TransferOutcome,
} from './transfer.ts';
import { DATA_HEADER, decode, encode, ERROR } from './wire/packet.ts';

/** How a transfer went. */
export interface Ended {
  readonly outcome: TransferOutcome;
  readonly detail: string;
  readonly bytes: number;
  readonly resent: number;
}

/** A transfer with its own socket. */
export interface Running {
  readonly state: () => Transfer;
  /** The same request came again (C-21). */
  again(): void;
  fail(outcome: Failure, detail: string): void;
}

/**
 * Runs a transfer from a new random port of the local address (C-01). `onEnd` is called once, when socket and content are closed.
 * Rejects when no socket can be opened; the content is then still the caller's.
 */
export async function runTransfer(
  { content, negotiated }: Prepared,
  { peer, local }: { readonly peer: Peer; readonly local: string },
  shared: Shared,
  onEnd: (ended: Ended) => void,
): Promise<Running> {
  const { clock } = shared;
  const { blksize } = negotiated.terms;
  const owner = {};
  let state = transfer(content.size, negotiated);
  let packets = 0;
  let sendFault = '';
  let loading: { first: number; last: number } | undefined;

  const alarm = createAlarm(clock, () => apply(step(state, { type: 'timer', now: clock.now() })));
  const socket = await shared.sockets.open({
    local,
    peer,
    segment: blksize + DATA_HEADER,
    onMessage: receive,
    onError: (error) => apply(step(state, { type: 'fail', outcome: 'aborted', detail: error.message })),
  });

  function receive(payload: Uint8Array, from: Peer): void {
    const now = clock.now();
    if (from.address !== peer.address || from.port !== peer.port) return turnAway(from, now);
    const packet = decode(payload);
    if (packet !== undefined) apply(step(state, { type: 'packet', packet, now }));
  }

  /** C-22: the transfer goes on, whoever that is. */
  function turnAway(from: Peer, now: number): void {
    if (state.ended || !shared.answerable(from) || !shared.strangers(from.address, 1, now)) return;
    socket.send(encode({ type: 'error', code: ERROR.unknownTransfer, message: 'Unknown transfer ID' }), from);
  }

  function apply([next, effects]: Step): void {
    state = next;
    for (const effect of effects) perform(effect);
  }

  function perform(effect: Effect): void {
    if (effect.do === 'data') {
      shared.pacer.run(owner, effect.last - effect.first + 1, () => sendBlocks(effect.first, effect.last));
    } else if (effect.do === 'wait') {
      alarm.set(effect.ms);
    } else if (effect.do === 'end') {
      end(effect.outcome, effect.detail);
    } else if (effect.do === 'oack') {
      send(encode({ type: 'oack', options: effect.options }));
    } else {
      send(encode({ type: 'error', code: effect.code, message: effect.message }));
    }
  }

  function sendBlocks(first: number, last: number): void {
    if (state.ended) return;
    const run = content.packets(first, last);
    if (run === undefined) return load(first, last);
    packets += last - first + 1;
    if (mayReceive(run.length)) socket.sendRun(run, sent);
  }

  /** One read at a time; when it is done, the range that was wanted last is sent. */
  function load(first: number, last: number): void {
    const busy = loading !== undefined;
    loading = { first, last };
    if (busy) return;
    content.load(first, last).then(loaded, unreadable);
  }

  function loaded(): void {
    const wanted = loading;
    loading = undefined;
    if (wanted !== undefined) perform({ do: 'data', ...wanted });
  }

  function unreadable(error: unknown): void {
    const { outcome, detail } = faultOf(error);
    apply(step(state, { type: 'fail', outcome: outcome === 'changed' ? 'changed' : 'unreadable', detail }));
  }

  function send(packet: Uint8Array): void {
    if (mayReceive(packet.length)) socket.send(packet, peer, sent);
  }

  /** C-28: what goes to a client that has not answered yet is counted. */
  function mayReceive(bytes: number): boolean {
    return state.acknowledged || shared.unvalidated(network24(peer.address), bytes, clock.now());
  }

  /** A send that fails is a packet that was lost (C-36); the last reason goes to the log. */
  function sent(error: Error | null): void {
    if (error !== null) sendFault = error.message;
  }

  function end(outcome: TransferOutcome, detail: string): void {
    alarm.clear();
    if (state.acknowledged) learn(outcome);
    const ended = {
      outcome,
      detail: [detail, sendFault].filter((part) => part !== '').join('; '),
      bytes: acknowledgedBytes(state, content.size),
      resent: Math.max(0, packets - state.sent),
    };
    void Promise.allSettled([socket.close(), content.close()]).then(() => onEnd(ended));
  }

  /** C-09: who takes the OACK and never block 1 is behind something that swallows blocks of this size. */
  function learn(outcome: TransferOutcome): void {
    const isFirstLost = state.base === 1 && outcome === 'timeout';
    if (isFirstLost || state.base > 1) shared.ceilings.learn(peer.address, blksize, isFirstLost, clock.now());
  }

  apply(step(state, { type: 'start', now: clock.now() }));
  return {
    state: () => state,
    again: () => apply(step(state, { type: 'again', now: clock.now() })),
    fail: (outcome, detail) => apply(step(state, { type: 'fail', outcome, detail })),
  };
}
