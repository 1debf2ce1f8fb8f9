import { createConnection, createServer, type Socket } from 'node:net';
import type { Json } from './store.ts';

/** Answers one request that came over the control socket. A rejection is told to the asker as `{"error": message}`. */
export type Handler = (request: Json) => Json | Promise<Json>;

/** Characters of a request or an answer: a table of some hundred thousand leases. */
const LINE_LIMIT = 64 << 20;
/** How long a request may pause, and how long its answer may take: an import waits for the disk. */
const REQUEST_MS = 30_000;
const ANSWER_MS = 60_000;

/** Listens on a Unix socket: a connection carries one request and one answer, each a line of JSON. Rejects with the system's error. */
export async function serveControl(path: string, handle: Handler): Promise<{ close(): Promise<void> }> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    void answer(socket, handle);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.off('error', reject);
      resolve();
    });
  });
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}

async function answer(socket: Socket, handle: Handler): Promise<void> {
  let text: Json;
  try {
    text = await handle(parse(await readLine(socket, REQUEST_MS)));
  } catch (error) {
    text = { error: error instanceof Error ? error.message : String(error) };
  }
  socket.end(`${JSON.stringify(text)}\n`);
}

/** Asks the process behind a control socket. Rejects when there is none (ENOENT, ECONNREFUSED) or its answer is no JSON. */
export async function askControl(path: string, request: Json): Promise<Json> {
  const line = `${JSON.stringify(request)}\n`;
  const socket = createConnection(path);
  const answer = readLine(socket, ANSWER_MS);
  socket.write(line);
  try {
    return parse(await answer);
  } finally {
    socket.destroy();
  }
}

/** Whether a process listens on a Unix socket. Only a refused connection or a missing name says no. */
export function reaches(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code !== 'ECONNREFUSED' && error.code !== 'ENOENT');
    });
  });
}

function readLine(socket: Socket, patience: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const parts: string[] = [];
    let length = 0;
    socket.setEncoding('utf8');
    socket.setTimeout(patience, () => socket.destroy(new Error('no complete line in time')));
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('the connection ended before its line did')));
    socket.on('data', (part: string) => {
      const end = part.indexOf('\n');
      parts.push(end === -1 ? part : part.slice(0, end));
      length += part.length;
      if (end !== -1) resolve(parts.join(''));
      else if (length > LINE_LIMIT) socket.destroy(new Error('the line is too long'));
    });
  });
}

function parse(line: string): Json {
  const value: Json = JSON.parse(line);
  return value;
}
