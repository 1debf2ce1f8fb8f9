import { EVENT_ID, getScalarValue, SCALAR_STYLE, type Event, type ScalarEvent } from 'js-yaml';
import type { Place, Report } from '../problems.ts';
import { isSecret } from '../secrets.ts';
import { nearest } from '../suggest.ts';
import { MappingMaker } from './mapping.ts';
import { coreValue } from './scalar.ts';
import type { Node, Scalar, ScalarStyle } from './tree.ts';

/** Nodes of a whole file with its aliases written out: far above any inventory, far below what hurts. */
const MAX_SIZE = 5_000_000;

const STYLES: Readonly<Record<ScalarEvent['style'], ScalarStyle>> = {
  [SCALAR_STYLE.PLAIN]: 'plain',
  [SCALAR_STYLE.SINGLE_QUOTED]: 'single',
  [SCALAR_STYLE.DOUBLE_QUOTED]: 'double',
  [SCALAR_STYLE.LITERAL_BLOCK]: 'literal',
  [SCALAR_STYLE.FOLDED_BLOCK]: 'folded',
};

/** Tags that say what the core schema knows anyway; `!!str` and `!` make a plain scalar a string. */
const STRING_TAGS: ReadonlySet<string> = new Set(['!', '!!str']);
const TAGS: ReadonlySet<string> = new Set([...STRING_TAGS, '!!int', '!!float', '!!bool', '!!null', '!!map', '!!seq']);

/** A collection whose end has not come yet. */
interface Frame {
  readonly kind: 'document' | 'sequence' | 'mapping';
  readonly place: Place;
  readonly anchor: string;
  readonly items: Node[];
}

/**
 * Composes the parser's events into one tree: an alias becomes the node of its anchor, `<<` merges are resolved.
 * Whatever cannot be composed is reported, and null stands in its place.
 */
export function compose(
  events: readonly Event[],
  text: string,
  placeOf: (offset: number) => Place,
  report: Report,
): Node | undefined {
  const composer = new Composer(text, placeOf, report);
  for (const event of events) composer.take(event);
  return composer.root;
}

class Composer {
  root: Node | undefined;
  readonly #text: string;
  readonly #placeOf: (offset: number) => Place;
  readonly #report: Report;
  readonly #mappings: MappingMaker;
  readonly #anchors = new Map<string, Node | 'open'>();
  readonly #open: Frame[] = [];
  #documents = 0;
  #isTooMuch = false;
  /** Where the last value began: an empty value has no offset of its own and belongs to the key before it. */
  #last = 0;

  constructor(text: string, placeOf: (offset: number) => Place, report: Report) {
    this.#text = text;
    this.#placeOf = placeOf;
    this.#report = report;
    this.#mappings = new MappingMaker(report);
  }

  take(event: Event): void {
    switch (event.type) {
      case EVENT_ID.DOCUMENT:
        return this.#begin('document', '', this.#last);
      case EVENT_ID.SEQUENCE:
        return this.#begin('sequence', this.#anchorOf(event), this.#checkedTag(event, event.start));
      case EVENT_ID.MAPPING:
        return this.#begin('mapping', this.#anchorOf(event), this.#checkedTag(event, event.start));
      case EVENT_ID.SCALAR:
        return this.#add(this.#scalar(event), this.#anchorOf(event));
      case EVENT_ID.ALIAS:
        return this.#add(this.#alias(this.#text.slice(event.anchorStart, event.anchorEnd), event.anchorStart - 1), '');
      case EVENT_ID.POP:
        return this.#end();
    }
  }

  #begin(kind: Frame['kind'], anchor: string, offset: number): void {
    this.#last = offset;
    if (anchor !== '') this.#anchors.set(anchor, 'open');
    this.#open.push({ kind, anchor, place: this.#placeOf(offset), items: [] });
  }

  #end(): void {
    const frame = this.#open.pop();
    if (frame === undefined) return;
    if (frame.kind === 'document') return this.#endDocument(frame);
    const { place, items } = frame;
    const size = items.reduce((sum, item) => sum + item.size, 1);
    if (size > MAX_SIZE) return this.#add(this.#tooMuch(place), frame.anchor);
    const node: Node =
      frame.kind === 'sequence' ? { kind: 'sequence', place, size, items } : this.#mappings.make(place, items);
    this.#add(node, frame.anchor);
  }

  /** Told once: what holds a value that is too large is too large as well. */
  #tooMuch(place: Place): Scalar {
    if (!this.#isTooMuch) {
      this.#report.error(place, 'the aliases in here write out to too much', `at most ${MAX_SIZE} values are read`);
    }
    this.#isTooMuch = true;
    return nothingAt(place);
  }

  #endDocument(frame: Frame): void {
    this.#documents += 1;
    if (this.#documents === 1) [this.root] = frame.items;
    else if (this.#documents === 2) {
      const second = frame.items[0]?.place ?? frame.place;
      this.#report.error(
        second,
        'a second YAML document',
        'one file holds one document: remove the `---` between them',
      );
    }
  }

  #add(node: Node, anchor: string): void {
    if (anchor !== '') this.#anchors.set(anchor, node);
    this.#open.at(-1)?.items.push(node);
  }

  #scalar(event: ScalarEvent): Scalar {
    const style = STYLES[event.style];
    const isQuoted = style === 'single' || style === 'double';
    const offset = event.valueStart < 0 ? this.#last : event.valueStart - (isQuoted ? 1 : 0);
    this.#last = this.#checkedTag(event, offset);
    const text = event.valueStart < 0 ? '' : getScalarValue(this.#text, event);
    const isString = style !== 'plain' || STRING_TAGS.has(this.#text.slice(event.tagStart, event.tagEnd));
    const value = isString ? text : coreValue(text);
    return { kind: 'scalar', place: this.#placeOf(offset), size: 1, text, style, value };
  }

  #alias(name: string, offset: number): Node {
    this.#last = offset;
    const target = this.#anchors.get(name);
    if (target !== undefined && target !== 'open') return target;
    const place = this.#placeOf(offset);
    if (target !== 'open' && isSecret(this.#path())) {
      this.#report.error(place, 'an unknown alias where a secret stands', 'quote a secret that begins with `*`');
    } else if (target === 'open') {
      this.#report.error(place, `the alias \`*${name}\` stands inside its own anchor`, 'a value cannot hold itself');
    } else {
      const meant = nearest(name, this.#anchors.keys());
      const hint = meant === undefined ? `\`&${name}\` has to come before it` : `did you mean \`*${meant}\`?`;
      this.#report.error(place, `unknown alias \`*${name}\``, hint);
    }
    return nothingAt(place);
  }

  /** The keys that lead to the value that comes next. */
  #path(): readonly string[] {
    return this.#open.flatMap(({ kind, items }) => {
      const key = items.at(-1);
      return kind === 'mapping' && items.length % 2 === 1 && key?.kind === 'scalar' ? [key.text] : [];
    });
  }

  #anchorOf({ anchorStart, anchorEnd }: { readonly anchorStart: number; readonly anchorEnd: number }): string {
    return anchorStart < 0 ? '' : this.#text.slice(anchorStart, anchorEnd);
  }

  #checkedTag({ tagStart, tagEnd }: { readonly tagStart: number; readonly tagEnd: number }, offset: number): number {
    if (tagStart >= 0 && !TAGS.has(this.#text.slice(tagStart, tagEnd))) {
      this.#report.error(
        this.#placeOf(offset),
        'a tag that means nothing here',
        'leave it out, and quote what is a string',
      );
    }
    return offset;
  }
}

function nothingAt(place: Place): Scalar {
  return { kind: 'scalar', place, size: 1, text: '', style: 'plain', value: null };
}
