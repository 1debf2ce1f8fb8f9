import { put, zeros } from './bytes.ts';
import type { Message } from './message.ts';
import type { Options } from './option-set.ts';
import { textBytes } from './text.ts';

/** The smallest BOOTP message that every relay and client takes (A-41, RFC 1542 section 2.1). */
const SIZE_MIN = 300;

/** A message in wire form, and the codes that found no place. */
export interface Encoded {
  readonly bytes: Uint8Array;
  readonly dropped: readonly number[];
}

/**
 * the order on the wire. 67 is behind its fellows because EDK2 writes a NUL over the byte that follows an
 * unterminated one; 82 is the very last (RFC 3046 section 2.2).
 */
const ORDER = ranks([53, 54, 51, 58, 59, 1, 3, 28, 6, 15, 12, 81, 42, 121], [60, 97, 43, 175, 66, 67, 82]);
/** who gets a place first when space is short. */
const PRIORITY = ranks([53, 54, 82, 51, 1, 3, 60, 43, 67, 6, 61, 97, 175, 56, 58, 59, 66, 118, 28, 121, 15, 12], []);
/**
 * options whose readers are known to join instances; the others must fit into one. Who sent 61 or 82 in parts can
 * read it back.
 */
export const SPLITTABLE: ReadonlySet<number> = new Set([61, 82, 119, 121]);

/** The one option that is empty by nature; EDK2, which drops packets for that, never asks for it. */
const RAPID_COMMIT = 80;

const HEADER = 240;
const MAGIC_COOKIE = 0x63825363;

/**
 * Writes a message of at most `limit` bytes (at least 300), padded to 300. Options come in the order of A-43, whole or
 * not at all, never empty (A-41: EDK2 drops the packet), never in `file` or `sname` (A-44: iPXE does not look there).
 */
export function encode(message: Message, limit: number): Encoded {
  const candidates = candidatesOf(message.options);
  const space = Math.max(limit, SIZE_MIN) - HEADER - 1;
  const { admitted, dropped } = admit(candidates, space);
  const bytes = zeros(Math.max(HEADER + sizeOf(admitted) + 1, SIZE_MIN));
  writeHeader(bytes, message);
  let at = HEADER;
  for (const { triples } of admitted.toSorted(by(ORDER))) {
    for (const triple of triples) {
      put(bytes, at, triple);
      at += triple.length;
    }
  }
  bytes[at] = 255;
  return { bytes, dropped };
}

/** An option that wants a place. */
interface Candidate {
  readonly code: number;
  /** Its instances with codes and lengths. */
  readonly triples: Uint8Array[];
  /** Bytes on the wire. */
  size: number;
}

function candidatesOf(options: Options): readonly Candidate[] {
  const candidates: Candidate[] = [];
  for (const triple of options.triples) {
    const code = triple[0] ?? 0;
    const known = candidates.find((candidate) => candidate.code === code);
    if (known === undefined) {
      candidates.push({ code, triples: [triple], size: triple.length });
    } else {
      known.triples.push(triple);
      known.size += triple.length;
    }
  }
  return candidates;
}

function sizeOf(candidates: readonly Candidate[]): number {
  return candidates.reduce((sum, { size }) => sum + size, 0);
}

/** The options that get a place, by priority where space is short; one that is too big leaves its place to the next. */
function admit(candidates: readonly Candidate[], space: number) {
  const admitted: Candidate[] = [];
  const dropped: number[] = [];
  let left = space;
  const isShort = sizeOf(candidates) > space;
  for (const option of isShort ? candidates.toSorted(by(PRIORITY)) : candidates) {
    if (option.size <= left && isSendable(option)) {
      admitted.push(option);
      left -= option.size;
    } else {
      dropped.push(option.code);
    }
  }
  return { admitted: isShort ? candidates.filter((option) => admitted.includes(option)) : admitted, dropped };
}

function isSendable({ code, triples }: Candidate): boolean {
  const whole = triples.length === 1 || SPLITTABLE.has(code);
  const filled = code === RAPID_COMMIT || triples.every((triple) => triple.length > 2);
  return whole && filled && code !== 0 && code !== 255;
}

/** The rank of each code: the first below 0, the last above; a code that is not listed counts as 0. */
function ranks(first: readonly number[], last: readonly number[]): Int8Array {
  const table = new Int8Array(256);
  for (const [index, code] of first.entries()) table[code] = index - first.length;
  for (const [index, code] of last.entries()) table[code] = index + 1;
  return table;
}

/** Sorts by rank; codes of the same rank keep the order they were given in. */
function by(table: Int8Array): (a: Candidate, b: Candidate) => number {
  return (a, b) => (table[a.code] ?? 0) - (table[b.code] ?? 0);
}

function writeHeader(bytes: Uint8Array, message: Message): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  view.setUint8(0, message.op === 'request' ? 1 : 2);
  view.setUint8(1, message.htype);
  view.setUint8(2, message.hlen);
  view.setUint8(3, message.hops);
  view.setUint32(4, message.xid);
  view.setUint16(8, message.secs);
  view.setUint16(10, message.broadcast ? 0x8000 : 0);
  view.setUint32(12, message.ciaddr);
  view.setUint32(16, message.yiaddr);
  view.setUint32(20, message.siaddr);
  view.setUint32(24, message.giaddr);
  bytes.set(message.chaddr.subarray(0, 16), 28);
  // One byte of each text field stays zero: its readers look for the NUL.
  if (message.sname !== '') bytes.set(textBytes(message.sname).subarray(0, 63), 44);
  if (message.file !== '') bytes.set(textBytes(message.file).subarray(0, 127), 108);
  if (message.cookie) view.setUint32(236, MAGIC_COOKIE);
}
