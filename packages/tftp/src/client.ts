import { openDatagrams, type Peer } from '@sower/net';
import { systemClock, type Clock } from './clock.ts';
import { ackOf, receive, receiver } from './receiver.ts';
import { decode, encode, ERROR, type Option, type Packet } from './wire/packet.ts';

export interface DownloadRequest {
  readonly server: Peer;
  readonly file: string;
  /** Asked for in this order; see RFC 2347. */
  readonly options?: readonly Option[];
  readonly mode?: 'octet' | 'netascii';
  /** Local address to ask from; default: the system's choice. */
  readonly from?: string;
  readonly clock?: Clock;
}

/** What came of it. `code` is that of the ERROR packet, or undefined when nobody answered. */
export type Download =
  | { readonly ok: true; readonly bytes: Uint8Array; readonly options: readonly Option[] }
  | { readonly ok: false; readonly code: number | undefined; readonly message: string };

const WAIT = 1000;
const TRIES = 6;

/** Fetches a file over TFTP into memory. Rejects only when no socket can be opened. */
export async function download(request: DownloadRequest): Promise<Download> {
  const { server, options = [], clock = systemClock } = request;
  const asked: Packet = { type: 'rrq', file: request.file, mode: request.mode ?? 'octet', options };
  const payloads: Uint8Array[] = [];
  let state = receiver(options);
  let transfer: Peer | undefined;
  let cancelWait = () => {};
  let finish: (result: Download) => void = () => {};
  const finished = new Promise<Download>((resolve) => (finish = resolve));

  const socket = await openDatagrams(
    { address: request.from ?? '0.0.0.0', port: 0 },
    { onMessage, onError: (error) => finish({ ok: false, code: undefined, message: error.message }) },
  );

  function onMessage(bytes: Buffer, from: Peer): void {
    const packet = decode(bytes);
    if (packet === undefined || from.address !== server.address) return;
    transfer ??= from;
    if (from.port !== transfer.port) {
      return socket.send(encode({ type: 'error', code: ERROR.unknownTransfer, message: 'Unknown transfer ID' }), from);
    }
    const [next, { reply, payload, end }] = receive(state, packet);
    const progress = next.next > state.next || packet.type === 'oack';
    state = next;
    if (payload !== undefined) payloads.push(payload);
    if (reply !== undefined) socket.send(encode(reply), transfer);
    if (end === 'complete') finish({ ok: true, bytes: Buffer.concat(payloads), options: state.accepted });
    else if (end !== undefined) finish({ ok: false, ...end });
    else if (progress) wait(1);
  }

  /** Until the server has answered the request is repeated, then the last ACK. */
  function wait(tries: number): void {
    cancelWait();
    cancelWait = clock.after(WAIT, () => {
      if (tries >= TRIES) return finish({ ok: false, code: undefined, message: 'no answer' });
      socket.send(encode(transfer === undefined ? asked : ackOf(state)), transfer ?? server);
      wait(tries + 1);
    });
  }

  socket.send(encode(asked), server);
  wait(1);
  const result = await finished;
  cancelWait();
  await socket.close();
  return result;
}
