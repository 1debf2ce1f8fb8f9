import { concat } from './bytes.ts';
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
 * for, and no value is copied unless it comes in several parts.
 */
export class Options {
  readonly #bytes: Uint8Array;
  readonly #positions: readonly number[];
  readonly #first = new Map<number, number>();
  readonly #repeated = new Set<number>();

  /**
   * `positions` are the offsets of whole code-length-value triples within `bytes`, in aggregate order (RFC 3396 section
   * 5).
   */
  constructor(bytes: Uint8Array, positions: readonly number[]) {
    this.#bytes = bytes;
    this.#positions = positions;
    for (const at of positions) {
      const code = this.#code(at);
      if (this.#first.has(code)) this.#repeated.add(code);
      else this.#first.set(code, at);
    }
  }

  /** Puts options together in this order. */
  static of(list: readonly OptionBytes[]): Options {
    const positions: number[] = [];
    const size = list.reduce((sum, { bytes }) => sum + bytes.length + 2 * instancesOf(bytes.length), 0);
    const wire = new Uint8Array(size);
    let at = 0;
    for (const { code, bytes } of list) {
      for (let part = 0; part < instancesOf(bytes.length); part += 1) {
        const value = bytes.subarray(part * INSTANCE_MAX, (part + 1) * INSTANCE_MAX);
        wire[at] = code;
        wire[at + 1] = value.length;
        wire.set(value, at + 2);
        positions.push(at);
        at += 2 + value.length;
      }
    }
    return new Options(wire, positions);
  }

  /** The codes that are there, in the order of their first appearance. */
  get codes(): Iterable<number> {
    return this.#first.keys();
  }

  has(code: number): boolean {
    return this.#first.has(code);
  }

  /** The values of all instances of a code, as views. */
  instances(code: number): readonly Uint8Array[] {
    const first = this.#first.get(code);
    if (first === undefined) return [];
    if (!this.#repeated.has(code)) return [this.#value(first)];
    return this.#positions.filter((at) => this.#code(at) === code).map((at) => this.#value(at));
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

  #code(at: number): number {
    return this.#bytes[at] ?? 0;
  }

  #value(at: number): Uint8Array {
    return this.#bytes.subarray(at + 2, at + 2 + (this.#bytes[at + 1] ?? 0));
  }
}
