import type { Cluster } from '../clusters.ts';
import type { ApplianceSettings, HarvesterMachine, Machine } from '../inventory.ts';
import { isWithin } from '../version.ts';
import { CLUSTER_RULES } from './cluster-rules.ts';
import { CONFIG_RULES } from './config-rules.ts';
import type { Fault, Finding } from './finding.ts';
import { KEY_RULES } from './key-rules.ts';
import { PROFILE_RULES } from './profile-rules.ts';
import { NETWORK_RULES } from './network-rules.ts';
import type { Rule } from './rule.ts';
import { fleetOf, subjectOf, type Fleet } from './subject.ts';

/** Every rule, in the order of docs/lint.md. */
export const RULES: readonly Rule[] = [...KEY_RULES, ...CONFIG_RULES, ...NETWORK_RULES, ...CLUSTER_RULES];

/** Judges what every machine would be installed with (harvester.md section 1); a machine without a finding is in the map too. */
export function lint(
  machines: readonly Machine[],
  clusters: readonly Cluster[],
  appliance: ApplianceSettings,
): ReadonlyMap<Machine, readonly Finding[]> {
  const fleet = fleetOf(machines, clusters, appliance);
  return new Map(machines.map((machine) => [machine, lintMachine(machine, fleet)] as const));
}

/** By its profile: a machine of Harvester is judged as its installer would, others by the table of their profile. */
function lintMachine(machine: Machine, fleet: Fleet): readonly Finding[] {
  if (machine.profile === undefined) return lintNode(machine, fleet);
  return PROFILE_RULES.flatMap((rule) => found(rule, machine, rule.check(machine)));
}

function lintNode(machine: HarvesterMachine, fleet: Fleet): readonly Finding[] {
  const { version, cluster } = machine;
  const subject = subjectOf(machine, fleet);
  const applies = ({ since, until, needsCluster }: Rule) =>
    isWithin(version, since, until) && (!needsCluster || cluster !== undefined);
  return RULES.filter(applies).flatMap((rule) => found(rule, machine, rule.check(subject)));
}

function found(
  rule: Pick<Rule, 'id' | 'level' | 'hint'>,
  { name }: Machine,
  faults: Iterable<Fault>,
): readonly Finding[] {
  return Array.from(faults, ({ place, path, what, hint = rule.hint }) => ({
    ...place,
    severity: rule.level,
    rule: rule.id,
    machine: name,
    path,
    what,
    hint,
  }));
}
