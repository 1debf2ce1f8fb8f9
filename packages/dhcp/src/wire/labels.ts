import { concat } from './bytes.ts';
import { textBytes, textUntilNul } from './text.ts';

const LABEL_MAX = 63;
const NAME_MAX = 255;
const POINTER = 0xc0;
const JUMPS_MAX = 8;

/** A name and the offset behind it. */
interface NameAt {
  readonly name: string;
  readonly next: number;
}

/**
 * Reads a domain name in wire form (RFC 1035 section 3.1) at an offset. Pointers (section 4.1.4) lead backwards and are
 * few, so that neither a loop nor a long chain can be built. Undefined for a label over 63 bytes, a name over 255, a
 * forward pointer, or bytes that end too early. A missing root label at the very end is a partial name (RFC 4702).
 */
export function readName(bytes: Uint8Array, from: number): NameAt | undefined {
  const labels: string[] = [];
  let behind: number | undefined;
  let size = 0;
  for (let at = from, jumps = 0; ;) {
    const length = bytes[at];
    if (length === undefined) {
      return behind === undefined && labels.length > 0 ? { name: labels.join('.'), next: at } : undefined;
    }
    if (length === 0) return { name: labels.join('.'), next: behind ?? at + 1 };
    if (length >= POINTER) {
      const low = bytes[at + 1];
      const target = low === undefined ? at : (length - POINTER) * 256 + low;
      if (target >= at || jumps === JUMPS_MAX) return undefined;
      behind ??= at + 2;
      at = target;
      jumps += 1;
      continue;
    }
    size += length + 1;
    if (length > LABEL_MAX || size > NAME_MAX || at + 1 + length > bytes.length) return undefined;
    labels.push(textUntilNul(bytes.subarray(at + 1, at + 1 + length)));
    at += 1 + length;
  }
}

/** Writes a domain name in wire form, with its root label, without pointers. Labels are cut at 63 bytes. */
export function writeName(name: string): Uint8Array {
  const labels = name
    .split('.')
    .filter((label) => label !== '')
    .map((label) => textBytes(label).subarray(0, LABEL_MAX));
  return concat([...labels.flatMap((label) => [Uint8Array.of(label.length), label]), Uint8Array.of(0)]);
}
