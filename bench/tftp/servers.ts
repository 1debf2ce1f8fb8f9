import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dnsmasqBase } from '../rig/dnsmasq.ts';
import type { Launch, Rig } from '../rig/rig.ts';
import { SITE } from '../rig/site.ts';
import { sowerLaunch } from '../rig/sower.ts';

/** A TFTP server under test; it serves the folder `artifacts` in the folder it gets. */
export interface TftpServer {
  readonly name: string;
  launch(rig: Rig, folder: string): Promise<Launch>;
}

const ROOT = 'artifacts';
/** More transfers at once than any cell has machines. */
const TRANSFERS = '2000';

export const TFTP_SERVERS: readonly TftpServer[] = [
  { name: 'sower', launch: (rig, folder) => sowerLaunch(rig, folder, 'appliance: { unknown: ignore }\n') },
  { name: 'dnsmasq', launch: dnsmasq },
  {
    name: 'tftpd-hpa',
    launch: ({ peers }, folder) =>
      launch({
        command: peers.program('usr/sbin/in.tftpd'),
        args: ['-L', '-a', `${SITE.server}:69`, '-u', 'root', '-s', join(folder, ROOT)],
        env: peers.env,
      }),
  },
  { name: 'atftpd', launch: atftpd },
  {
    name: 'npm tftp',
    launch: ({ programs }, folder) =>
      launch({ command: process.execPath, args: [join(programs, 'tftp', 'npm-server.js'), join(folder, ROOT)] }),
  },
];

const launch = (it: Launch): Promise<Launch> => Promise.resolve(it);

async function atftpd({ peers }: Rig, folder: string): Promise<Launch> {
  const flags = ['--daemon', '--no-fork', '--bind-address', SITE.server, '--port', '69', '--maxthread', TRANSFERS];
  const as = ['--user', 'root', '--group', 'root', '--logfile', join(folder, 'atftpd.log')];
  return { command: peers.program('usr/sbin/atftpd'), args: [...flags, ...as, join(folder, ROOT)], env: peers.env };
}

async function dnsmasq({ peers }: Rig, folder: string): Promise<Launch> {
  const config = join(folder, 'dnsmasq.conf');
  const tftp = ['enable-tftp', `tftp-root=${join(folder, ROOT)}`, `tftp-max=${TRANSFERS}`];
  await writeFile(config, dnsmasqBase(folder, tftp));
  return { command: peers.program('usr/sbin/dnsmasq'), args: ['-k', '-C', config], env: peers.env };
}
