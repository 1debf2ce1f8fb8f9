/** Children of a word: one bit each. */
const WIDTH = 32;
const FULL = 0xffffffff;

/**
 * Which of `size` places are free, with the next free one found in a few word reads however full it is (G-08): level 0
 * has a bit per place (1: taken), each further level a bit per word of the one below (1: that word is full).
 */
export class FreeSet {
  readonly size: number;
  readonly #levels: readonly Uint32Array[];
  /** Words read by `next` so far. */
  reads = 0;

  constructor(size: number) {
    this.size = size;
    const levels: Uint32Array[] = [];
    for (let bits = size; levels.length === 0 || bits > 1; bits = Math.ceil(bits / WIDTH)) levels.push(level(bits));
    this.#levels = levels;
  }

  /** Marks a place as taken or free. */
  mark(place: number, taken: boolean): void {
    let bit = place;
    let set = taken;
    for (const words of this.#levels) {
      const index = bit >>> 5;
      const before = words[index] ?? FULL;
      const mask = (1 << (bit & 31)) >>> 0;
      const after = (set ? before | mask : before & ~mask) >>> 0;
      words[index] = after;
      if ((before === FULL) === (after === FULL)) return;
      set = after === FULL;
      bit = index;
    }
  }

  /** The first free place at or after `from`; undefined when all of those are taken. */
  next(from: number): number | undefined {
    let bit = from;
    for (const [height, words] of this.#levels.entries()) {
      const index = bit >>> 5;
      const zeros = ~this.#read(words, index) & (FULL << (bit & 31));
      if (zeros !== 0) return this.#descend(height, index * WIDTH + lowest(zeros));
      bit = index + 1;
    }
    return undefined;
  }

  #descend(height: number, bit: number): number {
    let found = bit;
    for (let level = height - 1; level >= 0; level -= 1) {
      const words = this.#levels[level];
      if (words === undefined) return found;
      found = found * WIDTH + lowest(~this.#read(words, found));
    }
    return found;
  }

  #read(words: Uint32Array, index: number): number {
    this.reads += 1;
    return words[index] ?? FULL;
  }
}

/** All free, but for the places behind the end of the last word. */
function level(bits: number): Uint32Array {
  const words = new Uint32Array(Math.max(1, Math.ceil(bits / WIDTH)));
  const rest = bits % WIDTH;
  if (rest !== 0 || bits === 0) words[words.length - 1] = FULL << rest;
  return words;
}

function lowest(bits: number): number {
  return 31 - Math.clz32(bits & -bits);
}
