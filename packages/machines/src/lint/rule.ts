import type { Fault } from './finding.ts';
import { release, type Version } from '../version.ts';
import type { Subject } from './subject.ts';

/** One rule of the linter: a row of docs/lint.md. */
export interface Rule {
  readonly id: string;
  readonly level: 'error' | 'warning';
  /** The first and the last release that it is about; undefined: all. */
  readonly since: Version | undefined;
  readonly until: Version | undefined;
  /** Whether it has to know the machine's cluster. */
  readonly needsCluster: boolean;
  /** What it finds, as a sentence. */
  readonly text: string;
  readonly hint: string;
  check(subject: Subject): Iterable<Fault>;
}

interface Row extends Pick<Rule, 'level' | 'text' | 'hint' | 'check'> {
  readonly since?: string;
  readonly until?: string;
  readonly needsCluster?: boolean;
}

/** A rule with what most rules have in common filled in. */
export function rule(id: string, { since = '', until = '', needsCluster = false, ...row }: Row): Rule {
  return { ...row, id, needsCluster, since: release(since), until: release(until) };
}
