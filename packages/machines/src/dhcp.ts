import { contains, formatIPv4, formatSubnet, inRange, isHostAddress, isHostOf, overlaps } from '@sower/net';
import { readOptions, type OptionTable } from './dhcp-options.ts';
import type { DhcpSettings, SubnetSettings } from './inventory.ts';
import type { Place, Report } from './problems.ts';
import { itemsOf } from './readers.ts';
import { ARCHITECTURES, DHCP, SUBNET } from './schema.ts';
import { open, type Section } from './section.ts';
import type { Node } from './yaml/tree.ts';

/** Reads the section `dhcp`; undefined when it is absent, empty or off. */
export function readDhcp(
  node: Node | undefined,
  around: Place,
  table: OptionTable | undefined,
  report: Report,
): DhcpSettings | undefined {
  if (node === undefined) return undefined;
  const section = open(node, around, DHCP, report);
  const mode = section.at(DHCP.keys.mode);
  const interfaces = section.at(DHCP.keys.interfaces);
  const watch = section.at(DHCP.keys.watch);
  const usual = { mode: mode === 'proxy' ? 'proxy' : 'server', table } as const;
  const subnets = readSubnets(section.nodeOf(DHCP.keys.subnets), usual, report);
  const options = readOptions(section.nodeOf(DHCP.keys.options), table, report);
  const architectures = readArchitectures(section.nodeOf(DHCP.keys.architectures), around, table, report);
  if (mode === 'off') return undefined;
  if (section.nodeOf(DHCP.keys.interfaces) === undefined) {
    report.error(
      section.placeOf(DHCP.keys.interfaces),
      '`dhcp` has no `interfaces`',
      'name each one that is to be served',
    );
  }
  const subnetsNode = section.nodeOf(DHCP.keys.subnets);
  if (subnetsNode === undefined || (subnetsNode.kind === 'sequence' && subnetsNode.items.length === 0)) {
    report.error(section.placeOf(DHCP.keys.subnets), '`dhcp` has no `subnets`', 'give at least one with its `cidr`');
  }
  return { watch, interfaces, subnets, options, architectures };
}

function readArchitectures(
  node: Node | undefined,
  around: Place,
  table: OptionTable | undefined,
  report: Report,
): DhcpSettings['architectures'] {
  const section = open(node, around, ARCHITECTURES, report);
  const { bios, x64, arm64 } = ARCHITECTURES.keys;
  const optionsOf = (key: typeof bios) => readOptions(section.nodeOf(key), table, report);
  return { bios: optionsOf(bios), x64: optionsOf(x64), arm64: optionsOf(arm64) };
}

/** What is the same for all subnets. */
interface Usual {
  readonly mode: SubnetSettings['mode'];
  readonly table: OptionTable | undefined;
}

function readSubnets(node: Node | undefined, usual: Usual, report: Report): readonly SubnetSettings[] {
  const subnets: SubnetSettings[] = [];
  for (const item of itemsOf(node, 'subnets', report)) {
    const section = open(item, item.place, SUBNET, report);
    const settings = readSubnet(section, usual, report);
    if (settings === undefined) continue;
    const other = subnets.find(({ subnet }) => overlaps(subnet, settings.subnet));
    if (other !== undefined) {
      const what = `${formatSubnet(settings.subnet)} overlaps ${formatSubnet(other.subnet)}`;
      report.error(section.placeOf(SUBNET.keys.cidr), what, 'an address belongs to one subnet only');
    }
    subnets.push(settings);
  }
  return subnets;
}

function readSubnet(section: Section, usual: Usual, report: Report): SubnetSettings | undefined {
  const { keys } = SUBNET;
  const subnet = section.at(keys.cidr);
  const settings = {
    mode: section.at(keys.mode) ?? usual.mode,
    pool: section.at(keys.pool),
    router: section.at(keys.router),
    dns: section.at(keys.dns),
    domain: section.at(keys.domain),
    lease: section.at(keys.lease),
    authoritative: section.at(keys.authoritative),
    probe: section.at(keys.probe),
    rapidCommit: section.at(keys.rapidCommit),
    relays: section.at(keys.relays),
    options: readOptions(section.nodeOf(keys.options), usual.table, report),
  };
  if (subnet === undefined) return undefined;
  checkSubnet(section, { subnet, ...settings }, report);
  return { subnet, ...settings };
}

function checkSubnet(section: Section, settings: SubnetSettings, report: Report): void {
  const { keys } = SUBNET;
  const { subnet, pool, router, relays, mode } = settings;
  const network = formatSubnet(subnet);
  if (subnet.prefix < 8 || subnet.prefix > 30) {
    report.error(section.placeOf(keys.cidr), `${network} is no network to serve`, 'its prefix is from /8 to /30');
  }
  if (pool !== undefined && !(isHostOf(subnet, pool.first) && isHostOf(subnet, pool.last))) {
    const what = contains(subnet, pool.first) && contains(subnet, pool.last) ? 'takes in an end of' : 'is not inside';
    report.error(
      section.placeOf(keys.pool),
      `the pool ${what} ${network}`,
      'its first and last address are not for machines',
    );
  }
  if (router !== undefined && !isHostOf(subnet, router)) {
    report.error(
      section.placeOf(keys.router),
      `the router is no machine of ${network}`,
      'it has to lie inside the `cidr`',
    );
  }
  if (pool !== undefined && router !== undefined && inRange(pool, router)) {
    report.error(section.placeOf(keys.pool), 'the pool takes in the router', 'leave the router out of it');
  }
  for (const relay of relays) {
    if (isHostAddress(relay)) continue;
    const what = `${formatIPv4(relay)} is no address that a relay can have`;
    report.error(section.placeOf(keys.relays), what, 'the address that it puts into giaddr');
  }
  if (mode === 'proxy') warnOfIdle(section, report);
}

/** What only the server that gives the addresses can tell a machine. */
const OF_A_SERVER = [
  SUBNET.keys.pool,
  SUBNET.keys.router,
  SUBNET.keys.dns,
  SUBNET.keys.domain,
  SUBNET.keys.lease,
  SUBNET.keys.authoritative,
  SUBNET.keys.probe,
  SUBNET.keys.rapidCommit,
  SUBNET.keys.options,
];

function warnOfIdle(section: Section, report: Report): void {
  for (const key of OF_A_SERVER) {
    if (section.nodeOf(key) === undefined) continue;
    const what = `\`${key.name}\` has no effect where \`mode\` is \`proxy\``;
    report.warning(
      section.placeOf(key),
      what,
      'the other DHCP server gives the addresses and all that belongs to them',
    );
  }
}
