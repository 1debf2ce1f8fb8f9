import type { Fault } from './lint/finding.ts';
import { didYouMean } from './suggest.ts';
import type { Mapping, Node, Scalar } from './yaml/tree.ts';

/** What a template can name; undefined: this machine has none. */
export type Facts = ReadonlyMap<string, string | undefined>;

/** A config with its templates filled in, and what could not be. */
export interface Expanded {
  readonly root: Mapping;
  readonly faults: readonly Fault[];
}

/**
 * Fills in `{{ name }}` in every text of a config; `{{{{` stands for `{{`. What begins with a dot, `{{ .Hostname }}`, is the
 * installer's own and stays, as does what cannot be filled in. A value with a template is a text, whatever it looks like.
 * What has no template in it stays the very node that it was.
 */
export function expand(root: Mapping, facts: Facts): Expanded {
  const faults: Fault[] = [];
  return { root: expandMapping(root, facts, '', faults), faults };
}

/** Whether a text, or a text somewhere below, holds a template. */
export function hasTemplate(node: Node): boolean {
  if (node.kind === 'scalar') return node.text.includes('{{');
  if (node.kind === 'sequence') return node.items.some(hasTemplate);
  return [...node.entries.values()].some(({ value }) => hasTemplate(value));
}

const TEMPLATE = /\{\{\{\{|\{\{([^{}]*)\}\}|\{\{/g;

function expandNode(node: Node, facts: Facts, path: string, faults: Fault[]): Node {
  if (node.kind === 'scalar') return expandScalar(node, facts, path, faults);
  if (node.kind === 'mapping') return expandMapping(node, facts, path === '' ? '' : `${path}.`, faults);
  const items = node.items.map((item, index) => expandNode(item, facts, `${path}[${index}]`, faults));
  return items.every((item, index) => item === node.items[index]) ? node : { ...node, items };
}

function expandMapping(mapping: Mapping, facts: Facts, prefix: string, faults: Fault[]): Mapping {
  const changed = [...mapping.entries].flatMap(([name, entry]) => {
    const value = expandNode(entry.value, facts, prefix + name, faults);
    return value === entry.value ? [] : [[name, { ...entry, value }] as const];
  });
  return changed.length === 0 ? mapping : { ...mapping, entries: new Map([...mapping.entries, ...changed]) };
}

function expandScalar(scalar: Scalar, facts: Facts, path: string, faults: Fault[]): Scalar {
  if (typeof scalar.value !== 'string' || !scalar.text.includes('{{')) return scalar;
  const text = scalar.text.replaceAll(TEMPLATE, (written: string, inner: string | undefined) => {
    if (written === '{{{{') return '{{';
    const name = inner?.trim();
    if (name?.startsWith('.') === true) return written;
    const value = name === undefined ? undefined : facts.get(name);
    if (value === undefined) faults.push({ place: scalar.place, path, ...unfilled(name, facts) });
    return value ?? written;
  });
  return { ...scalar, text, value: text, style: 'double' };
}

/** Never quotes more than a name: around it may stand a secret. */
function unfilled(name: string | undefined, facts: Facts): Pick<Fault, 'what' | 'hint'> {
  if (name === undefined || !/^[\w.-]{1,40}$/.test(name)) {
    return { what: '`{{` that begins no template', hint: 'write `{{{{` where the text itself has `{{`' };
  }
  if (facts.has(name))
    return { what: `this machine has no \`${name}\``, hint: 'give it one, or leave the template out' };
  const known = [...facts.keys()];
  return { what: `no template \`${name}\``, hint: didYouMean(name, known, `there are ${known.join(', ')}`) };
}
