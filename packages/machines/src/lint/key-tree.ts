import { spellingsOf } from '../spelling.ts';
import { KEYS, type KeyRow } from './keys.ts';

/** One key of the table with what may stand below it. */
export interface Branch {
  readonly row: KeyRow | undefined;
  /** By every spelling that the installer takes. */
  readonly children: ReadonlyMap<string, Branch>;
  /** The names in the table, one for each child. */
  readonly names: readonly string[];
  /** What stands below any name, and what a list holds. */
  readonly any: Branch | undefined;
  readonly items: Branch | undefined;
}

/** The table of keys as a tree. */
export const ROOT: Branch = branchAt('');

/** Every spelling of each name in the table; a config is searched for them often. */
export const SPELLINGS: ReadonlyMap<string, readonly string[]> = new Map(
  KEYS.map(({ path }) => path.slice(path.lastIndexOf('.') + 1)).map((name) => [name, spellingsOf(name)] as const),
);

/** The branch of a name below another; undefined for a name that no release knows. */
export function below(branch: Branch, name: string): Branch | undefined {
  return branch.children.get(name) ?? branch.any;
}

function branchAt(path: string): Branch {
  const prefix = path === '' ? '' : `${path}.`;
  const names = KEYS.map((row) => row.path)
    .filter((other) => other.startsWith(prefix) && /^[^.[]+$/.test(other.slice(prefix.length)))
    .map((other) => other.slice(prefix.length));
  const named = names.filter((name) => name !== '*');
  return {
    row: KEYS.find((row) => row.path === path),
    names: named,
    children: new Map(
      named.flatMap((name) => {
        const branch = branchAt(prefix + name);
        return spellingsOf(name).map((spelling) => [spelling, branch] as const);
      }),
    ),
    any: names.includes('*') ? branchAt(`${prefix}*`) : undefined,
    items: KEYS.some((row) => row.path.startsWith(`${path}[].`)) ? branchAt(`${path}[]`) : undefined,
  };
}

/** Where a name is known elsewhere in the table, for who put it on the wrong level. */
export function elsewhere(name: string): string | undefined {
  return KEYS.find(({ path }) => {
    const last = path.slice(path.lastIndexOf('.') + 1);
    return last !== '*' && spellingsOf(last).includes(name);
  })?.path;
}
