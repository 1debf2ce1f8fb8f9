/** A request target as the path that it means: its segments, decoded once. */
export type Target = readonly string[];

const ABSOLUTE = /^https?:\/\/[^/]*/i;

/**
 * Reads a request target (RFC 9112 section 3.2): the origin form and, whatever host it names, the absolute form (D-09).
 * The query is left out. Empty segments vanish, so `//x` is `/x` and needs no redirect (D-05). Each segment is decoded
 * exactly once; undefined when that fails, or when it gives `..`, a separator or a control character (D-10).
 */
export function readTarget(raw: string): Target | undefined {
  const path = withoutQuery(raw).replace(ABSOLUTE, '');
  if (path !== '' && !path.startsWith('/')) return undefined;
  const segments: string[] = [];
  for (const encoded of path.split('/')) {
    const segment = decodeOnce(encoded);
    if (segment === undefined || segment === '..') return undefined;
    if (segment !== '' && segment !== '.') segments.push(segment);
  }
  return segments;
}

/** What stands before the query. */
export function withoutQuery(raw: string): string {
  return raw.replace(/[?#].*$/s, '');
}

/** Writes the one encoded form of a target, `/` for the root. */
export function formatTarget(target: Target): string {
  return `/${target.map(encodeURIComponent).join('/')}`;
}

function decodeOnce(encoded: string): string | undefined {
  if (!isPlainAscii(encoded)) return undefined;
  try {
    const segment = decodeURIComponent(encoded);
    return hasForbidden(segment) ? undefined : segment;
  } catch {
    // URIError: a lone %, or bytes that are not UTF-8.
    return undefined;
  }
}

function isPlainAscii(text: string): boolean {
  return /^[\x21-\x7e]*$/.test(text);
}

function hasForbidden(segment: string): boolean {
  return /[/\\]|\p{Cc}|\p{Cs}/u.test(segment);
}
