import { formatIPv4, type IPv4, type Peer } from '@sower/net';
import { limiter, type DhcpLimits } from './limits.ts';
import { clientQueue } from './queue.ts';
import { sizeLimit } from './rules/content.ts';
import type { Destination } from './rules/destination.ts';
import { intentOf, type AnswerableIntent, type IgnoredReason, type Intent } from './rules/intent.ts';
import type { Reply } from './rules/respond.ts';
import { openSockets, type InterfaceSockets, type ServedInterface } from './sockets.ts';
import { decode, type MalformedReason } from './wire/decode.ts';
import { encode } from './wire/encode.ts';
import { bootFileOf, clientKey, messageType, type Message } from './wire/message.ts';
import type { MessageTypeName } from './wire/options.ts';

/** A message that wants an answer, and how it came. */
export interface DhcpRequest {
  readonly message: Message;
  readonly intent: AnswerableIntent;
  /** Name of the interface it came in on. */
  readonly interface: string;
  /** Our address on that interface. */
  readonly server: IPv4;
  /** False when it was certainly sent to our address; on an inherited socket that cannot be told. */
  readonly broadcast: boolean;
  readonly from: Peer;
}

/** What the caller decided and has already made durable; an Outcome of `respond` is one. */
export interface Answer<W extends string> {
  readonly why: W;
  readonly reply?: Reply;
  /** Goes into the event as it is: what the caller knows and the packet does not say. */
  readonly note?: string;
}

/** What the server itself says about a datagram that got no answer. */
export type ServerWhy =
  | MalformedReason
  | IgnoredReason
  /** More from this client, or through this relay, than may be. */
  | 'rate-limited'
  /** Too many requests are waiting (G-13). */
  | 'overloaded'
  /** It waited so long that the client has asked again (G-13). */
  | 'stale'
  /** It came before all sockets were open, or after `close` was called. */
  | 'not-serving'
  | 'answer-failed'
  | 'send-failed';

/** What became of one datagram; there is exactly one for each. */
export interface DhcpEvent<W extends string> {
  readonly why: W | ServerWhy;
  readonly interface: string;
  readonly from: Peer;
  /** Absent when the bytes were no message. */
  readonly message?: Message;
  readonly intent?: Intent['kind'];
  /** The reply that was handed to the kernel. */
  readonly reply?: SentReply;
  /** The caller's own. */
  readonly note?: string;
  /** For `answer-failed` and `send-failed`. */
  readonly error?: Error;
}

export interface SentReply {
  readonly type: MessageTypeName | undefined;
  /** yiaddr: 0.0.0.0 in a NAK and in the answer to INFORM. */
  readonly address: IPv4;
  /** The boot file it names, if any. */
  readonly file: string | undefined;
  readonly to: Peer;
  /** Codes of options that found no place. */
  readonly dropped: readonly number[];
}

export interface DhcpServerOptions<W extends string> {
  readonly interfaces: readonly ServedInterface[];
  /** 67 by default. */
  readonly port?: number;
  /** Where clients listen, 68 by default. */
  readonly clientPort?: number;
  /** Server identifiers that are ours; by default the addresses of the interfaces. */
  readonly isOurs?: (identifier: IPv4, message: Message) => boolean;
  /** Decides about one request. Requests of one client come one after another, those of others meanwhile. May fail. */
  readonly answer: (request: DhcpRequest) => Promise<Answer<W>> | Answer<W>;
  readonly onEvent: (event: DhcpEvent<W>) => void;
  /** A fault that belongs to no datagram: of a socket, or thrown by `onEvent`. The server goes on. */
  readonly onError: (error: Error, interface_: string) => void;
  /** Asked at each request; by default nothing is limited. */
  readonly limits?: () => DhcpLimits;
  /** How many requests may be under way; half of that for clients without an address. */
  readonly capacity?: number;
  /** A monotonic clock in milliseconds. */
  readonly now?: () => number;
}

export interface DhcpServer {
  readonly port: number;
  /** Takes no more requests, finishes those under way, closes the sockets. Safe to call twice. */
  close(): Promise<void>;
}

/** G-13: by then every client has sent its request again. */
const STALE_AFTER_MS = 2000;

/**
 * Serves DHCP on these interfaces (N-04): decodes, asks `answer`, encodes, sends. Resolves when every socket is open;
 * rejects with DhcpSocketError or NoDeviceSockets and leaves nothing open.
 */
export async function openDhcpServer<W extends string>(options: DhcpServerOptions<W>): Promise<DhcpServer> {
  const { interfaces, port = 67, clientPort = 68, capacity = 1024, now = () => performance.now() } = options;
  const ours = new Set(interfaces.map(({ address }) => address));
  const isOurs = options.isOurs ?? ((identifier: IPv4) => ours.has(identifier));
  const queue = clientQueue(capacity);
  const { limits } = options;
  const isWithin = limits === undefined ? () => true : limiter(limits, now);
  let sockets: readonly InterfaceSockets[] = [];
  let serving = false;

  const report = (event: DhcpEvent<W>) => {
    try {
      options.onEvent(event);
    } catch (error) {
      options.onError(asError(error), event.interface);
    }
  };

  const send = async (served: ServedInterface, request: DhcpRequest, reply: Reply): Promise<SentReply> => {
    const { bytes, dropped } = encode(reply, sizeLimit(request.message, served.mtu));
    const to = peerOf(reply.to, request.from);
    const own = sockets.find((candidate) => candidate.interface === served)?.own;
    await new Promise<void>((resolve, reject) => {
      if (own === undefined) reject(new Error(`no socket on ${served.name}`));
      else own.send(bytes, to, (error) => (error === null ? resolve() : reject(error)));
    });
    return { type: messageType(reply), address: reply.yiaddr, file: bootFileOf(reply), to, dropped };
  };

  const peerOf = (to: Destination, from: Peer): Peer => {
    const ports = { client: clientPort, server: boundPort, source: from.port };
    return { address: formatIPv4(to.address), port: ports[to.port] };
  };

  const handle = async (served: ServedInterface, request: DhcpRequest, arrived: number): Promise<void> => {
    const { message, from, intent } = request;
    const about = { interface: served.name, from, message, intent: intent.kind };
    if (now() - arrived > STALE_AFTER_MS) return report({ ...about, why: 'stale' });
    let answer: Answer<W>;
    try {
      answer = await options.answer(request);
    } catch (error) {
      return report({ ...about, why: 'answer-failed', error: asError(error) });
    }
    const { why, note } = answer;
    const told = { ...about, ...(note === undefined ? {} : { note }) };
    if (answer.reply === undefined) return report({ ...told, why });
    try {
      const reply = await send(served, request, answer.reply);
      report({ ...told, why, reply });
    } catch (error) {
      report({ ...told, why: 'send-failed', error: asError(error) });
    }
  };

  const receive = (payload: Buffer, from: Peer, served: ServedInterface, broadcast: boolean) => {
    const where = { interface: served.name, from };
    if (!serving) return report({ ...where, why: 'not-serving' });
    const message = decode(payload);
    if ('malformed' in message) return report({ ...where, why: message.malformed });
    const intent = intentOf(message, { broadcast, isOurs: (identifier) => isOurs(identifier, message) });
    const about = { ...where, message, intent: intent.kind };
    if (intent.kind === 'ignored') return report({ ...about, why: intent.why });
    if (!isWithin(message)) return report({ ...about, why: 'rate-limited' });
    const urgent = intent.kind !== 'discover';
    if (!queue.hasRoom(urgent)) return report({ ...about, why: 'overloaded' });
    const request = { message, intent, interface: served.name, server: served.address, broadcast, from };
    const arrived = now();
    queue.add(`${served.name} ${clientKey(message)}`, urgent, () => handle(served, request, arrived));
  };

  sockets = await openSockets(interfaces, port, {
    onMessage: receive,
    onError: (error, served) => options.onError(error, served.name),
  });
  const boundPort = sockets[0]?.own.port ?? port;
  serving = true;

  return {
    port: boundPort,
    async close() {
      serving = false;
      await queue.idle();
      await Promise.all(sockets.flatMap(({ broadcasts, own }) => [broadcasts.close(), own.close()]));
    },
  };
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
