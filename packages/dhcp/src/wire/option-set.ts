import { concat, put, zeros } from './bytes.ts';
import type { Option } from './options.ts';

/** Bytes for one option, of any length; more than 255 become several instances (RFC 3396). */
export interface OptionBytes {
  readonly code: number;
  readonly bytes: Uint8Array;
}

/** An option with its value, ready for `Options.of`. */
export function option<T>(row: Option<T>, value: T): OptionBytes {
  return { code: row.code, bytes: row.codec.write(value) };
}

const INSTANCE_MAX = 255;

/** An empty value is one instance, too. */
function instancesOf(length: number): number {
  return Math.max(1, Math.ceil(length / INSTANCE_MAX));
}

/**
 * The options of a message: an index over bytes in wire form (code, length, value). Nothing is read before it is asked
 * for, and no value is copied unless it comes in several parts. A message has a dozen options: looking through their
 * codes is cheaper than any map of them.
 */
export class Options {
  readonly #bytes: Uint8Array;
  readonly #positions: readonly number[];

  /**
   * `positions` are the offsets of whole code-length-value triples within `bytes`, in aggregate order (RFC 3396 section
   * 5).
   */
  constructor(bytes: Uint8Array, positions: readonly number[]) {
    this.#bytes = bytes;
    this.#positions = positions;
  }

  /** Puts options together in this order. */
  static of(list: readonly OptionBytes[]): Options {
    const positions: number[] = [];
    const size = list.reduce((sum, { bytes }) => sum + bytes.length + 2 * instancesOf(bytes.length), 0);
    const wire = zeros(size);
    let at = 0;
    for (const { code, bytes } of list) {
      const parts = instancesOf(bytes.length);
      for (let part = 0; part < parts; part += 1) {
        const value = parts === 1 ? bytes : bytes.subarray(part * INSTANCE_MAX, (part + 1) * INSTANCE_MAX);
        wire[at] = code;
        wire[at + 1] = value.length;
        put(wire, at + 2, value);
        positions.push(at);
        at += 2 + value.length;
      }
    }
    return new Options(wire, positions);
  }

  /** The codes that are there, in the order of their first appearance. */
  get codes(): Iterable<number> {
    return new Set(this.#positions.map((at) => this.#code(at)));
  }

  /** Every instance in wire form, code and length included, as views. */
  get triples(): readonly Uint8Array[] {
    return this.#positions.map((at) => this.#bytes.subarray(at, at + 2 + (this.#bytes[at + 1] ?? 0)));
  }

  has(code: number): boolean {
    return this.#next(code, 0) !== -1;
  }

  /** The values of all instances of a code, as views. */
  instances(code: number): readonly Uint8Array[] {
    const found: Uint8Array[] = [];
    for (let place = this.#next(code, 0); place !== -1; place = this.#next(code, place + 1)) {
      found.push(this.#value(place));
    }
    return found;
  }

  /** The value of a code with all its instances joined (RFC 3396 section 7); undefined when it is absent. */
  joined(code: number): Uint8Array | undefined {
    const instances = this.instances(code);
    return instances.length > 1 ? concat(instances) : instances[0];
  }

  /** The value of an option; undefined when it is absent, of a wrong length, or makes no sense. */
  get<T>({ code, codec }: Option<T>): T | undefined {
    const value = codec.whole
      ? this.instances(code).find((instance) => codec.fits(instance.length))
      : this.joined(code);
    return value !== undefined && codec.fits(value.length) ? codec.read(value) : undefined;
  }

  /** Where in the list the next instance of a code is, at or behind `from`; -1 when there is none. */
  #next(code: number, from: number): number {
    for (let place = from; place < this.#positions.length; place += 1) {
      if (this.#code(this.#positions[place] ?? 0) === code) return place;
    }
    return -1;
  }

  #code(at: number): number {
    return this.#bytes[at] ?? 0;
  }

  #value(place: number): Uint8Array {
    const at = this.#positions[place] ?? 0;
    return this.#bytes.subarray(at + 2, at + 2 + (this.#bytes[at + 1] ?? 0));
  }
}
