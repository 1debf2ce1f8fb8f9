import type { Mapping, Node, Scalar } from '../yaml/tree.ts';
import { below, ROOT, type Branch } from './key-tree.ts';
import type { KeyRow } from './keys.ts';

/** One key of an install config as it stands there, and what the table knows of it. */
export interface Sighting {
  /** As written, with positions in lists. */
  readonly path: string;
  readonly name: Scalar;
  readonly value: Node;
  /** The mapping it stands in, and what may stand in there. */
  readonly owner: Mapping;
  readonly around: Branch;
  /** Undefined: no release reads this key here. */
  readonly branch: Branch | undefined;
  readonly row: KeyRow | undefined;
}

/** Every key of an install config, down to where names are free; keys without a value and `x-` keys count as absent. */
export function sightingsOf(root: Mapping): readonly Sighting[] {
  return [...inMapping(root, ROOT, '')];
}

function* inMapping(owner: Mapping, around: Branch, prefix: string): Iterable<Sighting> {
  for (const { key: name, value } of owner.entries.values()) {
    if (name.text.startsWith('x-') || isNothing(value)) continue;
    const branch = below(around, name.text);
    const path = prefix + name.text;
    yield { path, name, value, owner, around, branch, row: branch?.row };
    if (branch !== undefined) yield* under(value, branch, path);
  }
}

function* under(value: Node, branch: Branch, path: string): Iterable<Sighting> {
  const isFree = branch.names.length === 0 && branch.any === undefined;
  if (value.kind === 'mapping' && !isFree) yield* inMapping(value, branch, `${path}.`);
  if (value.kind !== 'sequence' || branch.items === undefined) return;
  for (const [index, item] of value.items.entries()) {
    if (item.kind === 'mapping') yield* inMapping(item, branch.items, `${path}[${index}].`);
  }
}

function isNothing(node: Node): boolean {
  return node.kind === 'scalar' && node.value === null;
}
