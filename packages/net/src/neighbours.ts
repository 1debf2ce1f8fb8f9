import { readFile } from 'node:fs/promises';
import { formatIPv4, type IPv4 } from './ip.ts';
import { parseMac, type Mac } from './mac.ts';

/** ATF_COM, include/uapi/linux/if_arp.h: the neighbour has answered. */
const COMPLETE = 0x2;

/**
 * Who has answered for an address on the links of this host, by the kernel's table of neighbours: `/proc/net/arp`, or a
 * text of its form. Undefined for nobody, and where there is no such table (Linux).
 */
export async function neighbourAt(address: IPv4, table: () => Promise<string> = kernelTable): Promise<Mac | undefined> {
  const wanted = formatIPv4(address);
  for (const line of (await table()).split('\n')) {
    const [ip, , flags, mac] = line.split(/\s+/);
    if (ip === wanted && mac !== undefined && (Number(flags) & COMPLETE) !== 0) return parseMac(mac);
  }
  return undefined;
}

async function kernelTable(): Promise<string> {
  try {
    return await readFile('/proc/net/arp', 'utf8');
  } catch {
    return '';
  }
}
