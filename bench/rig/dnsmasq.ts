import { join } from 'node:path';
import { SITE } from './site.ts';

/** What every dnsmasq here has: no DNS, no pings, nothing outside its folder, quiet. */
export function dnsmasqBase(folder: string, more: readonly string[]): string {
  const lines = [
    'port=0',
    'user=root',
    'no-ping',
    'quiet-dhcp',
    'quiet-tftp',
    'dhcp-lease-max=200000',
    `interface=${SITE.device}`,
    'bind-interfaces',
    `pid-file=${join(folder, 'pid')}`,
    `dhcp-leasefile=${join(folder, 'leases')}`,
    `log-facility=${join(folder, 'dnsmasq.log')}`,
    ...more,
  ];
  return `${lines.join('\n')}\n`;
}
