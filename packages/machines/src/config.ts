import {
  COLLECTION_STYLE,
  DUMP_SCHEMA,
  eventsToAst,
  parseEvents,
  present,
  SCALAR_STYLE,
  type Node as Ast,
} from 'js-yaml';
import { SPELLINGS } from './lint/key-tree.ts';
import { isSecret, maskedScalar } from './secrets.ts';
import type { Entry, Mapping, Node, Scalar } from './yaml/tree.ts';

/** A machine's install config, merges and aliases already resolved; scalars keep what the user wrote. */
export interface Config {
  readonly kind: 'config';
  readonly root: Mapping;
}

/** A value that JSON can carry. */
export type Plain = string | number | boolean | null | readonly Plain[] | { readonly [key: string]: Plain };

/**
 * Writes the config as YAML: merges flattened, aliases written out, numbers as the user wrote them, and every string
 * that some YAML reader would take for something else in quotes.
 */
export function renderConfig(config: Config): string {
  const contents = ast(config.root);
  return present([{ contents, directives: [] }], { schema: DUMP_SCHEMA, lineWidth: -1, quoteStyle: 'double' });
}

/** The config as plain data, for people who may see its secrets. */
export function plainConfig(config: Config): Plain {
  return plain(config.root, [], () => undefined);
}

/** The config as plain data with its secrets replaced by `***`. */
export function maskedConfig(config: Config): Plain {
  return plain(config.root, [], (path, scalar) => (isSecret(path) ? '***' : maskedScalar(scalar.text)));
}

/** The entry at a path of keys, each in any spelling that the installer takes (harvester.md section 1.1). */
export function configEntry(config: Config, path: readonly string[]): Entry | undefined {
  let owner: Node | undefined = config.root;
  let found: Entry | undefined;
  for (const key of path) {
    const { entries }: Pick<Mapping, 'entries'> = owner?.kind === 'mapping' ? owner : NOTHING;
    found = (SPELLINGS.get(key) ?? [key]).map((name) => entries.get(name)).find((entry) => entry !== undefined);
    owner = found?.value;
  }
  return found;
}

const NOTHING: Pick<Mapping, 'entries'> = { entries: new Map() };

/** The value at a path of keys, each in any spelling that the installer takes. */
export function configValue(config: Config, path: readonly string[]): Node | undefined {
  return configEntry(config, path)?.value;
}

/** The scalar's text at a path; undefined when there is none, or nothing in it. */
export function configText(config: Config, path: readonly string[]): string | undefined {
  const node = configValue(config, path);
  return node?.kind === 'scalar' && node.text !== '' && node.value !== null ? node.text : undefined;
}

/** A switch as the installer reads it: `true`, `t`, `yes` and `y` in any case are on, everything else is off. */
export function configFlag(config: Config, path: readonly string[]): boolean {
  return /^(?:true|t|yes|y)$/i.test(configText(config, path) ?? '');
}

function ast(node: Node): Ast {
  if (node.kind === 'scalar') return typeof node.value === 'string' && !isOldSwitch(node) ? text(node) : verbatim(node);
  const tag = { tagged: false, style: COLLECTION_STYLE.BLOCK };
  if (node.kind === 'sequence') {
    return { kind: 'sequence', tag: 'tag:yaml.org,2002:seq', ...tag, items: node.items.map(ast) };
  }
  const items = [...node.entries.values()].map(({ key, value }) => ({ key: text(key), value: ast(value) }));
  return { kind: 'mapping', tag: 'tag:yaml.org,2002:map', ...tag, items };
}

/**
 * `poweroff: yes`, unquoted: a boolean to the installers of 0.3 to 1.1 and a word that later ones understand. In quotes
 * the old ones would refuse the whole file (harvester.md section 1.1), so it stays as the user wrote it.
 */
function isOldSwitch({ text: word, style }: Scalar): boolean {
  return style === 'plain' && /^(?:y|n|yes|no|on|off)$/i.test(word);
}

/** What Go's yaml.v3 takes for a number beyond YAML 1.1 and 1.2: `1_0e5`, `0X1F`. */
const GO_NUMBER = /^[-+.0-9].*_|^[-+]?0[XBO]/;

/** The presenter quotes a string wherever DUMP_SCHEMA, YAML 1.1 and 1.2 together, would read anything but a string. */
function text(scalar: Scalar): Ast {
  const style = GO_NUMBER.test(scalar.text) ? SCALAR_STYLE.DOUBLE_QUOTED : SCALAR_STYLE.PLAIN;
  return { kind: 'scalar', tag: 'tag:yaml.org,2002:str', tagged: false, style, value: scalar.text };
}

/** A number, boolean or null: its own source text, which the presenter keeps because both schemas agree on it. */
function verbatim(scalar: Scalar): Ast {
  const source = scalar.value === null ? 'null' : scalar.text;
  return eventsToAst(parseEvents(source, {}), { source, schema: DUMP_SCHEMA })[0]?.contents ?? text(scalar);
}

function plain(
  node: Node,
  path: readonly string[],
  replace: (path: readonly string[], scalar: Scalar) => string | undefined,
): Plain {
  if (node.kind === 'scalar') return replace(path, node) ?? jsonValue(node);
  if (node.kind === 'sequence') return node.items.map((item) => plain(item, path, replace));
  // Object.fromEntries defines own properties, so a key named __proto__ is only a key
  return Object.fromEntries(
    [...node.entries].map(([name, { value }]) => [name, plain(value, [...path, name], replace)]),
  );
}

/** A number whose text says more than the number (`0755`, `1.10`) stays text. */
function jsonValue(scalar: Scalar): Plain {
  return typeof scalar.value === 'number' && String(scalar.value) !== scalar.text ? scalar.text : scalar.value;
}
