import type { Datagrams, Peer } from '@sower/net';
import { localFor, openListening, type ListenAt } from './listen.ts';
import { onePort } from './one-port.ts';
import { recent } from './recent.ts';
import { REFUSALS, whyRefused } from './refusal.ts';
import type { Report } from './report.ts';
import { reportOf, startSession, type Asked, type Session } from './session.ts';
import { network24, type Shared } from './shared.ts';
import { decode, encode } from './wire/packet.ts';

/** One open socket of a server, and the transfers that were asked for there. */
export interface TftpListener extends Peer {
  /** Accepts nothing new, lets its transfers finish for so many ms, then aborts them. Resolves when all is closed; safe to call twice. */
  close(deadlineMs: number): Promise<void>;
}

/** A request that comes again so soon after its file was delivered is an old one (C-21). */
const DELIVERED = 1000;

/** Rejects with the system error, and leaves nothing open. */
export async function openListener(at: ListenAt, shared: Shared): Promise<TftpListener> {
  const { clock, places } = shared;
  const delivered = recent(DELIVERED);
  const sessions = new Set<Session>();
  const current = new Map<string, { readonly payload: Buffer; readonly session: Session }>();
  const own = onePort(() => socket);
  let closing = false;
  let ended = () => {};
  const empty = new Promise<void>((resolve) => (ended = resolve));

  function onMessage(payload: Buffer, peer: Peer): void {
    const packet = decode(payload);
    const isRequest = packet?.type === 'rrq' || packet?.type === 'wrq';
    if ((!isRequest && own.deliver(payload, peer)) || closing) return;
    const request = isRequest ? packet : NO_REQUEST;
    const outcome = shared.answerable(peer) ? (isRequest ? whyRefused(packet) : 'malformed') : 'unserved';
    const local = outcome === 'unserved' ? socket.address : localFor(peer, socket.address);
    const asked: Asked = { request, peer, local };
    if (outcome === undefined) admit(payload, asked);
    else conclude({ ...reportOf(asked), outcome, detail: packet?.type ?? `${payload.length} bytes` });
  }

  /** C-21: one transfer for each client port, however often it asks. */
  function admit(payload: Buffer, asked: Asked): void {
    const { address, port } = asked.peer;
    const client = `${address}:${port}`;
    const request = `${client} ${payload.toString('latin1')}`;
    const before = current.get(client);
    if (before?.payload.equals(payload) === true && before.session.repeated()) return;
    if (delivered.has(request, clock.now())) return;
    before?.session.stop('replaced');
    if (!places.enter(address)) {
      return conclude({ ...reportOf(asked), outcome: 'overload', detail: `${places.count} transfers` });
    }
    const sockets = shared.singlePort() ? own.sockets : shared.sockets;
    const session = startSession(asked, { ...shared, sockets }, (report) => {
      places.leave(address);
      sessions.delete(session);
      if (current.get(client)?.session === session) current.delete(client);
      if (report.outcome === 'complete') delivered.add(request, clock.now());
      conclude(report);
      if (closing && sessions.size === 0) ended();
    });
    sessions.add(session);
    current.set(client, { payload, session });
  }

  /** Tells the client, unless a transfer has done so (then the size is known), and reports. */
  function conclude(report: Report): void {
    const refusal = report.size === undefined && !closing ? REFUSALS.get(report.outcome) : undefined;
    if (refusal !== undefined) {
      const bytes = encode({ type: 'error', ...refusal });
      const allowed = shared.unvalidated(network24(report.peer.address), bytes.length, clock.now());
      if (allowed) socket.send(bytes, report.peer);
    }
    shared.onEvent(report);
  }

  const socket: Datagrams = await openListening(at, { onMessage, onError: (error) => shared.onFault(error, socket) });
  return {
    address: socket.address,
    port: socket.port,
    async close(deadlineMs) {
      closing = true;
      if (own.active === 0) await socket.close();
      const abort = () => sessions.forEach((session) => session.stop('aborted'));
      const cancel = clock.after(deadlineMs, abort);
      if (deadlineMs <= 0) abort();
      if (sessions.size === 0) ended();
      await empty;
      cancel();
      await socket.close();
    },
  };
}

const NO_REQUEST: Asked['request'] = { type: 'rrq', file: '', mode: '', options: [] };
