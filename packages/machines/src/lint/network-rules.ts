import { contains, formatIPv4, parseIPv4, parseMac, prefixOfNetmask, subnetOf, type IPv4 } from '@sower/net';
import { configText, configValue } from '../config.ts';
import { rule, type Rule } from './rule.ts';
import { managementPath, nicsOf, spot, staticAddress, type Spot, type Subject } from './subject.ts';

/** Rules about the management network: its cards, its addresses, its gateway. */
export const NETWORK_RULES: readonly Rule[] = [
  rule('network-missing', {
    level: 'error',
    text: 'No network card for the management network, at the place where the release looks for it.',
    hint: 'from 1.1.0 on `install.management_interface`, before that `install.networks.harvester-mgmt`, with `interfaces`',
    *check(subject) {
      const path = subject.era === 'P0' ? ['install', 'mgmt_interface'] : managementPath(subject);
      const { node, place, path: shown } = spot(subject.config, ...path);
      const isThere = subject.era === 'P0' ? node !== undefined : hasCards(subject);
      if (!isThere) yield { place, path: shown, what: `\`${shown}\` has no network card` };
    },
  }),
  rule('networks-shape', {
    level: 'error',
    until: '1.0.3',
    text: '`install.networks` in the form of the other releases: a list up to 0.2.0, a mapping from 0.3.0 on.',
    hint: 'from 0.3.0 on write `networks: { harvester-mgmt: { interfaces: [{ name: ens3 }], method: dhcp } }`',
    *check({ config, era }) {
      const { node, place, path } = spot(config, 'install', 'networks');
      const kind = era === 'P0' ? 'sequence' : 'mapping';
      if (node !== undefined && node.kind !== kind) yield { place, path, what: `\`networks\` is a ${node.kind} here` };
    },
  }),
  rule('method-missing', {
    level: 'error',
    since: '0.3.0',
    text: 'The management network does not say how it gets its address.',
    hint: 'write method: dhcp, or method: static with `ip`, `subnet_mask` and `gateway`',
    *check(subject) {
      const { text, place, path } = spot(subject.config, ...managementPath(subject), 'method');
      if (text === undefined && hasCards(subject)) yield { place, path, what: '`method` is missing' };
    },
  }),
  rule('static-incomplete', {
    level: 'error',
    since: '0.3.0',
    text: '`method: static` without `ip`, `subnet_mask` or `gateway`.',
    hint: 'give all of them, or write method: dhcp',
    *check(subject) {
      const network = managementPath(subject);
      const { config } = subject;
      if (configText(config, [...network, 'method'])?.toLowerCase() !== 'static') return;
      for (const key of ['ip', 'subnet_mask', 'gateway']) {
        const { text, place, path } = spot(config, ...network, key);
        if (text === undefined) yield { place, path, what: `\`${key}\` is missing with method: static` };
      }
    },
  }),
  rule('static-without-dns', {
    level: 'error',
    since: '1.0.3',
    text: '`method: static` without a name server: the installer refuses it.',
    hint: 'set `os.dns_nameservers`',
    *check(subject) {
      const { config } = subject;
      const isStatic = configText(config, [...managementPath(subject), 'method'])?.toLowerCase() === 'static';
      const { node, place, path } = spot(config, 'os', 'dns_nameservers');
      const isEmpty = node === undefined || (node.kind === 'sequence' && node.items.length === 0);
      if (isStatic && isEmpty) yield { place, path, what: '`os.dns_nameservers` is missing with method: static' };
    },
  }),
  rule('gateway-outside', {
    level: 'error',
    text: 'A gateway outside the subnet of the address, or a netmask that is none.',
    hint: 'correct the address, the netmask or the gateway',
    *check(subject) {
      const { machine, config } = subject;
      const { address, netmask, gateway } = machine.network;
      const own = reachable(address, netmask, gateway);
      if (own !== undefined) yield { place: machine.place, path: 'values.gateway', what: own };
      const network = managementPath(subject);
      const [ip, mask, router] = ['ip', 'subnet_mask', 'gateway'].map((key) => spot(config, ...network, key));
      const wrong = reachable(addressOf(ip), addressOf(mask), addressOf(router));
      const at = router ?? ip;
      if (wrong !== undefined && at !== undefined) yield { place: at.place, path: at.path, what: wrong };
    },
  }),
  rule('nic-unnamed', {
    level: 'error',
    since: '0.3.0',
    text: 'A network card without a name; its `hwAddr` will do from 1.0.0 on.',
    hint: 'write `name`, or from 1.0.0 on `hwAddr`',
    *check(subject) {
      const takesMac = subject.machine.version.major > 0;
      for (const nic of nicsOf(subject)) {
        const name = spot(nic, 'name');
        const hasMac = configText(nic, ['hw_addr']) !== undefined;
        if (name.text === undefined && !(takesMac && hasMac)) {
          yield { place: name.place, path: 'interfaces', what: 'a network card without a name' };
        }
      }
    },
  }),
  rule('nic-of-another', {
    level: 'error',
    since: '0.3.0',
    text: 'A network card by the `hwAddr` of another machine.',
    hint: 'write a MAC address of this machine',
    *check(subject) {
      for (const { place, path, owner, text } of cardsByMac(subject)) {
        if (owner === undefined || owner === subject.machine) continue;
        yield { place, path, what: `${text} is a network card of ${owner.name}` };
      }
    },
  }),
  rule('nic-name-differs', {
    level: 'warning',
    since: '0.3.0',
    text: 'A network card that is called otherwise in `values.interface`.',
    hint: 'leave out the name where `hwAddr` says which card it is',
    *check(subject) {
      const wanted = subject.machine.network.interface;
      for (const { place, path, owner, name } of cardsByMac(subject)) {
        if (owner !== subject.machine || name === undefined || wanted === undefined || name === wanted) continue;
        if (subject.machine.macs.length > 1) continue;
        yield { place, path, what: `this card is \`${name}\` here and \`${wanted}\` in \`values.interface\`` };
      }
    },
  }),
  rule('address-twice', {
    level: 'error',
    text: 'The static address of a config is another machine’s.',
    hint: 'give each machine its own',
    *check(subject) {
      const { config, era, machine, fleet } = subject;
      const address = staticAddress(config, era);
      const owner = address === undefined ? undefined : fleet.addresses.get(address);
      if (address === undefined || owner === undefined || owner === machine) return;
      const { place, path } = staticSpot(subject);
      yield { place, path, what: `${formatIPv4(address)} is the address of ${owner.name}` };
    },
  }),
  rule('address-differs', {
    level: 'warning',
    text: 'The static address of a config is not the `ipaddress` of its machine; the address of a node must not change.',
    hint: 'write the same address for both',
    *check(subject) {
      const { config, era, machine } = subject;
      const { network } = machine;
      const address = staticAddress(config, era);
      if (address === undefined || network.address === undefined || address === network.address) return;
      const { place, path } = staticSpot(subject);
      const what = `the node gets ${formatIPv4(address)}, and installs itself with ${formatIPv4(network.address)}`;
      yield { place, path, what };
    },
  }),
];

function hasCards(subject: Subject): boolean {
  const node = configValue(subject.config, [...managementPath(subject), 'interfaces']);
  return node !== undefined && !(node.kind === 'sequence' && node.items.length === 0);
}

/** What keeps a gateway from being reached; undefined where a value is missing. */
function reachable(address?: IPv4, netmask?: IPv4, gateway?: IPv4): string | undefined {
  if (address === undefined || netmask === undefined) return undefined;
  const prefix = prefixOfNetmask(netmask);
  if (prefix === undefined) return `${formatIPv4(netmask)} is no netmask`;
  const subnet = subnetOf(address, prefix);
  if (gateway === undefined || contains(subnet, gateway)) return undefined;
  return `the gateway ${formatIPv4(gateway)} is outside the network of ${formatIPv4(address)}/${prefix}`;
}

function addressOf(at: Spot | undefined): IPv4 | undefined {
  return parseIPv4(at?.text ?? '');
}

function staticSpot({ config, era }: Subject): Spot {
  return spot(config, ...managementPath({ era }), 'ip');
}

/** The network cards that a config tells by their MAC, with the machine that has them. */
function cardsByMac(subject: Subject) {
  return nicsOf(subject).flatMap((nic) => {
    const { text, place } = spot(nic, 'hw_addr');
    const mac = parseMac(text ?? '');
    if (mac === undefined) return [];
    return [{ text, place, path: 'interfaces', owner: subject.fleet.owners.get(mac), name: configText(nic, ['name']) }];
  });
}
