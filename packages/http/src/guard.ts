import type { IncomingMessage } from 'node:http';
import type { Refusal } from './answer.ts';

/** Longest request target, in characters (D-20). */
const LONGEST_TARGET = 8192;

/** Most header fields (D-20). */
const MOST_HEADERS = 100;

/** What no route wants to see, whatever its path. Undefined: nothing is wrong. */
export function guard(request: IncomingMessage): Refusal | undefined {
  const refusal = judge(request);
  if (refusal === undefined || !declaresBody(request)) return refusal;
  // The body will not be read, so this connection cannot carry another request.
  return { ...refusal, headers: { ...refusal.headers, Connection: 'close' } };
}

function judge(request: IncomingMessage): Refusal | undefined {
  if (request.httpVersionMajor !== 1) return { refused: 'bad-version' };
  // RFC 9112 section 3.2; whatever it says is fine, because nothing here believes it (D-09).
  if (request.httpVersion === '1.1' && request.headers.host === undefined) return { refused: 'no-host' };
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return { refused: 'method-not-allowed', headers: { Allow: 'GET, HEAD' }, detail: `method ${request.method}` };
  }
  if ((request.url ?? '').length > LONGEST_TARGET) return { refused: 'target-too-long' };
  if (request.rawHeaders.length > 2 * MOST_HEADERS) return { refused: 'too-many-headers' };
  if (declaresBody(request)) return { refused: 'body-not-allowed' };
  return undefined;
}

function declaresBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}
