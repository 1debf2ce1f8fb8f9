const CR = 13;
const LF = 10;

/**
 * Text as it goes over the wire in mode netascii: LF becomes CR LF, a CR becomes CR NUL (RFC 764, RFC 1350 section 1; C-32).
 * Gives the input itself when there is nothing to change.
 */
export function toNetascii(text: Uint8Array): Uint8Array {
  const size = netasciiSize(text);
  if (size === text.length) return text;
  const wire = new Uint8Array(size);
  let at = 0;
  for (const byte of text) {
    if (byte === LF) wire[at++] = CR;
    wire[at++] = byte;
    if (byte === CR) at += 1; // the NUL is there already
  }
  return wire;
}

/** Bytes that a text has in mode netascii. */
export function netasciiSize(text: Uint8Array): number {
  let size = text.length;
  for (const byte of text) if (byte === LF || byte === CR) size += 1;
  return size;
}
