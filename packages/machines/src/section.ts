import type { Place, Report } from './problems.ts';
import type { Reader } from './readers.ts';
import { didYouMean } from './suggest.ts';
import type { Entry, Node } from './yaml/tree.ts';

/** One key of a section: how it is read, what it is when it is absent, and what it means. */
export interface Key<T> {
  readonly name: string;
  readonly read: Reader<T>;
  readonly fallback: T;
  readonly isRequired: boolean;
  readonly doc: string;
}

/** The keys of a section, and those that a later release brings. */
export interface Shape {
  readonly title: string;
  readonly keys: Readonly<Record<string, Key<unknown>>>;
  readonly later: readonly string[];
}

/** A section of the file that is being read. */
export interface Section {
  readonly place: Place;
  /** The value of a key; its fallback when it is absent or wrong. */
  at<T>(key: Key<T>): T;
  /** As `at`, for a key that this section has to have although others need not. */
  need<T>(key: Key<T>): T;
  /** Where a key's value stands; the section itself when the key is absent. */
  placeOf(key: Key<unknown>): Place;
  /** The node of a key's value. */
  nodeOf(key: Key<unknown>): Node | undefined;
}

/** A key with a default. */
export function key<T>(name: string, read: Reader<T>, fallback: NoInfer<T>, doc: string): Key<T> {
  return { name, read, fallback, isRequired: false, doc };
}

/** A key that may be left out. */
export function optional<T>(name: string, read: Reader<T>, doc: string): Key<T | undefined> {
  return { name, read, fallback: undefined, isRequired: false, doc };
}

/** A key that has no default. */
export function required<T>(name: string, read: Reader<T>, doc: string): Key<T | undefined> {
  return { name, read, fallback: undefined, isRequired: true, doc };
}

/** Opens a section: reports whatever is no mapping, and every unknown key. A key without a value counts as absent. */
export function open(node: Node | undefined, around: Place, shape: Shape, report: Report): Section {
  const entries = entriesOf(node, shape, report);
  const place = node?.place ?? around;
  for (const entry of entries.values()) checkName(entry, shape, report);
  const nodeOf = ({ name }: Key<unknown>) => {
    const value = entries.get(name)?.value;
    return value?.kind === 'scalar' && value.value === null ? undefined : value;
  };
  const valueOf = <T>(wanted: Key<T>, isRequired: boolean): T => {
    const value = nodeOf(wanted);
    if (value !== undefined) return wanted.read(value, report) ?? wanted.fallback;
    if (isRequired && node?.kind === 'mapping' && !isBroken(entries.get(wanted.name), report)) {
      report.error(place, `\`${wanted.name}\` is missing in ${shape.title}`, wanted.doc);
    }
    return wanted.fallback;
  };
  return {
    place,
    nodeOf,
    placeOf: (wanted) => nodeOf(wanted)?.place ?? place,
    at: (wanted) => valueOf(wanted, wanted.isRequired),
    need: (wanted) => valueOf(wanted, true),
  };
}

/** Whether null stands here because of an error that is told already, such as an unknown alias. */
function isBroken(entry: Entry | undefined, report: Report): boolean {
  return entry !== undefined && report.hasErrorAt(entry.value.place);
}

function entriesOf(node: Node | undefined, shape: Shape, report: Report): ReadonlyMap<string, Entry> {
  if (node?.kind === 'mapping') return node.entries;
  const isAbsent = node === undefined || (node.kind === 'scalar' && node.value === null);
  if (!isAbsent) report.error(node.place, `${shape.title} is a ${node.kind}`, 'it has to be a mapping of keys');
  return new Map();
}

function checkName({ key: { text: name, place } }: Entry, shape: Shape, report: Report): void {
  if (name.startsWith('x-') || Object.values(shape.keys).some((known) => known.name === name)) return;
  if (shape.later.includes(name)) {
    report.error(place, `\`${name}\` is not available yet`, 'a later release brings it: leave it out for now');
    return;
  }
  const names = Object.values(shape.keys).map((known) => known.name);
  const hint = didYouMean(name, names, `known here: ${names.join(', ')}, and whatever begins with \`x-\``);
  report.error(place, `unknown key \`${name}\` in ${shape.title}`, hint);
}
