import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dnsmasqBase } from '../rig/dnsmasq.ts';
import type { Launch, Rig } from '../rig/rig.ts';
import { SITE } from '../rig/site.ts';
import { sowerLaunch } from '../rig/sower.ts';
import { preload } from './preload.ts';

/** How the clients speak: by themselves on the link, or through a relay agent. */
export type Way = 'direct' | 'relay';

/** A DHCP server under test. */
export interface DhcpServer {
  readonly name: string;
  /** The highest rate that is worth trying first, exchanges a second; the search goes on from there. */
  readonly guess: number;
  readonly ways: readonly Way[];
  /** Writes its configuration into the folder. */
  launch(rig: Rig, folder: string, way: Way): Promise<Launch>;
}

const { network, netmask, pool, smallPool, leaseSeconds, device, server } = SITE;
const CIDR = `${network}/${SITE.prefix}`;
const BOTH: readonly Way[] = ['direct', 'relay'];

/** sower logs each exchange, as it comes; the peers are told to be quiet, which is the faster way for them. */
export const DHCP_SERVERS: readonly DhcpServer[] = [
  {
    name: 'sower',
    guess: 2000,
    ways: BOTH,
    launch: (rig, folder) => sowerLaunch(rig, folder, sowerData()),
  },
  {
    name: 'sower (100,000 leases)',
    guess: 2000,
    ways: BOTH,
    async launch(rig, folder) {
      await preload(folder, 100_000);
      return sowerLaunch(rig, folder, sowerData());
    },
  },
  { name: 'Kea', guess: 6000, ways: BOTH, launch: (rig, folder, way) => kea(rig, folder, way, false) },
  { name: 'Kea (2 threads)', guess: 6000, ways: BOTH, launch: (rig, folder, way) => kea(rig, folder, way, true) },
  { name: 'ISC dhcpd', guess: 1000, ways: BOTH, launch: isc },
  { name: 'dnsmasq', guess: 400, ways: BOTH, launch: dnsmasq },
  {
    name: 'npm dhcp',
    guess: 300,
    // It knows no relay agents.
    ways: ['direct'],
    launch: async ({ programs }) => ({ command: process.execPath, args: [join(programs, 'dhcp', 'npm-server.js')] }),
  },
];

/** Durable leases for everybody who asks. */
export function sowerData(): string {
  return `appliance:
  dhcp:
    interfaces: [${device}]
    subnets:
      - { cidr: ${CIDR}, pool: ${pool.first}-${pool.last}, router: ${server}, lease: ${leaseSeconds} }
  unknown: discover
`;
}

async function kea({ peers }: Rig, folder: string, way: Way, threads: boolean): Promise<Launch> {
  const Dhcp4 = {
    'interfaces-config': { interfaces: [device], 'dhcp-socket-type': way === 'direct' ? 'raw' : 'udp' },
    'lease-database': { type: 'memfile', name: join(folder, 'leases.csv') },
    'multi-threading': { 'enable-multi-threading': threads, 'thread-pool-size': 2 },
    'valid-lifetime': leaseSeconds,
    subnet4: [{ id: 1, subnet: CIDR, pools: [{ pool: `${pool.first}-${pool.last}` }] }],
    loggers: [{ name: 'kea-dhcp4', severity: 'WARN', output_options: [{ output: 'stdout' }] }],
  };
  const config = join(folder, 'kea.json');
  await writeFile(config, JSON.stringify({ Dhcp4 }));
  const env = { ...peers.env, KEA_LOCKFILE_DIR: folder, KEA_PIDFILE_DIR: folder };
  return { command: peers.program('usr/sbin/kea-dhcp4'), args: ['-c', config], env };
}

/** Its list of free leases is searched from one end to the other for every new one. */
async function isc({ peers }: Rig, folder: string): Promise<Launch> {
  const [config, leases] = [join(folder, 'dhcpd.conf'), join(folder, 'dhcpd.leases')];
  await writeFile(leases, '');
  await writeFile(
    config,
    `authoritative; ping-check false; ddns-update-style none; default-lease-time ${leaseSeconds};
subnet ${network} netmask ${netmask} { range ${smallPool.first} ${smallPool.last}; option routers ${server}; }
`,
  );
  const args = ['-4', '-f', '-q', '-cf', config, '-lf', leases, '-pf', join(folder, 'pid'), device];
  return { command: peers.program('usr/sbin/dhcpd'), args, env: peers.env };
}

async function dnsmasq({ peers }: Rig, folder: string): Promise<Launch> {
  const config = join(folder, 'dnsmasq.conf');
  const range = `${pool.first},${pool.last},${netmask},${leaseSeconds}`;
  await writeFile(config, dnsmasqBase(folder, [`dhcp-range=${range}`, 'dhcp-authoritative']));
  return { command: peers.program('usr/sbin/dnsmasq'), args: ['-k', '-C', config], env: peers.env };
}
