import { formatIPv4 } from '@sower/net';
import { configText, configValue } from './config.ts';
import { inserted } from './inserted.ts';
import type { HarvesterMachine, Machine, MachineNetwork } from './inventory.ts';
import { configUrl } from './links.ts';
import { isAtLeast } from './version.ts';

/** Absolute URLs of the files of a release that its kernel line names. */
export interface BootFiles {
  readonly initrd: string;
  readonly rootfs: string;
}

/**
 * The kernel's arguments for an automatic install (harvester.md section 2, decisions.md section 3). Throws RangeError
 * when a value holds a character outside the whitelist; the inventory's own values never do.
 */
export function kernelArguments(machine: HarvesterMachine, base: string, files: BootFiles): readonly string[] {
  const { config, version } = machine;
  const tty = configText(config, ['install', 'tty']) ?? 'tty1';
  const since = (major: number, minor: number, wanted: boolean, argument: string) =>
    wanted && isAtLeast(version, major, minor) ? [argument] : [];
  return [
    // UEFI kernels find their initrd by the name under which iPXE holds it: the last part of its URL
    `initrd=${files.initrd.slice(files.initrd.lastIndexOf('/') + 1)}`,
    ...network(machine),
    'net.ifnames=1',
    'rd.cos.disable',
    'rd.noverifyssl',
    `root=live:${files.rootfs}`,
    `console=${tty}`,
    'harvester.install.automatic=true',
    // said twice the installer's parser crashes, so only where the file does not say it
    ...since(1, 1, configValue(config, ['scheme_version']) === undefined, 'harvester.scheme_version=1'),
    ...since(1, 3, machine.skipchecks, 'harvester.install.skipchecks=true'),
    ...since(1, 3, joinsFromNetInstall(machine), 'harvester.install.with_net_images=true'),
    `harvester.install.config_url=${configUrl(base, machine)}`,
  ].map(inserted);
}

/** `ip=` as dracut and casper take it, one single one: static when all four values are there. */
export function addressing({ address, gateway, netmask, interface: nic }: MachineNetwork): string {
  if (address === undefined || gateway === undefined || netmask === undefined || nic === undefined) return DHCP;
  return `ip=${formatIPv4(address)}::${formatIPv4(gateway)}:${formatIPv4(netmask)}::${nic}:none`;
}

const DHCP = 'ip=dhcp';

function network(machine: HarvesterMachine): readonly string[] {
  const ip = addressing(machine.network);
  if (ip === DHCP) return [ip, `rd.net.dhcp.retry=${isAtLeast(machine.version, 1, 8) ? 30 : 3}`];
  return [ip, ...nameservers(machine.config).map((server) => `nameserver=${server}`)];
}

/** `os.dns_nameservers`, which may also be one string. */
export function nameservers(config: Machine['config']): readonly string[] {
  const node = configValue(config, ['os', 'dns_nameservers']);
  const items = node?.kind === 'sequence' ? node.items : node === undefined ? [] : [node];
  return items.flatMap((item) => (item.kind === 'scalar' && item.text !== '' ? [item.text] : []));
}

/** The net-install ISO lacks the images: a joining node must fetch them; the first node has nowhere to fetch them from. */
function joinsFromNetInstall({ type, config }: HarvesterMachine): boolean {
  return type === 'join' && /net-install[^/]*$/.test(configText(config, ['install', 'iso_url']) ?? '');
}
