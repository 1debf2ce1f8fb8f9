import { parseIPv4, type IPv4 } from '@sower/net';
import { configText, type Config } from './config.ts';
import type { Report } from './problems.ts';
import { itemsOf } from './readers.ts';
import { CLUSTER } from './schema.ts';
import { open } from './section.ts';
import type { Mapping, Node } from './yaml/tree.ts';

/** An entry of `config`. */
export interface Cluster {
  readonly name: string;
  readonly configs: readonly Config[];
  readonly create: Config | undefined;
  /** The address of the cluster, from its `config_create`. */
  readonly vip: IPv4 | undefined;
}

/** Reads the list `config`. */
export function readClusters(node: Node | undefined, report: Report): readonly Cluster[] {
  const clusters: Cluster[] = [];
  for (const item of itemsOf(node, 'config', report)) {
    const section = open(item, item.place, CLUSTER, report);
    const name = section.at(CLUSTER.keys.cluster);
    const create = asConfig(section.nodeOf(CLUSTER.keys.create), report);
    const join = asConfig(section.nodeOf(CLUSTER.keys.join), report);
    if (name === undefined) continue;
    if (clusters.some((cluster) => cluster.name === name)) {
      report.error(section.placeOf(CLUSTER.keys.cluster), `a second cluster \`${name}\``, 'each has its own name');
    }
    const vip = create === undefined ? undefined : parseIPv4(configText(create, ['install', 'vip']) ?? '');
    clusters.push({ name, configs: [create, join].filter((config) => config !== undefined), create, vip });
  }
  return clusters;
}

/** A node as an install config; anything but a mapping is reported. */
export function asConfig(node: Node | undefined, report: Report): Config | undefined {
  if (node === undefined) return undefined;
  if (node.kind === 'mapping') return { kind: 'config', root: node };
  report.error(node.place, `an install config that is a ${node.kind}`, 'it has to be a mapping, or an alias of one');
  return undefined;
}

/**
 * The cluster of a machine that does not name one (decisions.md section 2): the only one whose anchor its config merges
 * or aliases, else the one whose VIP is the host of `server_url`. Never by token.
 */
export function clusterOf(config: Config, clusters: readonly Cluster[]): string | undefined {
  const origins = originsOf(config.root);
  const merged = clusters.filter(({ configs }) => configs.some(({ root }) => origins.has(root)));
  if (merged.length === 1) return merged[0]?.name;
  const server = hostOf(configText(config, ['server_url']) ?? '');
  return clusters.find(({ vip }) => vip !== undefined && vip === server)?.name;
}

/** A mapping and all that went into it by `<<`: an alias is the very node of its anchor. */
function originsOf(mapping: Mapping, found = new Set<Mapping>()): ReadonlySet<Mapping> {
  if (found.has(mapping)) return found;
  found.add(mapping);
  for (const source of mapping.merges) originsOf(source, found);
  return found;
}

function hostOf(url: string): IPv4 | undefined {
  return URL.canParse(url) ? parseIPv4(new URL(url).hostname) : undefined;
}
