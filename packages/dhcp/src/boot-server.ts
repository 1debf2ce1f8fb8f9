import { openDatagrams, type Datagrams, type DatagramsOptions, type Peer } from '@sower/net';
import { clientQueue } from './queue.ts';
import type { BootServerReply } from './rules/boot-server.ts';
import { sizeLimit } from './rules/content.ts';
import type { DhcpEvent, ServerWhy } from './server.ts';
import { decode } from './wire/decode.ts';
import { encode } from './wire/encode.ts';
import { bootFileOf, clientKey, messageType, type Message } from './wire/message.ts';

/** The port of PXE boot servers (PXE 2.1 section 2.2.3). */
export const BOOT_SERVER_PORT = 4011;

/** What became of a request to the boot server; an outcome of `respondAsBootServer` is one. */
export interface BootServerAnswer<W extends string> {
  readonly why: W;
  readonly reply?: BootServerReply;
  readonly note?: string;
}

export interface BootServerOptions<W extends string> {
  /** One of our addresses and the port, or a socket that was handed over (N-06), bound to both. */
  readonly where: { readonly address: string; readonly port: number } | { readonly fd: number };
  /** What events call the place. */
  readonly interface: string;
  /** Decides about one message; `local` is the address that the socket is bound to. May fail. */
  readonly answer: (message: Message, from: Peer, local: string) => Promise<BootServerAnswer<W>>;
  /** Told exactly once of every datagram. */
  readonly onEvent: (event: DhcpEvent<W>) => void;
  readonly onError: (error: Error) => void;
  /** How many requests may be under way. */
  readonly capacity?: number;
}

export interface BootServer {
  readonly address: string;
  readonly port: number;
  /** Takes no more requests, finishes those under way, closes the socket. */
  close(): Promise<void>;
}

/**
 * Listens for PXE clients that ask for their boot file by itself (B-15, B-16). Rejects with the system's error
 * (EADDRINUSE where another boot server has the address: nothing here shares its port, N-14).
 */
export async function openBootServer<W extends string>(options: BootServerOptions<W>): Promise<BootServer> {
  const { capacity = 1024 } = options;
  const queue = clientQueue(capacity);
  let serving = true;

  const handle = async (message: Message, from: Peer): Promise<void> => {
    const about = { interface: options.interface, from, message };
    try {
      const { why, reply, note } = await options.answer(message, from, socket.address);
      const told = { ...about, why, ...(note === undefined ? {} : { note }) };
      options.onEvent(reply === undefined ? told : await sent(told, message, reply, socket));
    } catch (error) {
      options.onEvent({
        ...about,
        why: 'answer-failed',
        error: error instanceof Error ? error : new Error(String(error)),
      });
    }
  };
  const onMessage: DatagramsOptions['onMessage'] = (payload, from) => {
    const message = decode(payload);
    const drop = (why: ServerWhy) => options.onEvent({ why, interface: options.interface, from });
    if ('malformed' in message) return drop(message.malformed);
    if (!serving) return drop('not-serving');
    if (!queue.hasRoom(true)) return drop('overloaded');
    queue.add(clientKey(message), true, () => handle(message, from));
  };
  const socket = await openDatagrams(options.where, { onMessage, onError: options.onError });
  return {
    address: socket.address,
    port: socket.port,
    async close() {
      serving = false;
      await queue.idle();
      await socket.close();
    },
  };
}

/** Sends the reply; gives the event that says so, or that it could not be sent. */
async function sent<W extends string>(
  told: DhcpEvent<W>,
  request: Message,
  reply: BootServerReply,
  socket: Datagrams,
): Promise<DhcpEvent<W>> {
  const { bytes, dropped } = encode(reply, sizeLimit(request));
  const error = await new Promise<Error | null>((resolve) => socket.send(bytes, reply.to, resolve));
  if (error !== null) return { ...told, why: 'send-failed', error };
  const { yiaddr: address, to } = reply;
  return { ...told, reply: { type: messageType(reply), address, file: bootFileOf(reply), to, dropped } };
}
