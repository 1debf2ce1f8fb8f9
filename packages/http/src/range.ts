/** A run of bytes; `length` is at least 1. */
export interface Span {
  readonly start: number;
  readonly length: number;
}

/**
 * Reads a Range header against a file of `size` bytes (RFC 9110 section 14.1.2, D-04).
 * Undefined: send the whole file, because there is no range, or several, or one that cannot be read; some iPXE builds
 * send a literal `bytes=u-u`. `outside`: well-formed, but the file has no such byte (416).
 */
export function readRange(header: string | undefined, size: number): Span | 'outside' | undefined {
  const match = /^bytes=[ \t]*(\d*)-(\d*)[ \t]*$/i.exec(header ?? '');
  if (match === null) return undefined;
  const [, first = '', last = ''] = match;
  if (first === '') return last === '' ? undefined : suffix(Number(last), size);
  const start = Number(first);
  const end = last === '' ? Infinity : Number(last);
  if (end < start) return undefined;
  return start < size ? { start, length: Math.min(end, size - 1) - start + 1 } : 'outside';
}

function suffix(wanted: number, size: number): Span | 'outside' {
  const length = Math.min(wanted, size);
  return length > 0 ? { start: size - length, length } : 'outside';
}
