import { formatIPv4, ipv4, type IPv4 } from '@sower/net';
import { hex, number, numberBytes } from './bytes.ts';
import { printable, textBytes, textUntilNul, textWithoutPadding } from './text.ts';

/** How one shape of option value is read, written and printed. */
export interface Codec<T> {
  /** Of a repeated option the first instance that fits counts; otherwise all instances are joined (A-05, RFC 3396). */
  readonly whole: boolean;
  /** Whether a value may have this many bytes; a value that does not fit counts as absent. */
  fits(length: number): boolean;
  /** Gets only bytes whose number fits; undefined when they make no sense. */
  read(bytes: Uint8Array): T | undefined;
  write(value: T): Uint8Array;
  /** For a log line: no control characters. */
  print(value: T): string;
}

function unsigned(width: 1 | 2 | 4): Codec<number> {
  return {
    whole: true,
    fits: (length) => length === width,
    read: number,
    write: (value) => numberBytes(value, width),
    print: String,
  };
}

export const u8: Codec<number> = unsigned(1);
export const u16: Codec<number> = unsigned(2);
export const u32: Codec<number> = unsigned(4);

export const address: Codec<IPv4> = {
  whole: true,
  fits: (length) => length === 4,
  read: (bytes) => ipv4(number(bytes)),
  write: (value) => numberBytes(value, 4),
  print: formatIPv4,
};

/** One or more numbers of the same width behind each other. */
function listOf<T extends number>(
  width: 2 | 4,
  item: (value: number) => T,
  print: (value: T) => string,
): Codec<readonly T[]> {
  return {
    whole: false,
    fits: (length) => length >= width && length % width === 0,
    read: (bytes) =>
      Array.from({ length: bytes.length / width }, (_, index) =>
        item(number(bytes.subarray(index * width, (index + 1) * width))),
      ),
    write: (values) => {
      const bytes = new Uint8Array(values.length * width);
      values.forEach((value, index) => bytes.set(numberBytes(value, width), index * width));
      return bytes;
    },
    print: (values) => values.map(print).join(','),
  };
}

export const addresses: Codec<readonly IPv4[]> = listOf(4, ipv4, formatIPv4);
export const u16s: Codec<readonly number[]> = listOf(2, Number, String);

/** Text without an end mark (12, 15, 60). Empty, or NULs only: absent. */
export const text: Codec<string> = {
  whole: false,
  fits: (length) => length > 0,
  read: (bytes) => textWithoutPadding(bytes) || undefined,
  write: textBytes,
  print: (value) => JSON.stringify(printable(value)),
};

/** Text with a NUL behind it that the length counts (66, 67; A-47). The NUL may be missing when read. */
export const terminatedText: Codec<string> = {
  ...text,
  read: (bytes) => textUntilNul(bytes) || undefined,
  write: (value) => textBytes(`${value}\0`),
};

/** Bytes as they are, at least `least` of them. */
export function bytes(least: number): Codec<Uint8Array> {
  return { whole: false, fits: (length) => length >= least, read: same, write: same, print: hex };
}

/** Bytes as they are, exactly `length` of them. */
export function exactBytes(length: number): Codec<Uint8Array> {
  return { ...bytes(length), whole: true, fits: (given) => given === length };
}

/** A machine's UUID (97): a type byte, always 0, and 16 bytes; kept whole for the echo (B-08, RFC 4578 section 2.3). */
export const machineId: Codec<Uint8Array> = {
  ...exactBytes(17),
  read: (value) => (value[0] === 0 ? value : undefined),
};

/** Option codes (55): pad and end are no options, and a second mention says nothing new. */
export const optionCodes: Codec<readonly number[]> = {
  whole: false,
  fits: (length) => length > 0,
  read: (list) => [...new Set(list)].filter((code) => code !== 0 && code !== 255),
  write: (codes) => Uint8Array.from(codes),
  print: (codes) => codes.join(','),
};

/** An option that only is there or not (80). */
export const presence: Codec<true> = {
  whole: true,
  fits: (length) => length === 0,
  read: () => true,
  write: () => new Uint8Array(0),
  print: () => 'yes',
};

function same(value: Uint8Array): Uint8Array {
  return value;
}
