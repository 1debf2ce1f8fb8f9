import { contains, formatIPv4, inRange, parseIPv4, prefixOfNetmask, subnetOf } from '@sower/net';
import { configText } from '../config.ts';
import { compareVersions, formatVersion, isAtLeast, parseVersion, type Version } from '../version.ts';
import { rule, type Rule } from './rule.ts';
import { hostnameKey, spot, type Subject } from './subject.ts';

/** Rules about a machine among the others of its cluster and of the file, and about the files of its release. */
export const CLUSTER_RULES: readonly Rule[] = [
  rule('cluster-unknown', {
    level: 'warning',
    text: 'No cluster is found for a machine: the rules across the machines of a cluster skip it.',
    hint: 'name it with `cluster`',
    *check({ machine: { cluster, place } }) {
      if (cluster !== undefined) return;
      const skipped = CLUSTER_RULES.flatMap(({ id, needsCluster }) => (needsCluster ? [id] : [])).join(', ');
      yield { place, path: 'cluster', what: `no cluster found for this machine, so these rules skip it: ${skipped}` };
    },
  }),
  rule('founder-twice', {
    level: 'error',
    needsCluster: true,
    text: 'A second machine of `type: create` in one cluster: it would found another cluster of the same name.',
    hint: 'let it join',
    *check({ machine, fleet }) {
      const founder = fleet.founders.get(machine.cluster ?? '');
      if (machine.type !== 'create' || founder === undefined || founder === machine) return;
      const what = `a second create machine in ${machine.cluster}: ${founder.name}, line ${founder.place.line}, is the first`;
      yield { place: machine.place, path: 'values.type', what };
    },
  }),
  rule('founder-missing', {
    level: 'warning',
    needsCluster: true,
    text: 'A cluster without a machine of `type: create`: it has to be there already.',
    hint: 'give one machine the type create, unless the cluster is installed',
    *check({ machine, fleet }) {
      if (fleet.founders.has(machine.cluster ?? '') || fleet.heads.get(machine.cluster ?? '') !== machine) return;
      yield { place: machine.place, path: 'values.type', what: `no machine of ${machine.cluster} has type: create` };
    },
  }),
  rule('token-differs', {
    level: 'error',
    needsCluster: true,
    text: 'A machine that joins with another token than the one its cluster was founded with.',
    hint: 'use one anchor for both',
    *check({ config, machine, founding }) {
      const { text, place, path } = spot(config, 'token');
      const wanted = founding === undefined ? undefined : configText(founding, ['token']);
      if (machine.type !== 'join' || text === undefined || wanted === undefined || text === wanted) return;
      yield { place, path, what: `\`token\` is not the one that ${machine.cluster} is founded with` };
    },
  }),
  rule('server-url-create', {
    level: 'error',
    text: 'The first machine of a cluster with a `server_url`: it has nothing to join.',
    hint: 'leave it out for type create',
    *check({ config, machine }) {
      const { text, place, path } = spot(config, 'server_url');
      if (machine.type === 'create' && text !== undefined)
        yield { place, path, what: '`server_url` on a create machine' };
    },
  }),
  rule('server-url-missing', {
    level: 'error',
    text: 'A machine that joins without the URL of its cluster.',
    hint: 'set `server_url` to https://, the VIP and the port',
    *check({ config, machine }) {
      const { text, place, path } = spot(config, 'server_url');
      if (machine.type === 'join' && text === undefined) yield { place, path, what: '`server_url` is missing' };
    },
  }),
  rule('server-url-form', {
    level: 'error',
    text: 'A `server_url` that is more or less than https, a host and a port.',
    hint: 'write it like https://192.168.178.40:443',
    *check({ config, machine }) {
      const { text, place, path } = spot(config, 'server_url');
      if (machine.type !== 'join' || text === undefined || serverOf(text) !== undefined) return;
      yield { place, path, what: '`server_url` is not https, a host and a port' };
    },
  }),
  rule('server-url-port', {
    level: 'error',
    text: 'A `server_url` with another port than the release listens on: 6443 in 0.2.0, 8443 from 0.3.0 to 1.0.0, 443 from 1.0.1 on.',
    hint: 'correct the port',
    *check({ config, machine }) {
      const { text, place, path } = spot(config, 'server_url');
      const server = serverOf(text ?? '');
      const wanted = serverPort(machine.version);
      if (machine.type !== 'join' || server === undefined || server.port === wanted) return;
      const what = `\`server_url\` leads to port ${server.port}, and ${formatVersion(machine.version)} listens on ${wanted}`;
      yield { place, path, what };
    },
  }),
  rule('server-url-vip', {
    level: 'error',
    needsCluster: true,
    text: 'A `server_url` with an address that is not the VIP of the cluster.',
    hint: 'write the VIP: it stays when a node goes',
    *check({ config, machine, founding }) {
      const { text, place, path } = spot(config, 'server_url');
      const host = parseIPv4(serverOf(text ?? '')?.host ?? '');
      const vip = founding === undefined ? undefined : parseIPv4(configText(founding, ['install', 'vip']) ?? '');
      if (machine.type !== 'join' || host === undefined || vip === undefined || host === vip) return;
      yield { place, path, what: `\`server_url\` leads to ${formatIPv4(host)}, and the VIP is ${formatIPv4(vip)}` };
    },
  }),
  rule('vip-is-node', {
    level: 'error',
    text: 'A VIP that is the address of a machine.',
    hint: 'give the cluster an address of its own',
    *check(subject) {
      const { vip, place, path } = vipOf(subject);
      const owner = vip === undefined ? undefined : subject.fleet.addresses.get(vip);
      if (vip !== undefined && owner !== undefined) {
        yield { place, path, what: `the VIP ${formatIPv4(vip)} is the address of ${owner.name}` };
      }
    },
  }),
  rule('vip-in-pool', {
    level: 'error',
    text: 'A VIP in the pool of DHCP, which may give it to anybody; one with `vip_hw_addr` is reserved.',
    hint: 'choose a VIP outside the pool',
    *check(subject) {
      const { vip, place, path } = vipOf(subject);
      const isReserved = configText(subject.config, ['install', 'vip_hw_addr']) !== undefined;
      const pools = subject.fleet.appliance.dhcp?.subnets ?? [];
      if (vip === undefined || isReserved) return;
      if (pools.some(({ pool }) => pool !== undefined && inRange(pool, vip))) {
        yield { place, path, what: `the VIP ${formatIPv4(vip)} is in the pool of DHCP` };
      }
    },
  }),
  rule('vip-shared', {
    level: 'error',
    needsCluster: true,
    text: 'One VIP for two clusters.',
    hint: 'give each cluster an address of its own',
    *check(subject) {
      const { vip, place, path } = vipOf(subject);
      if (vip === undefined) return;
      const owner = subject.fleet.vips.get(vip)?.find((name) => name !== subject.machine.cluster);
      if (owner === undefined) return;
      yield { place, path, what: `the VIP ${formatIPv4(vip)} is the one of ${owner}` };
    },
  }),
  rule('vip-outside', {
    level: 'warning',
    text: 'A VIP outside the network of the machine: both have to be in one.',
    hint: 'choose a VIP of the same network',
    *check(subject) {
      const { vip, place, path } = vipOf(subject);
      const { address, netmask } = subject.machine.network;
      const prefix = netmask === undefined ? undefined : prefixOfNetmask(netmask);
      if (vip === undefined || address === undefined || prefix === undefined) return;
      if (contains(subnetOf(address, prefix), vip)) return;
      yield {
        place,
        path,
        what: `the VIP ${formatIPv4(vip)} is outside the network of ${formatIPv4(address)}/${prefix}`,
      };
    },
  }),
  rule('hostname-twice', {
    level: 'error',
    text: 'Two machines of one cluster with one host name.',
    hint: 'set `os.hostname` for each, or leave it out and let DHCP name them',
    *check({ config, machine, fleet }) {
      const owner = fleet.hostnames.get(hostnameKey(machine) ?? '');
      if (owner === undefined || owner === machine) return;
      const { text, place, path } = spot(config, 'os', 'hostname');
      yield { place, path, what: `\`${text}\` is the host name of the machine in line ${owner.place.line} too` };
    },
  }),
  rule('files-of-two-releases', {
    level: 'error',
    text: 'An ISO, or a kernel, initrd or root file system by `appliance.templates`, that is of another release by its name.',
    hint: 'all files have to be of one release',
    *check({ config, machine, fleet }) {
      const { text, place, path } = spot(config, 'install', 'iso_url');
      const iso = otherRelease(pathOf(text ?? ''), machine.version);
      if (iso !== undefined)
        yield { place, path, what: `the ISO is of ${iso}, the machine of ${formatVersion(machine.version)}` };
      for (const { version, kernel, initrd, rootfs } of fleet.appliance.templates) {
        if (version !== '*' && version !== formatVersion(machine.version)) continue;
        for (const file of [kernel, initrd, rootfs]) {
          const other = otherRelease(file ?? '', machine.version);
          if (other !== undefined)
            yield { place: machine.place, path: 'values.version', what: `\`${file}\` of \`templates\` is of ${other}` };
        }
      }
    },
  }),
];

/** Where a cluster of this release listens (decisions.md section 4). */
function serverPort(version: Version): number {
  if (!isAtLeast(version, 0, 3)) return 6443;
  return compareVersions(version, { major: 1, minor: 0, patch: 0 }) <= 0 ? 8443 : 443;
}

/** `https://host:port`; both ends of it may be left out. */
function serverOf(url: string): { readonly host: string; readonly port: number } | undefined {
  const match = /^(?:https:\/\/)?([^\s/:?#@]+)(?::(\d{1,5}))?\/?$/.exec(url);
  return match?.[1] === undefined ? undefined : { host: match[1], port: Number(match[2] ?? 443) };
}

/** The VIP in the config of a machine that founds a cluster; on one that joins the installer ignores it. */
function vipOf({ config, machine }: Subject) {
  const { text, place, path } = spot(config, 'install', 'vip');
  return { vip: machine.type === 'create' ? parseIPv4(text ?? '') : undefined, place, path };
}

function pathOf(url: string): string {
  return URL.canParse(url) ? new URL(url).pathname : url;
}

/** The first release in a path that is not this one. */
function otherRelease(path: string, version: Version): string | undefined {
  const found = [...path.matchAll(/(?<![\d.])v?(\d+\.\d+\.\d+)(?!\.?\d)/g)].map((match) => match[1] ?? '');
  return found.find((text) => {
    const other = parseVersion(text);
    return other !== undefined && compareVersions(other, version) !== 0;
  });
}
