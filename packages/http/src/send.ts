import type { ServerResponse } from 'node:http';
import type { FilePiece, Reply } from './answer.ts';
import type { Delivery } from './event.ts';

/** Bytes per read: 64 KiB reads reach half the speed (D-21). */
const CHUNK = 1 << 20;

/**
 * Writes one reply: exact Content-Length on GET and HEAD alike, never chunked, never coded (D-02, D-03).
 * Returns when its last byte has left, or never will. Closes the file it was given.
 */
export async function send(response: ServerResponse, head: boolean, reply: Reply): Promise<Delivery> {
  const { body } = reply;
  if (body === undefined || typeof body === 'string') return sendText(response, head, reply, Buffer.from(body ?? ''));
  try {
    return await sendFile(response, head, reply, body);
  } finally {
    await body.file.close();
  }
}

async function sendText(response: ServerResponse, head: boolean, reply: Reply, body: Buffer): Promise<Delivery> {
  if (response.destroyed) return GONE;
  // A 304 has no length of its own (RFC 9110 section 8.6).
  const length = reply.body === undefined ? {} : { 'Content-Length': body.length };
  response.writeHead(reply.status, { ...reply.headers, ...length });
  if (head) return finish(response, 0);
  response.write(body);
  return finish(response, body.length);
}

async function sendFile(response: ServerResponse, head: boolean, reply: Reply, piece: FilePiece): Promise<Delivery> {
  if (response.destroyed) return GONE;
  response.writeHead(reply.status, { ...reply.headers, 'Content-Length': piece.length });
  // Firmware waits five seconds for the headers, and a cold disk can take longer than that (D-07).
  response.flushHeaders();
  return head ? finish(response, 0) : pump(response, piece);
}

/** The peer went away before there was anything to send. */
const GONE: Delivery = { bytes: 0, outcome: 'aborted' };

async function pump(response: ServerResponse, piece: FilePiece): Promise<Delivery> {
  let bytes = 0;
  while (bytes < piece.length) {
    const chunk = await readChunk(piece, bytes);
    if (response.destroyed) return { bytes, outcome: 'aborted' };
    if ('cause' in chunk) {
      // On a kept connection the next answer's bytes would complete a short body.
      response.destroy();
      return { bytes, outcome: 'cut', cause: chunk.cause };
    }
    bytes += chunk.length;
    if (!response.write(chunk) && !(await until(response, 'drain'))) return { bytes, outcome: 'aborted' };
  }
  return finish(response, bytes);
}

/** A rejection means "changed since it was opened": an expected negative here, as is an early end. */
async function readChunk(piece: FilePiece, done: number): Promise<Uint8Array | { readonly cause: unknown }> {
  try {
    const chunk = await piece.file.read(piece.start + done, Math.min(CHUNK, piece.length - done));
    return chunk.length > 0 ? chunk : { cause: new Error('the file ended early') };
  } catch (cause) {
    return { cause };
  }
}

async function finish(response: ServerResponse, bytes: number): Promise<Delivery> {
  response.end();
  const complete = response.writableFinished || (await until(response, 'finish'));
  return { bytes, outcome: complete ? 'complete' : 'aborted' };
}

/** Waits for an event of the response; false when the connection closes first. */
function until(response: ServerResponse, event: 'drain' | 'finish'): Promise<boolean> {
  if (response.destroyed) return Promise.resolve(false);
  return new Promise((resolve) => {
    const done = (happened: boolean) => {
      response.off(event, onEvent).off('close', onClose);
      resolve(happened);
    };
    const onEvent = () => done(true);
    const onClose = () => done(false);
    response.on(event, onEvent).on('close', onClose);
  });
}
