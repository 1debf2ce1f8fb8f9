import type { Place, Report } from '../problems.ts';
import type { Entry, Mapping, Node, Scalar } from './tree.ts';

/** Entries that all merges of a file may bring in together: a chain of merges costs the square of its length. */
const MAX_MERGED = 1_000_000;

interface Pair {
  readonly key: Scalar;
  readonly value: Node;
}

/** Makes mappings of keys and values; counts what merges cost in the whole file. */
export class MappingMaker {
  readonly #report: Report;
  #merged = 0;

  constructor(report: Report) {
    this.#report = report;
  }

  /** `items`: key, value, key, value … An explicit key wins over a merged one, an earlier merge over a later one. */
  make(place: Place, items: readonly Node[]): Mapping {
    const pairs = this.#pairs(items);
    const own = this.#own(pairs);
    const entries = new Map<string, Entry>();
    const merges: Mapping[] = [];
    for (const pair of pairs) {
      if (!isMerge(pair.key)) {
        const entry = own.get(pair.key.text);
        if (entry !== undefined && !entries.has(pair.key.text)) entries.set(pair.key.text, entry);
        continue;
      }
      for (const source of this.#sources(pair)) {
        merges.push(source);
        for (const [name, { key, value }] of source.entries) {
          const known = entries.get(name) ?? own.get(name);
          entries.set(
            name,
            known === undefined ? { key, value, hides: undefined } : hiding(known, value, own.has(name)),
          );
        }
      }
    }
    const size = [...entries.values()].reduce((sum, { value }) => sum + 1 + value.size, 1);
    return { kind: 'mapping', place, size, entries, merges };
  }

  #pairs(items: readonly Node[]): readonly Pair[] {
    const pairs: Pair[] = [];
    for (let index = 0; index < items.length; index += 2) {
      const key = items[index];
      const value = items[index + 1];
      if (key?.kind === 'scalar' && value !== undefined) pairs.push({ key, value });
      else if (key !== undefined) this.#report.error(key.place, 'a key that is not plain text', 'a key is one word');
    }
    return pairs;
  }

  #own(pairs: readonly Pair[]): ReadonlyMap<string, Entry> {
    const own = new Map<string, Entry>();
    let merge: Pair | undefined;
    for (const pair of pairs) {
      const earlier = isMerge(pair.key) ? merge : own.get(pair.key.text);
      if (earlier !== undefined) {
        const hint = isMerge(pair.key)
          ? 'merge several with `<<: [*a, *b]`'
          : `it is first set in line ${earlier.key.place.line}`;
        this.#report.error(pair.key.place, `the key \`${pair.key.text}\` is there twice`, hint);
      } else if (isMerge(pair.key)) merge = pair;
      else own.set(pair.key.text, { ...pair, hides: undefined });
    }
    return own;
  }

  #sources({ value }: Pair): readonly Mapping[] {
    const sources: Mapping[] = [];
    for (const source of value.kind === 'sequence' ? value.items : [value]) {
      if (source.kind !== 'mapping') {
        // an unknown alias has been reported already, and left null
        if (source.kind !== 'scalar' || source.value !== null) {
          this.#report.error(source.place, '`<<` merges mappings only', 'write `<<: *anchor`, the anchor on a mapping');
        }
        continue;
      }
      this.#merged += source.entries.size;
      if (this.#merged > MAX_MERGED) {
        this.#report.error(
          value.place,
          'the merges of this file come to too much',
          `at most ${MAX_MERGED} merged keys`,
        );
        break;
      }
      sources.push(source);
    }
    return sources;
  }
}

/** The first merged value behind an explicit key is the one that it hides. */
function hiding(entry: Entry, merged: Node, isOwn: boolean): Entry {
  return isOwn && entry.hides === undefined ? { ...entry, hides: merged } : entry;
}

function isMerge(key: Scalar): boolean {
  return key.style === 'plain' && key.text === '<<';
}
