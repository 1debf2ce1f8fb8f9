/**
 * Reads forward over bytes. A read that finds too few bytes gives undefined and moves nothing: no read leaves the
 * bounds.
 */
export class Cursor {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** How many bytes are left. */
  get left(): number {
    return this.#bytes.length - this.#at;
  }

  u8(): number | undefined {
    const value = this.#bytes[this.#at];
    if (value !== undefined) this.#at += 1;
    return value;
  }

  u16(): number | undefined {
    const bytes = this.take(2);
    return bytes === undefined ? undefined : number(bytes);
  }

  u32(): number | undefined {
    const bytes = this.take(4);
    return bytes === undefined ? undefined : number(bytes);
  }

  /** The next `count` bytes as a view, not a copy. */
  take(count: number): Uint8Array | undefined {
    if (count > this.left) return undefined;
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }
}

/** All bytes as one unsigned number, most significant first; exact for up to 6 bytes. */
export function number(bytes: Uint8Array): number {
  let value = 0;
  for (const byte of bytes) value = value * 256 + byte;
  return value;
}

/** The low `width` bytes of a number, most significant first. */
export function numberBytes(value: number, width: number): Uint8Array {
  const bytes = new Uint8Array(width);
  for (let at = width - 1, rest = value; at >= 0; at -= 1, rest = Math.floor(rest / 256)) bytes[at] = rest % 256;
  return bytes;
}

/** Zeros, cut from the pool that Node keeps: memory of its own for each packet would cost more than writing it (G-09). */
export function zeros(count: number): Uint8Array {
  const { buffer, byteOffset } = Buffer.allocUnsafe(count);
  return new Uint8Array(buffer, byteOffset, count).fill(0);
}

/** Copies `from` to `at`. For the few bytes of an option a loop is faster than `set`. */
export function put(into: Uint8Array, at: number, from: Uint8Array): void {
  for (let index = 0; index < from.length; index += 1) into[at + index] = from[index] ?? 0;
}

/** All parts in one new array. */
export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Lower-case hex digits, nothing between them. */
export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
}
