/** Text of an option or header field: UTF-8 up to the first NUL. Bytes that are no UTF-8 read as U+FFFD. */
export function textUntilNul(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return utf8(bytes, end === -1 ? bytes.length : end);
}

/** Text without the NULs that some clients put behind it; a NUL inside stays (A-06, quirk 37). */
export function textWithoutPadding(bytes: Uint8Array): string {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end -= 1;
  return utf8(bytes, end);
}

/** The bytes of a text, in UTF-8. */
export function textBytes(text: string): Uint8Array {
  return Buffer.from(text);
}

/**
 * A client's text made safe for one line of a log or a terminal: control characters, format characters
 * (bidirectional overrides) and line separators are left out.
 */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '');
}

function utf8(bytes: Uint8Array, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, end).toString();
}
