import type { ProfiledMachine } from '../inventory.ts';
import { didYouMean } from '../suggest.ts';
import type { Fault } from './finding.ts';
import type { Rule } from './rule.ts';

/** A rule about a machine that is installed by the table of a profile. */
export interface ProfileRule extends Pick<Rule, 'id' | 'level' | 'text' | 'hint'> {
  check(machine: ProfiledMachine): Iterable<Fault>;
}

/** What is right or wrong about every profile alike: templates and documents. */
export const PROFILE_RULES: readonly ProfileRule[] = [
  {
    id: 'template-unfilled',
    level: 'error',
    text: 'A template, of its config or of its profile, that names nothing, or something that the machine does not have.',
    hint: 'see the names in docs/profiles.md',
    check: ({ unfilled }) => unfilled,
  },
  {
    id: 'document-missing',
    level: 'error',
    text: 'A document that the profile serves, and that neither the config of the machine nor the profile has.',
    hint: 'give the config a key of its name',
    *check({ profile, config }) {
      const { place, entries } = config.root;
      for (const { name, otherwise } of profile.documents) {
        if (otherwise !== undefined || entries.has(name)) continue;
        yield { place, path: name, what: `the document \`${name}\` is missing` };
      }
    },
  },
  {
    id: 'document-unknown',
    level: 'error',
    text: 'A key of the config that is no document of the profile: nobody would ever fetch it.',
    hint: 'call it after a document of the profile',
    *check({ profile, config }) {
      const names = profile.documents.map(({ name }) => name);
      for (const [name, { key }] of config.root.entries) {
        if (names.includes(name) || name.startsWith('x-')) continue;
        const hint = didYouMean(name, names, `there are ${names.join(', ')}`);
        yield { place: key.place, path: name, what: `\`${name}\` is no document of ${profile.name}`, hint };
      }
    },
  },
  {
    id: 'document-shape',
    level: 'error',
    text: 'A document that is neither a text nor a mapping, or a mapping where the profile serves a text.',
    hint: 'write it as one text, or as a mapping for YAML and JSON',
    *check({ profile, config }) {
      for (const { name, format } of profile.documents) {
        const value = config.root.entries.get(name)?.value;
        const isText = value?.kind === 'scalar' && typeof value.value === 'string';
        if (value === undefined || isText || (value.kind === 'mapping' && format !== 'text')) continue;
        yield { place: value.place, path: name, what: `the document \`${name}\` is a ${value.kind}` };
      }
    },
  },
];
