import { formatIPv4, ipv4, parseIPv4, type IPv4 } from '@sower/net';
import { hex, number, numberBytes } from './bytes.ts';
import { printable, textBytes, textUntilNul, textWithoutPadding } from './text.ts';

/** How a person writes a value: as words, one for each item of a list. */
export interface Written<T> {
  /** What is expected, to follow "is not". */
  readonly form: string;
  /** Undefined when the words are no such value. */
  parse(words: readonly string[]): T | undefined;
}

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
  /** Absent for what no person writes: the protocol's own options. */
  readonly written?: Written<T>;
}

/** A value of exactly one word. */
function oneWord<T>(form: string, parse: (word: string) => T | undefined): Written<T> {
  return { form, parse: ([word, ...more]) => (word === undefined || more.length > 0 ? undefined : parse(word)) };
}

/** A list of at least one value, a word each. */
export function eachWord<T>(form: string, parse: (word: string) => T | undefined): Written<readonly T[]> {
  return {
    form,
    parse: (words) => {
      const values = words.map(parse).filter((value) => value !== undefined);
      return values.length === 0 || values.length < words.length ? undefined : values;
    },
  };
}

/** Decimal digits without a sign, up to `max`. */
function decimal(word: string, max: number): number | undefined {
  return /^\d{1,10}$/.test(word) && Number(word) <= max ? Number(word) : undefined;
}

function unsigned(width: 1 | 2 | 4): Codec<number> {
  const max = 256 ** width - 1;
  return {
    whole: true,
    fits: (length) => length === width,
    read: number,
    write: (value) => numberBytes(value, width),
    print: String,
    written: oneWord(`a number from 0 to ${max}`, (word) => decimal(word, max)),
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
  written: oneWord('an IPv4 address', parseIPv4),
};

/** One or more numbers of the same width behind each other. */
function listOf<T extends number>(
  width: 2 | 4,
  item: (value: number) => T,
  print: (value: T) => string,
  written: Written<readonly T[]>,
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
    written,
  };
}

export const addresses: Codec<readonly IPv4[]> = listOf(
  4,
  ipv4,
  formatIPv4,
  eachWord('one or more IPv4 addresses', parseIPv4),
);
export const u16s: Codec<readonly number[]> = listOf(
  2,
  Number,
  String,
  eachWord('one or more numbers from 0 to 65535', (word) => decimal(word, 0xffff)),
);

/** Text without an end mark (12, 15, 60). Empty, or NULs only: absent. */
export const text: Codec<string> = {
  whole: false,
  fits: (length) => length > 0,
  read: (bytes) => textWithoutPadding(bytes) || undefined,
  write: textBytes,
  print: (value) => JSON.stringify(printable(value)),
  written: oneWord('a text without control characters', (word) =>
    word !== '' && word === printable(word) ? word : undefined,
  ),
};

/** Text with a NUL behind it that the length counts (66, 67; A-47). The NUL may be missing when read. */
export const terminatedText: Codec<string> = {
  ...text,
  read: (bytes) => textUntilNul(bytes) || undefined,
  write: (value) => textBytes(`${value}\0`),
};

/** Bytes as they are, from `least` to `most` of them. */
export function bytes(least: number, most = Infinity): Codec<Uint8Array> {
  return { whole: false, fits: (length) => length >= least && length <= most, read: same, write: same, print: hex };
}

/** Whatever has no shape of its own: bytes, written as hex digits, with or without colons. */
export const opaque: Codec<Uint8Array> = {
  ...bytes(1),
  written: oneWord('bytes in hex such as 0a0b0c', (word) =>
    /^[0-9a-f]{2}(?::?[0-9a-f]{2})*$/i.test(word) ? Buffer.from(word.replaceAll(':', ''), 'hex') : undefined,
  ),
};

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
