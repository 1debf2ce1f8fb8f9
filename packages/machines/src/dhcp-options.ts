import type { Report } from './problems.ts';
import { didYouMean } from './suggest.ts';
import type { Entry, Node } from './yaml/tree.ts';

/** A DHCP option as the file has it, ready for the wire. */
export interface DhcpOption {
  readonly code: number;
  readonly bytes: Uint8Array;
  /** Sent also to machines that do not ask for it. */
  readonly force: boolean;
}

/** Who knows DHCP options: their names, and how their values are written. */
export interface OptionTable {
  readonly names: readonly string[];
  /** Makes an option of its code or name, and of its value as words. */
  read(
    written: string,
    words: readonly string[],
  ):
    | { readonly code: number; readonly bytes: Uint8Array }
    | { readonly fault: 'name' | 'value'; readonly what: string; readonly hint: string };
}

/** Reads `options`: a mapping of codes or names to values, or to `{ value, force }`. */
export function readOptions(
  node: Node | undefined,
  table: OptionTable | undefined,
  report: Report,
): readonly DhcpOption[] {
  if (node === undefined) return [];
  if (node.kind !== 'mapping' || table === undefined) {
    report.error(
      node.place,
      `\`options\` is a ${node.kind}`,
      'it has to be a mapping such as `ntp-servers: 192.168.178.3`',
    );
    return [];
  }
  const found = new Map<number, DhcpOption>();
  for (const entry of node.entries.values()) {
    const option = readOption(entry, table, report);
    if (option === undefined) continue;
    if (found.has(option.code)) {
      report.error(entry.key.place, `option ${option.code} is there twice`, 'write it once, by code or by name');
    }
    found.set(option.code, option);
  }
  return [...found.values()];
}

function readOption({ key, value }: Entry, table: OptionTable, report: Report): DhcpOption | undefined {
  const force = value.kind === 'mapping' && isTrue(value.entries.get('force')?.value);
  const written = value.kind === 'mapping' ? value.entries.get('value')?.value : value;
  const words = written === undefined ? undefined : wordsOf(written);
  if (words === undefined || (value.kind === 'mapping' && !isMarked(value.entries))) {
    report.error(value.place, 'this is no value', 'a text, a list of texts, or `{ value: …, force: true }`');
    return undefined;
  }
  const option = table.read(key.text, words);
  if ('code' in option) return { ...option, force };
  const place = option.fault === 'name' ? key.place : (written ?? value).place;
  report.error(place, option.what, didYouMean(key.text, option.fault === 'name' ? table.names : [], option.hint));
  return undefined;
}

/** The texts of a scalar or of a list of scalars; undefined for anything else, and for null. */
function wordsOf(node: Node): readonly string[] | undefined {
  const items = node.kind === 'sequence' ? node.items : [node];
  const words = items.flatMap((item) => (item.kind === 'scalar' && item.value !== null ? [item.text] : []));
  return words.length === items.length ? words : undefined;
}

function isMarked(entries: ReadonlyMap<string, Entry>): boolean {
  const mark = entries.get('force')?.value;
  const isFlag = mark === undefined || (mark.kind === 'scalar' && typeof mark.value === 'boolean');
  return isFlag && [...entries.keys()].every((name) => name === 'value' || name === 'force');
}

function isTrue(node: Node | undefined): boolean {
  return node?.kind === 'scalar' && node.value === true;
}
