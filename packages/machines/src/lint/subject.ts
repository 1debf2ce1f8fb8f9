import { parseIPv4, type IPv4, type Mac } from '@sower/net';
import type { Cluster } from '../clusters.ts';
import { configEntry, configText, configValue, type Config } from '../config.ts';
import type { ApplianceSettings, HarvesterMachine, Machine } from '../inventory.ts';
import type { Place } from '../problems.ts';
import { hasTemplate } from '../template.ts';
import { eraOf, type Era } from '../version.ts';
import type { Node } from '../yaml/tree.ts';
import { sightingsOf, type Sighting } from './sightings.ts';

/** All machines of a data file, looked up by what has to be theirs alone: the first in the file owns it. */
export interface Fleet {
  readonly appliance: ApplianceSettings;
  readonly clusters: ReadonlyMap<string, Cluster>;
  readonly owners: ReadonlyMap<Mac, Machine>;
  readonly addresses: ReadonlyMap<IPv4, Machine>;
  /** By cluster and host name. */
  readonly hostnames: ReadonlyMap<string, HarvesterMachine>;
  /** The first machine of each cluster, whatever its type. */
  readonly heads: ReadonlyMap<string, HarvesterMachine>;
  /** The first `create` machine of each cluster. */
  readonly founders: ReadonlyMap<string, HarvesterMachine>;
  /** The clusters by their VIP. */
  readonly vips: ReadonlyMap<IPv4, readonly string[]>;
}

/** What the rules look at: one machine, its config and those around it. */
export interface Subject {
  readonly machine: HarvesterMachine;
  readonly config: Config;
  readonly era: Era;
  readonly keys: readonly Sighting[];
  readonly fleet: Fleet;
  /** The config that founds its cluster: of its first `create` machine, else the entry's `config_create`. */
  readonly founding: Config | undefined;
}

/** A value of a config: where it is, or where it would have to be. */
export interface Spot {
  readonly path: string;
  readonly place: Place;
  readonly node: Node | undefined;
  /** Undefined for nothing, and for anything but a scalar. */
  readonly text: string | undefined;
}

/** Looks for a value by its path of keys, in any spelling; what is missing is placed at the key that it belongs under. */
export function spot(config: Config, ...path: readonly string[]): Spot {
  const node = configValue(config, path);
  return {
    path: path.join('.'),
    place: node?.place ?? placeAround(config, path),
    node,
    text: configText(config, path),
  };
}

function placeAround(config: Config, path: readonly string[]): Place {
  const above = path.slice(0, -1);
  if (above.length === 0) return config.root.place;
  return configEntry(config, above)?.key.place ?? placeAround(config, above);
}

/** Where the management network of a machine stands, by its release (harvester.md section 0); 0.2.0 has none of this form. */
export function managementPath({ era }: Pick<Subject, 'era'>): readonly string[] {
  return era === 'P2' ? ['install', 'management_interface'] : ['install', 'networks', 'harvester-mgmt'];
}

/** The network cards of the management network that are mappings. */
export function nicsOf(subject: Subject): readonly Config[] {
  const node = configValue(subject.config, [...managementPath(subject), 'interfaces']);
  const items = node?.kind === 'sequence' ? node.items : [];
  return items.flatMap((item) => (item.kind === 'mapping' ? [{ kind: 'config', root: item }] : []));
}

/** The address that a config gives its node itself, by `method: static`. */
export function staticAddress(config: Config, era: Era): IPv4 | undefined {
  const path = managementPath({ era });
  if (configText(config, [...path, 'method'])?.toLowerCase() !== 'static') return undefined;
  return parseIPv4(configText(config, [...path, 'ip']) ?? '');
}

/** Indexes a whole data file, once for all rules. */
export function fleetOf(
  machines: readonly Machine[],
  clusters: readonly Cluster[],
  appliance: ApplianceSettings,
): Fleet {
  const nodes = machines.filter((machine) => machine.profile === undefined);
  const founders = first(nodes, ({ type, cluster }) => (type === 'create' && cluster !== undefined ? [cluster] : []));
  const entries = new Map(clusters.map((cluster) => [cluster.name, cluster] as const));
  const vips = new Map<IPv4, readonly string[]>();
  for (const name of new Set([...founders.keys(), ...entries.keys()])) {
    const config = founders.get(name)?.config ?? entries.get(name)?.create;
    const vip = config === undefined ? undefined : parseIPv4(configText(config, ['install', 'vip']) ?? '');
    if (vip !== undefined) vips.set(vip, [...(vips.get(vip) ?? []), name]);
  }
  return {
    appliance,
    clusters: entries,
    heads: first(nodes, ({ cluster }) => defined(cluster)),
    founders,
    owners: first(machines, ({ macs }) => macs),
    // what the data file reserves counts more than what a config says
    addresses: new Map<IPv4, Machine>([
      ...first(nodes, (machine) => defined(staticAddress(machine.config, eraOf(machine.version)))),
      ...first(machines, ({ network }) => defined(network.address)),
    ]),
    hostnames: first(nodes, (machine) => defined(hostnameKey(machine))),
    vips,
  };
}

/** A machine as the rules see it. */
export function subjectOf(machine: HarvesterMachine, fleet: Fleet): Subject {
  const { config, cluster = '' } = machine;
  return {
    machine,
    config,
    era: eraOf(machine.version),
    keys: sightingsOf(config.root),
    fleet,
    founding: fleet.founders.get(cluster)?.config ?? withoutTemplates(fleet.clusters.get(cluster)?.create),
  };
}

/** What a shared config says is only certain where no machine has to fill it in. */
function withoutTemplates(config: Config | undefined): Config | undefined {
  return config === undefined || hasTemplate(config.root) ? undefined : config;
}

/** Host names have to differ within a cluster. */
export function hostnameKey({ config, cluster }: HarvesterMachine): string | undefined {
  const name = configText(config, ['os', 'hostname']);
  return name === undefined ? undefined : `${cluster ?? ''} ${name}`;
}

function defined<T>(value: T | undefined): readonly T[] {
  return value === undefined ? [] : [value];
}

function first<K, M>(machines: readonly M[], keysOf: (machine: M) => readonly K[]): ReadonlyMap<K, M> {
  return new Map(machines.toReversed().flatMap((machine) => keysOf(machine).map((key) => [key, machine] as const)));
}
