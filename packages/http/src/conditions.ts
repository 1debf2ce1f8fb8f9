import type { IncomingHttpHeaders } from 'node:http';

/** What a client can compare: the strong ETag, quotes included, and the HTTP date of the last change. */
export interface Validators {
  readonly etag: string;
  readonly lastModified: string;
}

/**
 * Weighs the preconditions in the order of RFC 9110 section 13.2.2. `failed` is 412; `same` is 304, for callers that may say so.
 */
export function weigh(headers: IncomingHttpHeaders, now: Validators): 'go' | 'failed' | 'same' {
  const ifMatch = headers['if-match'];
  if (ifMatch !== undefined) {
    if (!lists(ifMatch, now.etag)) return 'failed';
  } else if (changedSince(headers['if-unmodified-since'], now)) {
    return 'failed';
  }
  const ifNoneMatch = headers['if-none-match'];
  return ifNoneMatch !== undefined && lists(ifNoneMatch.replaceAll('W/"', '"'), now.etag) ? 'same' : 'go';
}

/** Whether a Range may be honoured: no If-Range, or one that names exactly this content (RFC 9110 section 13.1.5). */
export function rangeHolds(headers: IncomingHttpHeaders, now: Validators): boolean {
  const ifRange = headers['if-range'];
  return ifRange === undefined || ifRange === now.etag || ifRange === now.lastModified;
}

function lists(header: string, etag: string): boolean {
  return header.trim() === '*' || header.split(',').some((tag) => tag.trim() === etag);
}

function changedSince(header: string | undefined, now: Validators): boolean {
  const since = Date.parse(header ?? '');
  return !Number.isNaN(since) && Date.parse(now.lastModified) > since;
}
