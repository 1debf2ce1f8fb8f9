import type { IPv4, Mac } from '@sower/net';
import { readAppliance, type ParseOptions } from './appliance.ts';
import { readClusters, type Cluster } from './clusters.ts';
import { checkConfig, vipReservation, warnOfLostKeys } from './config-checks.ts';
import type { Inventory, Machine } from './inventory.ts';
import { checkKernelLines } from './kernel-line-check.ts';
import { lint } from './lint/lint.ts';
import { readMachines } from './maclist.ts';
import { checkPlacement } from './placement.ts';
import { readProfiles } from './profiles/read.ts';
import { Report, type Problem } from './problems.ts';
import { FILE } from './schema.ts';
import { open } from './section.ts';
import { hasTemplate } from './template.ts';
import { parseYaml } from './yaml/parse.ts';
import type { Mapping } from './yaml/tree.ts';

/** A data file read: the inventory unless there is an error, and every problem found. */
export interface Parsed {
  readonly inventory: Inventory | undefined;
  readonly problems: readonly Problem[];
}

/**
 * Reads a whole data file. A syntax error comes alone; all other problems come together, in the order of the file.
 * `file` is its name as the user gave it: problems show it, and relative paths start from its folder. Never throws.
 */
export function parseInventory(text: string, file: string, options: ParseOptions = {}): Parsed {
  const report = new Report();
  const root = parseYaml(text, file, report);
  if (root === undefined && report.hasErrors) return { inventory: undefined, problems: report.problems() };
  const start = { file, line: 1, column: 1 };
  // a file that is just being written is empty for a moment: that must never count as "no machines"
  if (root === undefined) report.error(start, 'there is nothing in the file', 'give it at least a `maclist`');
  const section = open(root, start, FILE, report);
  const appliance = readAppliance(section.nodeOf(FILE.keys.appliance), start, options, report);
  const clusters = readClusters(section.nodeOf(FILE.keys.config), report);
  // a shared config with templates is checked where a machine has filled them in
  const shared = clusters.flatMap(({ configs }) => configs).filter(({ root }) => !hasTemplate(root));
  for (const config of shared) checkConfig(config, report);
  const known = {
    clusters,
    profiles: readProfiles(section.nodeOf(FILE.keys.profiles), report),
    dhcpOptions: options.dhcpOptions,
  };
  const machines = readMachines(section.nodeOf(FILE.keys.maclist), known, report);
  const seen = new Set<Mapping>();
  for (const { config } of machines) warnOfLostKeys(config.root, report, seen);
  checkPlacement(machines, appliance.dhcp, report);
  if (!report.hasErrors) checkKernelLines(machines, appliance, report);
  const problems = report.problems();
  return { inventory: report.hasErrors ? undefined : inventoryOf(appliance, machines, clusters, problems), problems };
}

function inventoryOf(
  appliance: Inventory['appliance'],
  machines: readonly Machine[],
  clusters: readonly Cluster[],
  warnings: readonly Problem[],
): Inventory {
  const findings = lint(machines, clusters, appliance);
  const byMac = new Map(machines.flatMap((machine) => machine.macs.map((mac) => [mac, machine] as const)));
  return {
    appliance,
    machines,
    machineOf: (mac) => byMac.get(mac),
    reservations: reservationsOf(machines, clusters),
    warnings,
    findingsOf: (machine) => findings.get(machine) ?? [],
  };
}

/** A machine's own address counts more than a VIP. */
function reservationsOf(machines: readonly Machine[], clusters: readonly Cluster[]): ReadonlyMap<Mac, IPv4> {
  const reservations = new Map<Mac, IPv4>();
  const configs = [...clusters.flatMap((cluster) => cluster.configs), ...machines.map((machine) => machine.config)];
  for (const config of configs) {
    const vip = vipReservation(config);
    if (vip !== undefined) reservations.set(...vip);
  }
  for (const { macs, network } of machines) {
    const { address } = network;
    if (address !== undefined) for (const mac of macs) reservations.set(mac, address);
  }
  return reservations;
}
