import { wholeFiles, type Source, type WholeFiles } from '@sower/files';
import type { Datagrams, Peer } from '@sower/net';
import { admission } from './admission.ts';
import { allowance } from './allowance.ts';
import { systemClock, type Clock } from './clock.ts';
import { isClient, listenOn } from './listen.ts';
import { pacer } from './pace.ts';
import { recent } from './recent.ts';
import { REFUSALS, whyRefused } from './refusal.ts';
import type { Report } from './report.ts';
import { reportOf, startSession, type Asked, type Session } from './session.ts';
import { network24, type FileFinder, type Shared } from './shared.ts';
import { decode, encode } from './wire/packet.ts';

export interface TftpLimits {
  /** Transfers at a time, of all clients and of one (C-30). Requests above that are dropped, so that clients try again. */
  readonly transfers: number;
  readonly perClient: number;
  /** Bytes a second to each /24 network for clients that have not answered yet (C-28). */
  readonly unvalidatedBytes: number;
}

export interface TftpServerOptions {
  /** The local unicast addresses to listen on; answers leave from the address that was asked (C-01). */
  readonly addresses: readonly string[];
  /** UDP port of the listeners; 0 for any. */
  readonly port: number;
  readonly source: Source | FileFinder;
  /** Whether a client at this address is served at all (C-28); addresses of this host are better not (C-29). */
  readonly isServed: (address: string) => boolean;
  /** Every request ends in one report; one that was repeated counts once. */
  readonly onEvent: (report: Report) => void;
  /** A fault of a listening socket after it was open (N-12). */
  readonly onFault: (error: Error) => void;
  /** Of the networks towards the clients, in bytes; bounds the block size (C-08). Default 1500. */
  readonly mtu?: number;
  readonly limits?: Partial<TftpLimits>;
  /** Files kept in memory, if they are to be shared with somebody else (C-33). */
  readonly cache?: WholeFiles;
  readonly clock?: Clock;
}

export interface TftpServer {
  /** Where it listens, in the order of `addresses`. */
  readonly listening: readonly Peer[];
  /** Requests that are being served now. */
  readonly active: number;
  /** Accepts nothing new, lets transfers finish for so many ms, then aborts them. Resolves when all is closed. */
  close(deadlineMs: number): Promise<void>;
}

const MEBIBYTE = 1024 * 1024;
const LIMITS: TftpLimits = { transfers: 1024, perClient: 16, unvalidatedBytes: MEBIBYTE };
const CACHE = { file: 64 * MEBIBYTE, total: 256 * MEBIBYTE };
const MTU = 1500;
/** Packets sent in one turn of the event loop, of all transfers together (C-36). */
const PACKETS_PER_TURN = 64;
/** ERROR 5 answers a second to one address (C-22). */
const STRANGERS = 10;
/** A request that comes again so soon after its file was delivered is an old one (C-21). */
const DELIVERED = 1000;

/**
 * Serves files read-only over TFTP (RFC 1350, 2347, 2348, 2349, 7440).
 * Rejects with the system error, and leaves nothing open, when an address cannot be listened on.
 */
export async function openTftpServer(options: TftpServerOptions): Promise<TftpServer> {
  const shared = sharedOf(options);
  const { clock } = shared;
  const { transfers, perClient } = { ...LIMITS, ...options.limits };
  const places = admission(transfers, perClient);
  const delivered = recent(DELIVERED);
  const sessions = new Set<Session>();
  const current = new Map<string, { readonly payload: Buffer; readonly session: Session }>();
  let closing = false;
  let drained = () => {};

  function onMessage(listener: Datagrams, payload: Buffer, peer: Peer): void {
    if (closing) return;
    const packet = decode(payload);
    const isRequest = packet?.type === 'rrq' || packet?.type === 'wrq';
    const asked: Asked = { request: isRequest ? packet : NO_REQUEST, peer, local: listener.address };
    const outcome = shared.answerable(peer) ? (isRequest ? whyRefused(packet) : 'malformed') : 'unserved';
    if (outcome === undefined) admit(listener, payload, asked);
    else conclude(listener, { ...reportOf(asked), outcome, detail: packet?.type ?? `${payload.length} bytes` });
  }

  /** C-21: one transfer for each client port, however often it asks. */
  function admit(listener: Datagrams, payload: Buffer, asked: Asked): void {
    const { address, port } = asked.peer;
    const client = `${listener.address} ${address}:${port}`;
    const request = `${client} ${payload.toString('latin1')}`;
    const before = current.get(client);
    if (before?.payload.equals(payload) === true && before.session.repeated()) return;
    if (delivered.has(request, clock.now())) return;
    before?.session.stop('replaced');
    if (!places.enter(address)) {
      return conclude(listener, { ...reportOf(asked), outcome: 'overload', detail: `${places.count} transfers` });
    }
    const session = startSession(asked, shared, (report) => {
      places.leave(address);
      sessions.delete(session);
      if (current.get(client)?.session === session) current.delete(client);
      if (report.outcome === 'complete') delivered.add(request, clock.now());
      conclude(listener, report);
      if (sessions.size === 0) drained();
    });
    sessions.add(session);
    current.set(client, { payload, session });
  }

  /** Tells the client, unless a transfer has done so (then the size is known), and reports. */
  function conclude(listener: Datagrams, report: Report): void {
    const refusal = report.size === undefined && !closing ? REFUSALS.get(report.outcome) : undefined;
    if (refusal !== undefined) {
      const bytes = encode({ type: 'error', ...refusal });
      const allowed = shared.unvalidated(network24(report.peer.address), bytes.length, clock.now());
      if (allowed) listener.send(bytes, report.peer);
    }
    options.onEvent(report);
  }

  const listeners = await listenOn(options.addresses, options.port, onMessage, options.onFault);
  return {
    listening: listeners.map(({ address, port }) => ({ address, port })),
    get active() {
      return sessions.size;
    },
    async close(deadlineMs) {
      closing = true;
      await Promise.all(listeners.map((listener) => listener.close()));
      if (sessions.size === 0) return;
      const abort = () => sessions.forEach((session) => session.stop('aborted'));
      const empty = new Promise<void>((resolve) => (drained = resolve));
      const cancel = clock.after(deadlineMs, abort);
      if (deadlineMs <= 0) abort();
      await empty;
      cancel();
    },
  };
}

const NO_REQUEST: Asked['request'] = { type: 'rrq', file: '', mode: '', options: [] };

function sharedOf(options: TftpServerOptions): Shared {
  const { source } = options;
  return {
    find: typeof source === 'function' ? source : (name) => source.open(name),
    cache: options.cache ?? wholeFiles(CACHE),
    clock: options.clock ?? systemClock,
    pacer: pacer(PACKETS_PER_TURN, setImmediate),
    unvalidated: allowance(options.limits?.unvalidatedBytes ?? LIMITS.unvalidatedBytes),
    strangers: allowance(STRANGERS),
    answerable: (peer) => isClient(peer) && options.isServed(peer.address),
    mtu: options.mtu ?? MTU,
  };
}
