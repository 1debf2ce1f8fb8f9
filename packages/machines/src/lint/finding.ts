import type { Inventory } from '../inventory.ts';
import type { Place, Problem } from '../problems.ts';

/** What a rule has found: where, and what to do. Never quotes a secret. */
export interface Fault {
  readonly place: Place;
  /** The keys that lead to it, as in `install.webhooks[0].url`. */
  readonly path: string;
  readonly what: string;
  /** What to do, where that is not what the rule says for all. */
  readonly hint?: string;
}

/** A fault in what one machine would be installed with. An error stops that machine's install, and no other's. */
export interface Finding extends Problem {
  /** The rule's id, see docs/lint.md. */
  readonly rule: string;
  readonly machine: string;
  readonly path: string;
}

/** The same fault of several machines, which share an anchor. */
export interface SharedFinding extends Problem {
  readonly rule: string;
  readonly path: string;
  readonly machines: readonly string[];
}

/** Everything that the linter has against the machines of an inventory. */
export function findingsOf({
  machines,
  findingsOf: of,
}: Pick<Inventory, 'machines' | 'findingsOf'>): readonly Finding[] {
  return machines.flatMap((machine) => of(machine));
}

/** Findings in the order of the file, those of a shared value once. */
export function shared(findings: readonly Finding[]): readonly SharedFinding[] {
  const found = new Map<string, SharedFinding & { readonly machines: string[] }>();
  for (const { machine, ...finding } of findings) {
    const { rule, line, column, what } = finding;
    const key = `${rule} ${line}:${column} ${what}`;
    const known = found.get(key);
    if (known === undefined) found.set(key, { ...finding, machines: [machine] });
    else known.machines.push(machine);
  }
  return [...found.values()].toSorted((a, b) => a.line - b.line || a.column - b.column);
}

/** Why a machine is not installed, in one plain line for screens; undefined when nothing is in the way. */
export function stopReason(findings: readonly Finding[]): string | undefined {
  const [first, ...others] = findings.filter(({ severity }) => severity === 'error');
  if (first === undefined) return undefined;
  const more = others.length === 0 ? '' : ` (and ${others.length} more, see sower check)`;
  return `line ${first.line} of the data file: ${first.what.replaceAll('`', '')}${more}`;
}
