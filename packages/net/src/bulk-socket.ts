import { openDatagrams, type Datagrams, type DatagramsOptions, type Peer } from './datagrams.ts';
import { parseIPv4 } from './ip.ts';
import { loadSystemCalls, socketAddress, socketInteger, udpDescriptor, type SystemCalls } from './system-calls.ts';

const IPPROTO_IP = 0;
const IP_MTU_DISCOVER = 10;
const IP_PMTUDISC_DONT = 0;
const IPPROTO_UDP = 17;
const UDP_SEGMENT = 103;

/** What one call may hand to the kernel for splitting: UDP_MAX_SEGMENTS, and what fits into one IP datagram. */
const SEGMENTS_MAX = 64;
const RUN_MAX = 65_000;
/** A smaller segment size would split the answers that are not part of a run. */
const SEGMENT_MIN = 512;

/** Errors of a run that say "this device does not split": from then on the socket sends one datagram a call. */
const CANNOT_SPLIT: ReadonlySet<string> = new Set(['EINVAL', 'EIO', 'EMSGSIZE', 'EOPNOTSUPP']);

export interface BulkOptions extends Pick<DatagramsOptions, 'onMessage' | 'onError'> {
  /** The address of ours to send from; the port is a new one. */
  readonly local: string;
  /** Who gets the bulk. */
  readonly peer: Peer;
  /** Bytes of each datagram of a run but the last. */
  readonly segment: number;
}

/** A UDP socket that has a lot to say to one peer. */
export interface BulkSocket extends Datagrams {
  /** Sends datagrams of `segment` bytes that lie one after the other; the last one may be shorter. `done` gets the error, if any, once or more. */
  sendRun(run: Uint8Array, done?: (error: Error | null) => void): void;
}

/** Opens sockets for bulk; `load` is called once, at the first. */
export interface BulkSockets {
  /** Rejects with the system error, and leaves nothing open. */
  open(options: BulkOptions): Promise<BulkSocket>;
}

/**
 * Where the system calls can be had (Linux, koffi), a run of datagrams is one call and the kernel splits it (UDP GSO; C-35),
 * and no datagram says "do not fragment" (C-10). Everywhere else, Node's own sockets do the same, one datagram a call.
 */
export function bulkSockets(load: () => Promise<SystemCalls> = loadSystemCalls): BulkSockets {
  let loaded: Promise<SystemCalls | undefined> | undefined;
  return {
    async open(options) {
      loaded ??= load().catch(() => undefined);
      const calls = await loaded;
      return calls === undefined ? await openPlain(options) : await openFast(options, calls);
    },
  };
}

async function openPlain({ local, peer, segment, ...handlers }: BulkOptions): Promise<BulkSocket> {
  const socket = await openDatagrams({ address: local, port: 0 }, handlers);
  return { ...socket, sendRun: (run, done) => oneByOne(run, segment, (part) => socket.send(part, peer, done)) };
}

async function openFast({ local, peer, segment, ...handlers }: BulkOptions, calls: SystemCalls): Promise<BulkSocket> {
  const fd = openDescriptor(local, calls);
  const splits =
    segment >= SEGMENT_MIN && calls.setsockopt(fd, IPPROTO_UDP, UDP_SEGMENT, socketInteger(segment), 4) === 0;
  const socket = await openDatagrams({ fd }, handlers);
  const address = socketAddress(parseIPv4(peer.address) ?? 0, peer.port);
  let atOnce = splits ? Math.min(SEGMENTS_MAX, Math.floor(RUN_MAX / segment)) * segment : segment;
  let open = true;

  /** The reason why it was not sent; undefined when it was. A closed descriptor may belong to somebody else by now. */
  const hand = (bytes: Uint8Array): string | undefined => {
    if (!open || calls.sendto(fd, bytes, bytes.length, 0, address, address.length) >= 0) return undefined;
    return calls.errno();
  };
  /** What the kernel has no room for now waits in Node's queue. */
  const send = (bytes: Uint8Array, done?: (error: Error | null) => void) => {
    const failed = hand(bytes);
    if (failed === 'EAGAIN') oneByOne(bytes, segment, (part) => socket.send(part, peer, done));
    else if (failed !== undefined && bytes.length > segment && CANNOT_SPLIT.has(failed)) {
      atOnce = segment;
      oneByOne(bytes, segment, (part) => send(part, done));
    } else if (failed !== undefined) done?.(Object.assign(new Error(`sendto ${failed}`), { code: failed }));
  };

  return {
    ...socket,
    sendRun: (run, done) => oneByOne(run, atOnce, (part) => send(part, done)),
    close() {
      open = false;
      return socket.close();
    },
  };
}

function openDescriptor(local: string, calls: SystemCalls): number {
  return udpDescriptor(calls, local, (fd, must) => {
    must(calls.setsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, socketInteger(IP_PMTUDISC_DONT), 4), 'IP_MTU_DISCOVER');
    must(calls.bind(fd, socketAddress(parseIPv4(local) ?? 0, 0), 16), 'bind');
  });
}

function oneByOne(run: Uint8Array, length: number, send: (part: Uint8Array) => void): void {
  if (run.length <= length) return send(run);
  for (let at = 0; at < run.length; at += length) send(run.subarray(at, at + length));
}
