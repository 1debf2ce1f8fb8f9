import { plainConfig, renderConfig, type Config } from '../config.ts';
import type { ProfiledMachine } from '../inventory.ts';
import { INSERTABLE } from '../inserted.ts';
import type { Fault } from '../lint/finding.ts';
import { addressing } from '../kernel-line.ts';
import { documentsUrl } from '../links.ts';
import type { Place } from '../problems.ts';
import { fill, unfilled, type Facts } from '../template.ts';
import type { Node } from '../yaml/tree.ts';
import type { Document, DocumentRow, FileUrls, Install } from './profile.ts';

/** A machine by the table of its profile. */
export function fromTable(machine: ProfiledMachine): Install {
  const { profile, release, config } = machine;
  return {
    title: release === undefined ? profile.name : `${profile.name} ${release}`,
    needsUefi: false,
    documents: profile.documents.map(({ name }) => name),
    files: () =>
      Object.fromEntries(
        [...profile.files].map(([name, path]) => [name, [path.replaceAll('{version}', release ?? '')]]),
      ),
    kernelArguments: (base, files) => {
      const facts = argumentFacts(machine, base, files);
      return profile.arguments.map((argument) => argumentOf(argument, facts));
    },
    document: (name) => {
      const row = profile.documents.find((candidate) => candidate.name === name);
      return row === undefined ? undefined : documentOf(row, config, machine.facts);
    },
  };
}

/** The names in a profile's arguments that this machine has no harmless value for: they would keep it from booting. */
export function argumentFaults(machine: ProfiledMachine): readonly Fault[] {
  const urls = Object.fromEntries([...machine.profile.files.keys()].map((name) => [name, 'http://h/f']));
  const facts = harmless(argumentFacts(machine, 'http://h', urls));
  const missing = machine.profile.arguments.flatMap((argument) => fill(argument, facts).missing);
  return missing.map((name) => faultOf(name, facts, machine.place));
}

function faultOf(name: string, facts: Facts, place: Place): Fault {
  const { what, hint } = unfilled(name, facts);
  const isKnown = facts.has(name);
  return { place, path: 'profile', what: isKnown ? `${what} that a kernel line can hold` : what, hint };
}

/** Every name that an argument can hold: the machine's, its files and documents by their URLs, its address as dracut takes it. */
function argumentFacts(machine: ProfiledMachine, base: string, files: FileUrls): Facts {
  const documents = documentsUrl(base, machine);
  const { initrd = '' } = files;
  return new Map([
    ...machine.facts,
    ['initrd', initrd.slice(initrd.lastIndexOf('/') + 1)],
    ['ip', addressing(machine.network)],
    ['documents', documents],
    ...machine.profile.documents.map(({ name }) => [`documents.${name}`, `${documents}${name}`] as const),
    ...Object.entries(files).map(([name, url]) => [`files.${name}`, url] as const),
  ]);
}

/** The profile's own text is the operator's and may hold `;` (NoCloud needs it); what comes into it may not (D-15). */
function argumentOf(argument: string, facts: Facts): string {
  const { text, missing } = fill(argument, harmless(facts));
  if (missing.length > 0) throw new RangeError('a kernel argument holds what a boot script cannot');
  return text;
}

function harmless(facts: Facts): Facts {
  return new Map(
    [...facts].map(([name, value]) => [name, value !== undefined && INSERTABLE.test(value) ? value : undefined]),
  );
}

const TYPES: Readonly<Record<DocumentRow['format'], string>> = {
  yaml: 'text/yaml',
  json: 'application/json',
  text: 'text/plain',
};

function documentOf(row: DocumentRow, config: Config, facts: Facts): Document | undefined {
  const node = config.root.entries.get(row.name)?.value;
  const body = node === undefined ? row.otherwise && fill(row.otherwise, facts).text : bodyOf(row, node);
  return body === undefined ? undefined : { type: TYPES[row.format], body: body.endsWith('\n') ? body : `${body}\n` };
}

/** A text is served as it stands; anything else is a mapping, which the linter has seen to. */
function bodyOf({ format, header }: DocumentRow, node: Node): string | undefined {
  if (node.kind === 'scalar') return node.text;
  if (node.kind === 'sequence' || format === 'text') return undefined;
  const config: Config = { kind: 'config', root: node };
  if (format === 'json') return JSON.stringify(plainConfig(config), undefined, 2);
  return `${header === undefined ? '' : `${header}\n`}${renderConfig(config)}`;
}
