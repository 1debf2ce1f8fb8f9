import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** An answer as it came over the wire, read without any HTTP library. */
export interface Received {
  readonly statusLine: string;
  readonly status: number;
  /** Names in lower case; a name that comes twice fails the test that reads it. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

/** One TCP connection to a listener. */
export interface Wire {
  readonly socket: Socket;
  write(bytes: string | Uint8Array): void;
  /** The next answer; `head` when its request was a HEAD. Rejects when the connection ends before it is whole. */
  next(head?: boolean): Promise<Received>;
  /** Everything that still comes until the connection is gone. */
  rest(): Promise<Buffer>;
}

export async function dial(port: number, { from = '127.0.0.1', to = '127.0.0.1' } = {}): Promise<Wire> {
  const socket = connect({ port, host: to, localAddress: from });
  await once(socket, 'connect');
  let held: Buffer = Buffer.alloc(0);
  let gone = false;
  let wake = () => {};
  const more = () => new Promise<void>((resolve) => (wake = resolve));
  socket.on('data', (chunk: Buffer) => {
    held = Buffer.concat([held, chunk]);
    wake();
  });
  const onGone = () => {
    gone = true;
    wake();
  };
  socket.on('end', onGone).on('error', onGone).on('close', onGone);

  const upTo = async (found: () => number): Promise<Buffer> => {
    while (found() < 0 || held.length < found()) {
      if (gone) throw new Error(`connection ended after ${JSON.stringify(held.toString('latin1').slice(0, 200))}`);
      await more();
    }
    const end = found();
    const part = held.subarray(0, end);
    held = held.subarray(end);
    return part;
  };

  return {
    socket,
    write: (bytes) => void socket.write(bytes),
    async next(head = false) {
      const top = await upTo(() => {
        const at = held.indexOf('\r\n\r\n');
        return at < 0 ? at : at + 4;
      });
      const [statusLine = '', ...lines] = top.toString('latin1').trimEnd().split('\r\n');
      const headers = new Map<string, string>();
      for (const line of lines) {
        const [name = '', ...value] = line.split(': ');
        if (headers.has(name.toLowerCase())) throw new Error(`twice: ${name}`);
        headers.set(name.toLowerCase(), value.join(': '));
      }
      const status = Number(statusLine.split(' ')[1]);
      const length = head || status === 304 ? 0 : Number(headers.get('content-length'));
      const body = await upTo(() => length);
      return { statusLine, status, headers, body };
    },
    async rest() {
      if (!socket.closed) await new Promise<void>((resolve) => socket.once('close', () => resolve()));
      return held;
    },
  };
}

/** The text of a request; more header lines follow the Host. */
export function request(line: string, ...headers: readonly string[]): string {
  return [`${line} HTTP/1.1`, 'Host: 192.0.2.1', ...headers, '', ''].join('\r\n');
}

/** One request on a connection of its own. */
export async function ask(port: number, line: string, ...headers: readonly string[]): Promise<Received> {
  const wire = await dial(port);
  wire.write(request(line, ...headers));
  const answer = await wire.next(line.startsWith('HEAD '));
  wire.socket.destroy();
  return answer;
}
