import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { libvirtNetwork, virtInstall } from '@sower/deploy';
import { loadData } from '@sower/appliance/data';
import type { Inventory } from '@sower/machines';
import { formatIPv4, isHostOf, netmaskOf, parseIPv4 } from '@sower/net';
import { dataFile, reading, UsageError, type Run } from '../command.ts';
import { printProblems } from '../problems.ts';

/** `sower libvirt`: the network and the machines of a data file, as libvirt and virt-install want them. */
export const libvirt: Run = async (words) => {
  const options = read(words);
  const { inventory, problems } = await loadData(options.data);
  if (inventory === undefined) {
    printProblems(problems, process.stderr);
    return 2;
  }
  process.stdout.write(options.name === undefined ? network(inventory, options.address) : domain(inventory, options));
  return 0;
};

function read(words: readonly string[]) {
  const { values, positionals } = reading(() =>
    parseArgs({
      args: [...words],
      options: {
        data: { type: 'string' },
        address: { type: 'string' },
        iso: { type: 'string', default: 'dist/ipxe.iso' },
        memory: { type: 'string', default: '16384' },
        vcpus: { type: 'string', default: '8' },
        disk: { type: 'string', default: 'size=250' },
      },
      allowPositionals: true,
    }),
  );
  const [what, name, ...more] = positionals;
  if (more.length > 0 || !(what === 'network' ? name === undefined : what === 'domain')) {
    throw new UsageError('print what? `libvirt network`, or `libvirt domain` and the name of a machine');
  }
  const { address, iso, disk, memory, vcpus } = values;
  const data = dataFile(values.data, []);
  const size = { memory: positive('--memory', memory), cpus: positive('--vcpus', vcpus) };
  return { data, name: what === 'domain' ? (name ?? '') : undefined, address, iso, disk, ...size };
}

function positive(option: string, written: string): number {
  if (!/^[1-9]\d{0,7}$/.test(written)) throw new UsageError(`${option} is a number`);
  return Number(written);
}

function network({ appliance }: Inventory, written: string | undefined): string {
  const bridge = bridgeOf(appliance);
  const told = written ?? (appliance.http.url === undefined ? '' : new URL(appliance.http.url).hostname);
  const address = parseIPv4(told);
  const subnet = appliance.dhcp?.subnets.find(({ subnet }) => address !== undefined && isHostOf(subnet, address));
  if (address === undefined || subnet === undefined) {
    throw new UsageError('which address has this host on that network? --address, one of appliance.dhcp.subnets');
  }
  return libvirtNetwork({
    bridge,
    address: formatIPv4(address),
    netmask: formatIPv4(netmaskOf(subnet.subnet)),
  });
}

function domain({ appliance, machines }: Inventory, options: ReturnType<typeof read>): string {
  const { iso, memory, cpus, disk } = options;
  const machine = machines.find(({ name }) => name === options.name);
  if (machine === undefined) {
    throw new UsageError(`which machine? There are ${machines.map(({ name }) => name).join(', ')}`);
  }
  const { name, macs } = machine;
  const site = { network: bridgeOf(appliance), iso: resolve(iso), memory, cpus, disk };
  return virtInstall({ name, mac: macs[0], ...site })
    .map(({ title, words }) => `# ${title}\n${words.map(quoted).join(' ')}\n`)
    .join('\n');
}

/** Where sower answers DHCP is the bridge that libvirt has to make. */
function bridgeOf({ dhcp }: Inventory['appliance']): string {
  const [bridge] = dhcp?.interfaces ?? [];
  if (bridge === undefined) throw new UsageError('appliance.dhcp.interfaces names no bridge');
  return bridge;
}

/** A word for a POSIX shell. */
function quoted(word: string): string {
  return /^[\w/.,:=@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
