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

/** One text with its templates filled in, and the names that could not be; a `{{` that begins none is an empty name. */
export function fill(template: string, facts: Facts): { readonly text: string; readonly missing: readonly string[] } {
  const missing: string[] = [];
  const text = template.replaceAll(TEMPLATE, (written: string, inner: string | undefined) => {
    if (written === '{{{{') return '{{';
    const name = (inner ?? '').trim();
    if (name.startsWith('.')) return written;
    const value = facts.get(name);
    if (value === undefined) missing.push(name);
    return value ?? written;
  });
  return { text, missing };
}

function expandScalar(scalar: Scalar, facts: Facts, path: string, faults: Fault[]): Scalar {
  if (typeof scalar.value !== 'string' || !scalar.text.includes('{{')) return scalar;
  const { text, missing } = fill(scalar.text, facts);
  for (const name of missing) faults.push({ place: scalar.place, path, ...unfilled(name, facts) });
  return { ...scalar, text, value: text, style: 'double' };
}

/** What to say of a name that could not be filled in. Never quotes more than a name: around it may stand a secret. */
export function unfilled(name: string, facts: Facts): { readonly what: string; readonly hint: string } {
  if (!/^[\w.-]{1,40}$/.test(name)) {
    return { what: '`{{` that begins no template', hint: 'write `{{{{` where the text itself has `{{`' };
  }
  if (facts.has(name))
    return { what: `this machine has no \`${name}\``, hint: 'give it one, or leave the template out' };
  const known = [...facts.keys()];
  return { what: `no template \`${name}\``, hint: didYouMean(name, known, `there are ${known.join(', ')}`) };
}
