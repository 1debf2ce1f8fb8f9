import { join } from 'node:path';
import { formatSubnet, ipv4, macFromBytes, parseIPv4, subnetOf, type IPv4 } from '@sower/net';
import { openJournal, openLeases, type SubnetPlan } from '@sower/state';
import { SITE } from '../rig/site.ts';

/** Fills the state in this sower's folder with leases of machines that no load generator plays. */
export async function preload(folder: string, leases: number): Promise<void> {
  const { pool, prefix, leaseSeconds } = SITE;
  const [first, last] = [addressOf(pool.first), addressOf(pool.last)];
  const subnet = subnetOf(first, prefix);
  const plan: SubnetPlan = {
    key: formatSubnet(subnet),
    subnet,
    pool: { first, last },
    excluded: new Set(),
    reservedFor: () => undefined,
    reservedBy: () => undefined,
    mayUsePool: true,
  };
  const told = (report: object): never => {
    throw new Error(JSON.stringify(report));
  };
  const store = await openJournal({ folder: join(folder, 'state'), report: told });
  const book = await openLeases(store, { now: () => Date.now() }, told);
  const binding = Array.from({ length: leases }, (_, index) => {
    const mac = macFromBytes(Uint8Array.of(2, 0xff, 0, index >>> 16, (index >>> 8) & 255, index & 255));
    return book.bind(plan, mac, ipv4(first + index), leaseSeconds, {});
  });
  await Promise.all(binding);
  await book.close();
  await store.close();
}

function addressOf(text: string): IPv4 {
  const address = parseIPv4(text);
  if (address === undefined) throw new Error(`no address: ${text}`);
  return address;
}
