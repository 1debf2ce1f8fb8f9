import type { Inventory, SubnetSettings } from '@sower/machines';
import { contains, formatSubnet, type IPv4, type Mac } from '@sower/net';
import type { SubnetPlan } from '@sower/state';

/** Which addresses of which subnet are whose. Made anew for each inventory, so that a packet only looks things up. */
export interface Plans {
  /** Our own addresses: served as server identifiers, never given away. */
  readonly ours: ReadonlySet<IPv4>;
  /** The configured subnets, as their plans are called. */
  readonly subnets: ReadonlySet<string>;
  /** The configured subnet that this address lies in. */
  subnetOf(address: IPv4): SubnetSettings | undefined;
  /** `mayUsePool`: whether this client may have an address that is not reserved for it. */
  planOf(settings: SubnetSettings, mayUsePool: boolean): SubnetPlan;
}

export function createPlans(inventory: Inventory, ours: ReadonlySet<IPv4>): Plans {
  const subnets = inventory.appliance.dhcp?.subnets ?? [];
  const owners = new Map<IPv4, Mac>([...inventory.reservations].map(([mac, address]) => [address, mac]));
  const planned = new Map(subnets.map((settings) => [settings, plansOf(settings, inventory, owners, ours)]));
  return {
    ours,
    subnets: new Set(subnets.map(({ subnet }) => formatSubnet(subnet))),
    subnetOf: (address) => subnets.find(({ subnet }) => contains(subnet, address)),
    planOf(settings, mayUsePool) {
      const plans = planned.get(settings) ?? plansOf(settings, inventory, owners, ours);
      return mayUsePool ? plans.pool : plans.reserved;
    },
  };
}

function plansOf(
  { subnet, pool, router, dns }: SubnetSettings,
  { reservations }: Inventory,
  owners: ReadonlyMap<IPv4, Mac>,
  ours: ReadonlySet<IPv4>,
): { readonly pool: SubnetPlan; readonly reserved: SubnetPlan } {
  const plan: SubnetPlan = {
    key: formatSubnet(subnet),
    subnet,
    pool,
    excluded: new Set([...ours, ...dns, ...(router === undefined ? [] : [router])]),
    reservedFor(mac) {
      const address = reservations.get(mac);
      // A reservation wins over `excluded`, but never over ourselves.
      return address !== undefined && contains(subnet, address) && !ours.has(address) ? address : undefined;
    },
    reservedBy: (address) => owners.get(address),
    mayUsePool: true,
  };
  return { pool: plan, reserved: { ...plan, mayUsePool: false } };
}
