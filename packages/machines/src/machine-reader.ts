import { formatIPv4, type IPv4, type Mac } from '@sower/net';
import { asConfig, clusterOf, type Cluster } from './clusters.ts';
import { configFlag, configText, type Config } from './config.ts';
import { checkConfig } from './config-checks.ts';
import { readOptions, type OptionTable } from './dhcp-options.ts';
import type { HarvesterMachine, Machine, MachineNetwork, ProfiledMachine } from './inventory.ts';
import type { Fault } from './lint/finding.ts';
import type { Report } from './problems.ts';
import type { Profile } from './profiles/profile.ts';
import { argumentFaults } from './profiles/table.ts';
import { isName } from './readers.ts';
import { MACHINE, VALUES } from './schema.ts';
import type { Section } from './section.ts';
import { didYouMean } from './suggest.ts';
import { expand, type Facts } from './template.ts';
import { formatVersion } from './version.ts';
import { readRelease, readVersion } from './version-reader.ts';
import type { Node } from './yaml/tree.ts';

/** What the entries of `maclist` refer to. */
export interface Known {
  readonly clusters: readonly Cluster[];
  readonly profiles: readonly Profile[];
  /** How DHCP options are read; undefined where nobody knows them. */
  readonly dhcpOptions: OptionTable | undefined;
}

/** Reads one entry of `maclist`; undefined when it is not whole, which then is in the report. */
export function readMachine(
  section: Section,
  values: Section,
  [first, ...others]: readonly Mac[],
  known: Known,
  report: Report,
): Machine | undefined {
  const { keys } = MACHINE;
  const profile = profileOf(section, known.profiles, report);
  const os =
    profile === 'none'
      ? undefined
      : profile === undefined
        ? readHarvester(values, report)
        : readOther(values, profile, report);
  const source = asConfig(values.at(VALUES.keys.config), report);
  const name = section.at(keys.name);
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
    options: readOptions(section.nodeOf(keys.options), known.dhcpOptions, report),
    place: section.place,
  };
  if (source === undefined) return undefined;
  const named = section.at(keys.cluster);
  const cluster = profile === undefined ? checkedCluster(section, named, source, known.clusters, report) : named;
  const release = os?.type === undefined ? os?.release : formatVersion(os.version);
  const facts = factsOf(section.at(keys.values), network, {
    name,
    mac: first,
    cluster,
    type: os?.type,
    version: release,
  });
  const { root, faults } = expand(source.root, facts);
  const config: Config = { kind: 'config', root };
  if (profile === undefined) checkConfig(config, report);
  if (first === undefined || os === undefined) return undefined;
  const common = {
    ...own,
    macs: [first, ...others] as const,
    name: name ?? hostname(config) ?? first,
    cluster,
    config,
  };
  if (os.type !== undefined) {
    return { ...common, ...os, unfilled: faults, skipchecks: configFlag(config, ['install', 'skipchecks']) };
  }
  const machine = { ...common, ...os, facts, unfilled: faults };
  return { ...machine, unfilled: [...faults, ...profileFaults(machine)] };
}

/** The profile that a machine names; undefined for Harvester's, `none` for one that does not exist. */
function profileOf(section: Section, profiles: readonly Profile[], report: Report): Profile | undefined | 'none' {
  const name = section.at(MACHINE.keys.profile);
  if (name === undefined || name === 'harvester') return undefined;
  const found = profiles.find((profile) => profile.name === name);
  if (found !== undefined) return found;
  const names = ['harvester', ...profiles.map((profile) => profile.name)];
  const hint = didYouMean(name, names, `there are ${names.join(', ')}`);
  report.error(section.placeOf(MACHINE.keys.profile), 'an unknown profile', hint);
  return 'none';
}

type Harvester = Pick<HarvesterMachine, 'profile' | 'type' | 'version'>;
type Other = Pick<ProfiledMachine, 'profile' | 'type' | 'version' | 'release'>;

function readHarvester(values: Section, report: Report): Harvester | undefined {
  const written = values.need(VALUES.keys.version);
  const version = written === undefined ? undefined : readVersion(written, report);
  const type = values.need(VALUES.keys.type);
  return version === undefined || type === undefined ? undefined : { profile: undefined, type, version };
}

function readOther(values: Section, profile: Profile, report: Report): Other {
  const written = values.at(VALUES.keys.version);
  const release = written === undefined ? undefined : readRelease(written, report);
  if (values.at(VALUES.keys.type) !== undefined) {
    report.error(values.placeOf(VALUES.keys.type), 'only machines of Harvester have a `type`', 'leave it out');
  }
  return { profile, type: undefined, version: undefined, release };
}

/** What the table of its profile wants of a machine and does not find. */
function profileFaults(machine: ProfiledMachine): readonly Fault[] {
  const { profile, place, release } = machine;
  const wantsRelease = [...profile.files.values()].some((path) => path.includes('{version}'));
  const what = `\`version\` is missing: the paths of ${profile.name} hold it`;
  const missing = { place, path: 'values.version', what, hint: 'set it in `values`' };
  return [...(wantsRelease && release === undefined ? [missing] : []), ...argumentFaults(machine)];
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
