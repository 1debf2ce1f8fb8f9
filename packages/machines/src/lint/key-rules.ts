import { isSecret, maskedScalar } from '../secrets.ts';
import { nearest } from '../suggest.ts';
import { formatVersion, isWithin, type Version } from '../version.ts';
import type { Node, Scalar } from '../yaml/tree.ts';
import type { Fault } from './finding.ts';
import { elsewhere, SPELLINGS } from './key-tree.ts';
import { rule, type Rule } from './rule.ts';
import type { Sighting } from './sightings.ts';
import type { Subject } from './subject.ts';

/** A rule about single keys: `judge` says what is wrong with one, or nothing. */
function perKey(judge: (key: Sighting, subject: Subject) => Judgement | undefined): Rule['check'] {
  return function* (subject) {
    for (const key of subject.keys) {
      const judgement = judge(key, subject);
      if (judgement !== undefined) yield { place: key.value.place, path: key.path, ...judgement };
    }
  };
}

type Judgement = Pick<Fault, 'what'> & Partial<Fault>;

/** Rules about the keys of a config and their values, one by one. */
export const KEY_RULES: readonly Rule[] = [
  rule('unknown-key', {
    level: 'error',
    text: 'A key that no release of Harvester reads: the installer ignores it without a word.',
    hint: 'correct it or leave it out; a key of your own begins with `x-`',
    check: perKey((key) => {
      if (key.branch !== undefined) return undefined;
      const what = `unknown key \`${key.name.text}\`: the installer would ignore it`;
      const hint = meant(key);
      return { place: key.name.place, what, ...(hint === undefined ? {} : { hint }) };
    }),
  }),
  rule('other-release', {
    level: 'warning',
    text: 'A key that other releases read, and the one to be installed does not.',
    hint: 'leave it out for this machine',
    check: perKey(({ name, row, path }, { machine: { version } }) => {
      if (row === undefined || isWithin(version, row.since, row.until)) return undefined;
      const { since, until } = row;
      const isEarly = since !== undefined && !isWithin(version, since, undefined);
      const when = isEarly
        ? `before ${formatVersion(since)}`
        : `after ${until === undefined ? '' : formatVersion(until)}`;
      const what = `\`${path}\` is not read ${when}, and this is ${formatVersion(version)}`;
      return { place: name.place, what, ...(row.instead === '' ? {} : { hint: row.instead }) };
    }),
  }),
  rule('spelt-twice', {
    level: 'error',
    text: 'One key in two spellings: the installer takes one of the values and drops the other.',
    hint: 'leave one of them out',
    check: perKey(({ name, owner, branch, around }) => {
      const twin = [...owner.entries.values()].find(
        (entry) => entry.key !== name && branch !== undefined && around.children.get(entry.key.text) === branch,
      );
      if (twin === undefined || isBefore(name, twin.key)) return undefined;
      return { place: name.place, what: `\`${name.text}\` and \`${twin.key.text}\` are the same key` };
    }),
  }),
  rule('not-text', {
    level: 'error',
    text: 'A number or a boolean where a text has to be: the installer cannot read the file at all.',
    hint: 'put it in quotes',
    check: perKey(({ name, row, value }, { machine }) => {
      if (row?.form.kind !== 'text' || value.kind !== 'scalar' || isText(value, machine.version)) return undefined;
      return { what: `\`${name.text}\` is a ${isOldSwitch(value) ? 'boolean' : typeof value.value} here, not a text` };
    }),
  }),
  rule('not-flag', {
    level: 'error',
    text: 'A switch that is set to a word which the installer takes for false, whatever it means.',
    hint: 'write true or false',
    check: perKey(({ name, row, value, path }, { machine }) => {
      if (row?.form.kind !== 'flag' || value.kind !== 'scalar' || typeof value.value === 'boolean') return undefined;
      if (isOldSwitch(value) && hasOldYaml(machine.version)) return undefined;
      if (/^(?:true|t|yes|y|false|f|no|n|off|0|)$/i.test(value.text)) return undefined;
      return { what: `\`${name.text}\` is ${quoted(value, path)}, which the installer takes for false` };
    }),
  }),
  rule('native-type', {
    level: 'error',
    text: 'A switch, a number or a list whose key is spelt in small letters alone, as a text: the installer cannot read the file.',
    hint: 'spell the key with `_`, or write the value without quotes',
    check: perKey(({ name, row, value }, { machine }) => {
      if (row === undefined || !isFlat(name.text, row.path) || value.kind !== 'scalar') return undefined;
      const isOld = isOldSwitch(value) && hasOldYaml(machine.version);
      const wrong = typeof value.value === 'string' && NATIVE.has(row.form.kind) && !isOld;
      return wrong ? { what: `\`${name.text}\`, spelt like this, takes no text` } : undefined;
    }),
  }),
  rule('wrong-shape', {
    level: 'error',
    text: 'A single value, a list or a mapping where another of them has to be.',
    hint: 'see the example of this key in Harvester’s reference',
    check: perKey(({ name, row, value }) => {
      const wrong = row === undefined ? undefined : misshapen(value, row.form.kind);
      if (wrong === undefined) return undefined;
      const hint = /^interfaces?$/.test(name.text) ? { hint: 'write `interfaces: [{ name: ens3 }]`' } : {};
      return {
        place: wrong.node.place,
        what: `${wrong.what} in \`${name.text}\`, which takes ${wrong.takes}`,
        ...hint,
      };
    }),
  }),
  rule('bad-value', {
    level: 'error',
    text: 'A value that the key cannot have.',
    hint: 'correct the value',
    check: function* (subject) {
      for (const { row, value, name, path } of subject.keys) {
        const words = row !== undefined && 'words' in row.form ? row.form.words : undefined;
        if (words === undefined) continue;
        for (const item of value.kind === 'sequence' ? value.items : [value]) {
          if (item.kind !== 'scalar' || item.value === null || words.fits(item.text)) continue;
          // an empty text counts as absent, and what is no text has its own rule
          if (item.text === '' || (row?.form.kind === 'text' && typeof item.value !== 'string')) continue;
          const what = `${quoted(item, path)} in \`${name.text}\` is not ${words.expected}`;
          yield { place: item.place, path, what };
        }
      }
    },
  }),
];

const NATIVE: ReadonlySet<string> = new Set(['flag', 'number', 'texts']);

/** What takes which shape; `any` and the forms of single values are judged elsewhere. */
const SHAPES: Readonly<Record<string, { readonly takes: string; fits(node: Node): boolean }>> = {
  text: { takes: 'one text', fits: (node) => node.kind === 'scalar' },
  flag: { takes: 'true or false', fits: (node) => node.kind === 'scalar' },
  number: { takes: 'one number', fits: (node) => node.kind === 'scalar' },
  texts: { takes: 'a list of texts', fits: (node) => node.kind !== 'mapping' },
  map: { takes: 'a mapping', fits: (node) => node.kind === 'mapping' },
  lists: { takes: 'a mapping of lists', fits: (node) => node.kind === 'mapping' },
  mapping: { takes: 'a mapping', fits: (node) => node.kind === 'mapping' },
  list: { takes: 'a list of mappings', fits: (node) => node.kind === 'sequence' },
};

/** What the members of a list or a mapping have to be. */
const MEMBERS: Readonly<Record<string, Node['kind']>> = {
  texts: 'scalar',
  map: 'scalar',
  lists: 'sequence',
  list: 'mapping',
};

interface Misshapen {
  readonly node: Node;
  readonly what: string;
  readonly takes: string;
}

function misshapen(value: Node, kind: string): Misshapen | undefined {
  const shape = SHAPES[kind];
  if (shape === undefined) return undefined;
  const { takes } = shape;
  if (!shape.fits(value)) return { node: value, what: `a ${value.kind}`, takes };
  const member = membersOf(value).find((node) => node.kind !== MEMBERS[kind] && MEMBERS[kind] !== undefined);
  return member === undefined ? undefined : { node: member, what: `a ${member.kind}`, takes };
}

function membersOf(node: Node): readonly Node[] {
  if (node.kind === 'sequence') return node.items;
  return node.kind === 'mapping' ? [...node.entries.values()].map(({ value }) => value) : [];
}

function meant({ name, around }: Sighting): string | undefined {
  const near = nearest(name.text, around.names);
  if (near !== undefined) return `did you mean \`${near}\`?`;
  const path = elsewhere(name.text);
  return path === undefined ? undefined : `it belongs at \`${path}\``;
}

/** Whether a key is written in its spelling without capitals and `_`, where it has others. */
function isFlat(written: string, path: string): boolean {
  const [snake = '', camel = '', flat] = SPELLINGS.get(path.slice(path.lastIndexOf('.') + 1)) ?? [];
  return written === flat && written !== snake && written !== camel;
}

/** ghodss/yaml, which reads YAML 1.1, until 1.1.2 and in 1.2.0 and 1.2.1; yaml.v3 since. */
function hasOldYaml(version: Version): boolean {
  const isOf = (minor: number, last: number) =>
    isWithin(version, { major: 1, minor, patch: 0 }, { major: 1, minor, patch: last });
  return version.major === 0 || isOf(0, Infinity) || isOf(1, 2) || isOf(2, 1);
}

/** An unquoted `yes` or `off`, which is served as it stands. */
function isOldSwitch({ text, style }: Scalar): boolean {
  return style === 'plain' && /^(?:y|n|yes|no|on|off)$/i.test(text);
}

function isText(scalar: Scalar, version: Version): boolean {
  return typeof scalar.value === 'string' && !(isOldSwitch(scalar) && hasOldYaml(version));
}

function isBefore(a: Scalar, b: Scalar): boolean {
  return a.place.line - b.place.line < 0 || (a.place.line === b.place.line && a.place.column < b.place.column);
}

/** What a finding shows of a value: nothing of a secret, and not all of a long one. */
function quoted({ text }: Scalar, path: string): string {
  if (isSecret(path.split('.').map((key) => key.replace(/\[\d+\]$/, '')))) return 'what stands';
  const shown = maskedScalar(text) ?? text;
  return `\`${shown.length > 60 ? `${shown.slice(0, 57)}...` : shown}\``;
}
