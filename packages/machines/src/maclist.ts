import { parseMac, type Mac } from '@sower/net';
import { asConfig, clusterOf, type Cluster } from './clusters.ts';
import { configFlag, configText, type Config } from './config.ts';
import { checkConfig } from './config-checks.ts';
import { readOptions, type DhcpOption, type OptionTable } from './dhcp-options.ts';
import type { Machine } from './inventory.ts';
import type { Place, Report } from './problems.ts';
import { isName, itemsOf } from './readers.ts';
import { MACHINE, VALUES } from './schema.ts';
import { open, type Section } from './section.ts';
import { didYouMean } from './suggest.ts';
import { readVersion } from './version-reader.ts';
import type { Node } from './yaml/tree.ts';

/** Reads the list `maclist`; an entry that is not whole is reported and left out. */
export function readMachines(
  node: Node | undefined,
  clusters: readonly Cluster[],
  table: OptionTable | undefined,
  report: Report,
): readonly Machine[] {
  const owners = new Map<Mac, Place>();
  const addresses = new Map<number, Place>();
  return itemsOf(node, 'maclist', report).flatMap((item) => {
    const section = open(item, item.place, MACHINE, report);
    const values = open(section.at(MACHINE.keys.values), item.place, VALUES, report);
    const macs = section.at(MACHINE.keys.macs) ?? [];
    for (const mac of macs) unique(owners, mac, placeOfMac(section, mac), `the MAC address ${mac}`, report);
    const address = values.at(VALUES.keys.address);
    if (address !== undefined) {
      unique(addresses, address, values.placeOf(VALUES.keys.address), 'this `ipaddress`', report);
    }
    const options = readOptions(section.nodeOf(MACHINE.keys.options), table, report);
    const machine = readMachine(section, values, macs, clusters, options, report);
    return machine === undefined ? [] : [machine];
  });
}

function readMachine(
  section: Section,
  values: Section,
  [first, ...others]: readonly Mac[],
  clusters: readonly Cluster[],
  options: readonly DhcpOption[],
  report: Report,
): Machine | undefined {
  const { keys } = MACHINE;
  const config = asConfig(values.at(VALUES.keys.config), report);
  const written = values.at(VALUES.keys.version);
  const version = written === undefined ? undefined : readVersion(written, report);
  const type = values.at(VALUES.keys.type);
  const own = {
    network: {
      address: values.at(VALUES.keys.address),
      netmask: values.at(VALUES.keys.netmask),
      gateway: values.at(VALUES.keys.gateway),
      interface: values.at(VALUES.keys.interface),
    },
    netboot: section.at(keys.netboot),
    loader: section.at(keys.loader),
    rechain: section.at(keys.rechain),
    localboot: section.at(keys.localboot),
    options,
    place: section.place,
  };
  const name = section.at(keys.name);
  const cluster = section.at(keys.cluster);
  if (config !== undefined) checkConfig(config, report);
  if (first === undefined || config === undefined || version === undefined || type === undefined) return undefined;
  return {
    macs: [first, ...others],
    name: name ?? hostname(config) ?? first,
    cluster: checkedCluster(section, cluster, config, clusters, report),
    type,
    version,
    config,
    skipchecks: configFlag(config, ['install', 'skipchecks']),
    ...own,
  };
}

function hostname(config: Config): string | undefined {
  const name = configText(config, ['os', 'hostname']);
  return name !== undefined && isName(name) ? name : undefined;
}

function checkedCluster(
  section: Section,
  named: string | undefined,
  config: Config,
  clusters: readonly Cluster[],
  report: Report,
): string | undefined {
  const cluster = named ?? clusterOf(config, clusters);
  const names = clusters.map(({ name }) => name);
  if (cluster === undefined) {
    const what = 'no cluster found for this machine: rules across the machines of a cluster skip it';
    report.warning(section.place, what, 'name it with `cluster`');
  } else if (!names.includes(cluster)) {
    const hint = didYouMean(cluster, names, 'the list `config` has no such entry');
    report.warning(section.placeOf(MACHINE.keys.cluster), `unknown cluster \`${cluster}\``, hint);
  }
  return cluster;
}

function unique<K>(seen: Map<K, Place>, value: K, place: Place, what: string, report: Report): void {
  const earlier = seen.get(value);
  if (earlier === undefined) seen.set(value, place);
  else report.error(place, `${what} is there twice`, `it is first in line ${earlier.line}`);
}

/** The item of the list that says this MAC last, so that a duplicate within one list points at the second. */
function placeOfMac(section: Section, mac: Mac): Place {
  const node = section.nodeOf(MACHINE.keys.macs);
  const items = node?.kind === 'sequence' ? node.items : [];
  return (
    items.findLast((item) => item.kind === 'scalar' && parseMac(item.text) === mac)?.place ??
    section.placeOf(MACHINE.keys.macs)
  );
}
