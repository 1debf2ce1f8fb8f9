import { formatIPv4, parseMac, type IPv4, type Mac } from '@sower/net';
import { asConfig, clusterOf, type Cluster } from './clusters.ts';
import { configFlag, configText, type Config } from './config.ts';
import { checkConfig } from './config-checks.ts';
import type { Machine, MachineNetwork } from './inventory.ts';
import type { Place, Report } from './problems.ts';
import { isName, itemsOf } from './readers.ts';
import { MACHINE, VALUES } from './schema.ts';
import { open, type Section } from './section.ts';
import { didYouMean } from './suggest.ts';
import { expand, type Facts } from './template.ts';
import { formatVersion } from './version.ts';
import { readVersion } from './version-reader.ts';
import type { Node } from './yaml/tree.ts';

/** Reads the list `maclist`; an entry that is not whole is reported and left out. */
export function readMachines(node: Node | undefined, clusters: readonly Cluster[], report: Report): readonly Machine[] {
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
    const machine = readMachine(section, values, macs, clusters, report);
    return machine === undefined ? [] : [machine];
  });
}

function readMachine(
  section: Section,
  values: Section,
  [first, ...others]: readonly Mac[],
  clusters: readonly Cluster[],
  report: Report,
): Machine | undefined {
  const { keys } = MACHINE;
  const source = asConfig(values.at(VALUES.keys.config), report);
  const written = values.at(VALUES.keys.version);
  const version = written === undefined ? undefined : readVersion(written, report);
  const type = values.at(VALUES.keys.type);
  const network = {
    address: values.at(VALUES.keys.address),
    netmask: values.at(VALUES.keys.netmask),
    gateway: values.at(VALUES.keys.gateway),
    interface: values.at(VALUES.keys.interface),
  };
  const own = {
    network,
    netboot: section.at(keys.netboot),
    loader: section.at(keys.loader),
    rechain: section.at(keys.rechain),
    localboot: section.at(keys.localboot),
    place: section.place,
  };
  const name = section.at(keys.name);
  const cluster = section.at(keys.cluster);
  const home = source === undefined ? undefined : checkedCluster(section, cluster, source, clusters, report);
  const said = {
    name,
    mac: first,
    cluster: home,
    type,
    version: version === undefined ? undefined : formatVersion(version),
  };
  const filled =
    source === undefined ? undefined : expand(source.root, factsOf(section.at(keys.values), network, said));
  if (filled === undefined) return undefined;
  const config: Config = { kind: 'config', root: filled.root };
  checkConfig(config, report);
  if (first === undefined || version === undefined || type === undefined) return undefined;
  return {
    macs: [first, ...others],
    name: name ?? hostname(config) ?? first,
    cluster: home,
    type,
    version,
    config,
    unfilled: filled.faults,
    skipchecks: configFlag(config, ['install', 'skipchecks']),
    ...own,
  };
}

/** What the templates of a machine's config can name (docs/data-yaml.md); its `values` by `values.` and the key too. */
function factsOf(
  values: Node | undefined,
  network: MachineNetwork,
  own: Readonly<Record<string, string | undefined>>,
): Facts {
  const dotted = (address: IPv4 | undefined) => (address === undefined ? undefined : formatIPv4(address));
  const entries = values?.kind === 'mapping' ? [...values.entries] : [];
  return new Map([
    ...Object.entries({
      ...own,
      address: dotted(network.address),
      netmask: dotted(network.netmask),
      gateway: dotted(network.gateway),
      interface: network.interface,
    }),
    ...entries.flatMap(([name, { value }]) =>
      value.kind === 'scalar' && value.value !== null ? [[`values.${name}`, value.text] as const] : [],
    ),
  ]);
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
  if (cluster !== undefined && !names.includes(cluster)) {
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
