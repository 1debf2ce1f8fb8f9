import type { WholeFiles } from '@sower/files';
import type { Inventory } from '@sower/machines';
import { contains, formatIPv4, interfaceAddresses, parseIPv4, type IPv4, type Mac } from '@sower/net';
import { openTftpServer } from '@sower/tftp';
import { fault, type Tell } from './events.ts';
import type { Files } from './files.ts';
import type { Closable } from './lifecycle.ts';
import type { Wanted } from './reconcile.ts';
import { messageOf } from './start-error.ts';
import { tellTftp } from './tell/tftp.ts';
import type { Trails } from './trail.ts';

/** What a TFTP listener needs to know; the functions are asked at each request. */
export interface TftpDesk {
  readonly cache: WholeFiles;
  readonly trails: Trails;
  inventory(): Inventory;
  files(): Files;
  holderOf(address: IPv4): Mac | undefined;
}

/** A listener for each address of this host (C-01): a transfer goes on while another address comes or goes. */
export function wantedTftp({ appliance }: Inventory, desk: TftpDesk, tell: Tell): Wanted {
  const { port } = appliance.tftp;
  return new Map(
    interfaceAddresses().map(({ address }) => {
      const local = formatIPv4(address);
      return [`${local}:${port}`, () => serveTftp(local, port, desk, tell)];
    }),
  );
}

/** Serves the loaders on one address of this host (C-01), to the networks that are ours to serve (C-28). */
async function serveTftp(address: string, port: number, desk: TftpDesk, tell: Tell): Promise<Closable> {
  return await openTftpServer({
    addresses: [address],
    port,
    source: (name) => desk.files().tftp.open(name),
    cache: desk.cache,
    isServed: (peer) => isServed(desk.inventory(), parseIPv4(peer)),
    onEvent(report) {
      const peer = parseIPv4(report.peer.address);
      const mac = peer === undefined ? undefined : desk.holderOf(peer);
      tell(tellTftp(report, mac, mac === undefined ? undefined : desk.inventory().machineOf(mac)?.name));
      if (mac === undefined || report.outcome !== 'complete') return;
      if (desk.trails.loaderFetched(mac) === 'loop') tell(loop(mac, desk.inventory().machineOf(mac)?.name));
    },
    onFault: (error) => tell(fault('tftp', 'socket-fault', `${address}: ${messageOf(error)}`)),
  });
}

/**
 * The DHCP subnets, the networks this host is on, and `tftp.allow`; never this host itself, unless it is allowed by name
 * (C-29, decisions.md section 7).
 */
export function isServed({ appliance }: Inventory, peer: IPv4 | undefined): boolean {
  if (peer === undefined) return false;
  if (appliance.tftp.allow.some((subnet) => contains(subnet, peer))) return true;
  const own = interfaceAddresses();
  if (own.some(({ address }) => address === peer)) return false;
  const subnets = appliance.dhcp?.subnets ?? [];
  return [...subnets, ...own].some(({ subnet }) => contains(subnet, peer));
}

function loop(mac: Mac, name: string | undefined) {
  return {
    step: 'tftp',
    why: 'loader-loop',
    level: 'warn',
    mac,
    name,
    text: 'has fetched its loader three times in two minutes and never its script: does its HTTP reach us?',
    fields: {},
  } as const;
}
