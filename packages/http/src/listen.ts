import { createServer, STATUS_CODES, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { watchConnections, type Connections } from './connections.ts';

/** Where to listen; port 0 takes any free one. */
export interface ListenOptions {
  readonly address: string;
  readonly port: number;
  /** Instead of single defaults. */
  readonly limits?: Partial<Limits>;
  /** Peers that speak for many: `connectionsPerAddress` is not for them. None by default. */
  readonly isProxy?: (peer: string) => boolean;
}

/** Bounds of one listener (D-20); times in ms, sizes in bytes. */
export interface Limits {
  /** From the connection's, or the last answer's, first byte to the end of the headers. */
  readonly headers: number;
  /** A kept connection without a request: EDK2 comes back long after its HEAD (D-01). */
  readonly keepAlive: number;
  /** A connection on which nothing moves in either direction, as with a reader that stopped reading. */
  readonly idle: number;
  readonly headerSize: number;
  readonly connectionsPerAddress: number;
}

/** The limits of D-01 and D-20. */
export const LIMITS: Limits = {
  headers: 15_000,
  keepAlive: 150_000,
  idle: 120_000,
  headerSize: 16 * 1024,
  connectionsPerAddress: 64,
};

/** A listener that is open. */
export interface HttpListener {
  readonly address: string;
  readonly port: number;
  /**
   * Takes no new connections, closes idle ones at once, and lets running answers finish; what still runs after
   * `deadline` ms is cut. Safe to call twice.
   */
  close(deadline: number): Promise<void>;
}

/** What listen.ts needs of an application: Koa's `callback()`. */
interface Servable {
  callback(): (request: IncomingMessage, response: ServerResponse) => Promise<void>;
}

/** Opens a socket for an application. Rejects with the system's error (`EADDRINUSE`, `EACCES`, …) and leaves nothing open. */
export async function openHttp(app: Servable, options: ListenOptions): Promise<HttpListener> {
  const limits = { ...LIMITS, ...options.limits };
  const server = makeServer(app, limits);
  const connections = watchConnections(server, limits.connectionsPerAddress, options.isProxy ?? (() => false));
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    const gone = error.code === 'ECONNRESET' || !socket.writable;
    if (gone || connections.busy(socket)) socket.destroy();
    else refuseUnparsed(socket, STATUS_OF.get(error.code ?? '') ?? 400);
  });
  server.on('connect', (_request, socket: Socket) => refuseUnparsed(socket, 405));
  await listening(server, options);
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('the server is bound to no port');
  return { address: bound.address, port: bound.port, close: closer(server, connections) };
}

function makeServer(app: Servable, limits: Limits): Server {
  const handle = app.callback();
  const server = createServer(
    {
      maxHeaderSize: limits.headerSize,
      headersTimeout: limits.headers,
      requestTimeout: limits.headers,
      keepAliveTimeout: limits.keepAlive,
      connectionsCheckingInterval: Math.min(limits.headers, 1000),
      // The application says it too, with a length; Node's own answer would be chunked (D-02).
      requireHostHeader: false,
    },
    (request, response) => void handle(request, response),
  );
  // No body is ever wanted, so nobody is told to go on; an expectation that nobody knows is ignored.
  for (const expecting of ['checkContinue', 'checkExpectation']) {
    server.on(expecting, (request, response) => server.emit('request', request, response));
  }
  server.timeout = limits.idle;
  // Node's own switch, though no type knows it: a peer that is done asking may still be reading (F-H 27).
  return Object.assign(server, { httpAllowHalfOpen: true });
}

/** What the parser refuses, by its error's code; everything else is 400. */
const STATUS_OF: ReadonlyMap<string, number> = new Map([
  ['HPE_HEADER_OVERFLOW', 431],
  ['ERR_HTTP_REQUEST_TIMEOUT', 408],
]);

/** Answers what never became a request, with a length as every other answer (F-H 08), and closes. */
function refuseUnparsed(socket: Socket, status: number): void {
  // Node lets go of a CONNECT's socket altogether: without a listener here, a reset would end the process.
  socket.on('error', () => socket.destroy());
  const body = `${STATUS_CODES[status]}\n`;
  const allow = status === 405 ? 'Allow: GET, HEAD\r\n' : '';
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${allow}Content-Type: text/plain\r\n` +
      `Content-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
    () => socket.destroy(),
  );
}

function listening(server: Server, { address, port }: ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    // Stays for good: a connection that cannot be accepted later on is that peer's loss, not the end of the process.
    server.on('error', reject);
    server.listen({ host: address, port }, resolve);
  });
}

function closer(server: Server, connections: Connections): HttpListener['close'] {
  let closed: Promise<void> | undefined;
  return (deadline) => {
    closed ??= new Promise((resolve) => {
      const cut = setTimeout(() => server.closeAllConnections(), deadline);
      server.close(() => {
        clearTimeout(cut);
        resolve();
      });
      connections.drain();
    });
    return closed;
  };
}
