import { openDatagrams, type Datagrams, type IPv4, type Mac } from '@sower/net';
import { decode } from './wire/decode.ts';
import { macOf, messageType } from './wire/message.ts';
import { OPTIONS } from './wire/options.ts';

/** An OFFER or ACK that somebody sent to a client on the link. */
export interface SeenReply {
  readonly type: 'offer' | 'ack';
  /** Option 54: the server that it comes from. */
  readonly server: IPv4;
  /** The client that it is for. */
  readonly client: Mac | undefined;
}

export interface DhcpWatchOptions {
  /** The interface that is listened to, and nothing else. */
  readonly interface: string;
  /** Where clients listen, 68 by default. */
  readonly port?: number;
  readonly onReply: (reply: SeenReply) => void;
  readonly onError: (error: Error) => void;
}

/**
 * Hears what DHCP servers broadcast to their clients; it never sends. Rejects as a pinned socket does: EADDRINUSE
 * where a DHCP client of this host has the port.
 */
export async function openDhcpWatch(options: DhcpWatchOptions): Promise<Datagrams> {
  const onMessage = (payload: Buffer) => {
    const message = decode(payload);
    if ('malformed' in message || message.op !== 'reply') return;
    const type = messageType(message);
    const server = message.options.get(OPTIONS.serverId);
    if (server === undefined || (type !== 'offer' && type !== 'ack')) return;
    options.onReply({ type, server, client: macOf(message) });
  };
  return await openDatagrams(
    { device: options.interface, port: options.port ?? 68 },
    { onMessage, onError: options.onError },
  );
}
