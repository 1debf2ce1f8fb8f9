import type { Inventory } from '@sower/machines';
import { contains, formatIPv4, linkMtu, parseIPv4, type IPv4 } from '@sower/net';
import { createTftpServer, type TftpServer } from '@sower/tftp';
import { autoexec, isAutoexec } from './autoexec.ts';
import { fault, type Tell } from './events.ts';
import type { BootDesk, Force } from './force.ts';
import { taken } from './inherited.ts';
import type { Wanted } from './reconcile.ts';
import { explained, messageOf } from './start-error.ts';
import type { Service } from './summary.ts';
import { countLoader } from './tell/loop.ts';
import { tellTftp } from './tell/tftp.ts';

/**
 * A listener for each address of this host (C-01), so that a transfer goes on while another address comes or goes. Where
 * sockets were handed over (N-06), those and nothing else.
 */
export function wantedTftp(
  { inventory: { appliance }, addresses }: Force,
  server: TftpServer,
  inherited: readonly number[],
): Wanted {
  if (inherited.length > 0) {
    return new Map(inherited.map((fd) => [`descriptor ${fd}`, () => taken('tftp', fd, () => server.listen({ fd }))]));
  }
  const { port } = appliance.tftp;
  return new Map(
    addresses.map((own) => {
      const address = formatIPv4(own.address);
      return [`${address}:${port}`, () => explained('TFTP', address, port, server.listen({ address, port }))];
    }),
  );
}

/** Where TFTP listens, for the summary. */
export function tftpState({ appliance }: Inventory, { listeners }: TftpServer, inherited: readonly number[]): Service {
  if (inherited.length === 0) {
    return { on: `port ${appliance.tftp.port} of ${listeners.map(({ address }) => address).join(', ')}` };
  }
  return { on: `${listeners.map(({ address, port }) => `${address}:${port}`).join(', ')}, inherited` };
}

/** Serves the loaders to the networks that are ours to serve (C-28). One server, so that its limits hold for all listeners together (C-30). */
export function createTftp(desk: BootDesk, tell: Tell): TftpServer {
  const { tftpTransfers, tftpPerClient } = desk.force().inventory.appliance.limits;
  return createTftpServer({
    limits: { transfers: tftpTransfers, perClient: tftpPerClient },
    async source(name, { address }, local) {
      const peer = parseIPv4(address);
      if (peer !== undefined) desk.heard(peer);
      const file = await desk.force().files.tftp.open(name);
      const ours = parseIPv4(local);
      const isMade = 'refused' in file && file.refused === 'missing' && isAutoexec(name);
      return isMade && peer !== undefined && ours !== undefined ? autoexec(desk, peer, ours) : file;
    },
    isServed: (peer) => isServed(desk.force(), parseIPv4(peer)),
    maxBlksize: () => desk.force().inventory.appliance.tftp.maxBlksize ?? Infinity,
    singlePort: () => desk.force().inventory.appliance.tftp.singlePort,
    mtu: (local) => mtuAt(desk.force(), parseIPv4(local)),
    onEvent(report) {
      const peer = parseIPv4(report.peer.address);
      const mac = peer === undefined ? undefined : desk.speakerAt(peer);
      tell(tellTftp(report, mac, mac === undefined ? undefined : desk.force().inventory.machineOf(mac)?.name));
      const isLoader = report.outcome === 'complete' && !isAutoexec(report.file);
      if (mac !== undefined && isLoader) countLoader(desk, mac, 'tftp', tell);
    },
    onFault: (error, { address }) => tell(fault('tftp', 'socket-fault', `${address}: ${messageOf(error)}`)),
  });
}

/**
 * The DHCP subnets, the networks this host is on, and `tftp.allow`; never this host itself, unless it is allowed by name
 * (C-29, decisions.md section 7).
 */
export function isServed({ inventory: { appliance }, addresses }: Force, peer: IPv4 | undefined): boolean {
  if (peer === undefined) return false;
  if (appliance.tftp.allow.some((subnet) => contains(subnet, peer))) return true;
  if (addresses.some(({ address }) => address === peer)) return false;
  const subnets = appliance.dhcp?.subnets ?? [];
  return [...subnets, ...addresses].some(({ subnet }) => contains(subnet, peer));
}

/** Never more than Ethernet's: a larger MTU here says nothing of the way to the client (C-08). */
const ETHERNET_MTU = 1500;

/** The MTU of the interface that has this address of ours. */
export function mtuAt({ addresses }: Force, local: IPv4 | undefined, mtuOf = linkMtu): number {
  const own = addresses.find(({ address }) => address === local);
  return Math.min((own && mtuOf(own.name)) ?? ETHERNET_MTU, ETHERNET_MTU);
}
