import { wholeFiles, type Source, type WholeFiles } from '@sower/files';
import { bulkSockets, type BulkSockets, type Peer } from '@sower/net';
import { admission } from './admission.ts';
import { allowance } from './allowance.ts';
import { isClient } from './answerable.ts';
import { ceilings } from './ceiling.ts';
import { systemClock, type Clock } from './clock.ts';
import type { ListenAt } from './listen.ts';
import { openListener, type TftpListener } from './listener.ts';
import { pacer } from './pace.ts';
import type { Report } from './report.ts';
import type { FileFinder, Shared } from './shared.ts';

export interface TftpLimits {
  /** Transfers at a time, of all clients and of one (C-30). Requests above that are dropped, so that clients try again. */
  readonly transfers: number;
  readonly perClient: number;
  /** Bytes a second to each /24 network for clients that have not answered yet (C-28). */
  readonly unvalidatedBytes: number;
}

export interface TftpServerOptions {
  readonly source: Source | FileFinder;
  /** Whether a client at this address is served at all (C-28); addresses of this host are better not (C-29). */
  readonly isServed: (address: string) => boolean;
  /** Every request ends in one report; one that was repeated counts once. */
  readonly onEvent: (report: Report) => void;
  /** A fault of a listening socket after it was open (N-12), and where that listens. */
  readonly onFault: (error: Error, at: Peer) => void;
  /** Of the network that this local address is on, in bytes; bounds the block size (C-08). Default 1500. */
  readonly mtu?: (local: string) => number;
  /** Bytes of the largest block, asked at each request; default: what the MTU allows (C-09). */
  readonly maxBlksize?: () => number;
  /** Whether new transfers go through the port that was asked, instead of a new one each (C-01); default: no. */
  readonly singlePort?: () => boolean;
  readonly limits?: Partial<TftpLimits>;
  /** Files kept in memory, if they are to be shared with somebody else (C-33). */
  readonly cache?: WholeFiles;
  /** Default: with the system's help where that can be had. */
  readonly sockets?: BulkSockets;
  readonly clock?: Clock;
}

/** One server for all its listeners: limits, budgets, pace and cache are shared, whichever address was asked. */
export interface TftpServer {
  /** In the order of opening, those that still wait for their transfers included. */
  readonly listeners: readonly TftpListener[];
  /** Requests that are being served now, of all listeners. */
  readonly active: number;
  /**
   * Opens a listener; answers leave from the address that was asked (C-01). Rejects with the system error, and leaves
   * nothing open, when that cannot be had, and after `close` was called.
   */
  listen(at: ListenAt): Promise<TftpListener>;
  /** Closes every listener, and lets none come. */
  close(deadlineMs: number): Promise<void>;
}

const MEBIBYTE = 1024 * 1024;
const LIMITS: TftpLimits = { transfers: 1024, perClient: 16, unvalidatedBytes: MEBIBYTE };
/** A file of 64 MiB with the headers of its packets, even in small blocks; all of them together. */
const CACHE = { file: 65 * MEBIBYTE, total: 256 * MEBIBYTE };
const MTU = 1500;
/** Packets sent in one turn of the event loop, of all transfers together (C-36). */
const PACKETS_PER_TURN = 64;
/** ERROR 5 answers a second to one address (C-22). */
const STRANGERS = 10;

/** Serves files read-only over TFTP (RFC 1350, 2347, 2348, 2349, 7440), wherever it is told to listen. */
export function createTftpServer(options: TftpServerOptions): TftpServer {
  const shared = sharedOf(options);
  const listeners = new Set<TftpListener>();
  let closed = false;

  return {
    get listeners() {
      return [...listeners];
    },
    get active() {
      return shared.places.count;
    },
    async listen(at) {
      const opened = await openListener(at, shared);
      const listener: TftpListener = {
        ...opened,
        async close(deadlineMs) {
          await opened.close(deadlineMs);
          listeners.delete(listener);
        },
      };
      if (closed) {
        await opened.close(0);
        throw new Error('the TFTP server is closed');
      }
      listeners.add(listener);
      return listener;
    },
    async close(deadlineMs) {
      closed = true;
      await Promise.all([...listeners].map((listener) => listener.close(deadlineMs)));
    },
  };
}

function sharedOf(options: TftpServerOptions): Shared {
  const { source, onEvent, onFault } = options;
  const { transfers, perClient, unvalidatedBytes } = { ...LIMITS, ...options.limits };
  return {
    find: typeof source === 'function' ? source : (name) => source.open(name),
    cache: options.cache ?? wholeFiles(CACHE),
    clock: options.clock ?? systemClock,
    sockets: options.sockets ?? bulkSockets(),
    pacer: pacer(PACKETS_PER_TURN, setImmediate),
    places: admission(transfers, perClient),
    unvalidated: allowance(unvalidatedBytes),
    strangers: allowance(STRANGERS),
    answerable: (peer) => isClient(peer) && options.isServed(peer.address),
    mtu: options.mtu ?? (() => MTU),
    maxBlksize: options.maxBlksize ?? (() => Infinity),
    ceilings: ceilings(),
    singlePort: options.singlePort ?? (() => false),
    onEvent,
    onFault,
  };
}
