import { join } from 'node:path';
import type { Lab } from './lab.ts';
import type { Program } from './program.ts';

/** dnsmasq as the DHCP server of a namespace's eth0: addresses from 192.168.50.100 on, and nothing to boot. */
export async function startDnsmasq(lab: Lab, namespace: string): Promise<Program> {
  const files = join(lab.folder, namespace);
  const words = [
    '--keep-in-foreground',
    '--log-facility=-',
    '--log-dhcp',
    '--conf-file=/dev/null',
    `--pid-file=${files}.pid`,
    `--dhcp-leasefile=${files}.leases`,
    '--user=root',
    '--port=0',
    '--no-ping',
    '--interface=eth0',
    '--bind-interfaces',
    '--dhcp-range=192.168.50.100,192.168.50.199,255.255.255.0,1h',
    '--dhcp-option=option:router,192.168.50.1',
    '--dhcp-option=option:dns-server,192.168.50.1',
  ];
  const program = await lab.start('dnsmasq', 'dnsmasq', words, namespace);
  await program.says(/DHCP, sockets bound/, 10_000);
  return program;
}
