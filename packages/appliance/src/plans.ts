import type { Link } from '@sower/dhcp';
import type { Inventory, SubnetSettings } from '@sower/machines';
import { contains, formatSubnet, isHostOf, type IPv4, type Mac } from '@sower/net';
import type { SubnetPlan } from '@sower/state';

/** Which addresses of which subnet are whose. Made anew for each inventory, so that a packet only looks things up. */
export interface Plans {
  /** Our own addresses: served as server identifiers, never given away. */
  readonly ours: ReadonlySet<IPv4>;
  /** The configured subnets, as their plans are called. */
  readonly subnets: ReadonlySet<string>;
  /** The configured subnet that this address lies in. */
  readonly subnetOf: (address: IPv4) => SubnetSettings | undefined;
  /** The configured subnet of a link. */
  subnetOn(link: Link): SubnetSettings | undefined;
  /** Whether a relay may be answered there: it is inside a configured subnet, or listed. */
  readonly knowsRelay: (giaddr: IPv4) => boolean;
  /** Whether a relay is listed: then it may name the server identifier (RFC 5107). */
  readonly trustsRelay: (giaddr: IPv4) => boolean;
  /** `mayUsePool`: whether this client may have an address that is not reserved for it. */
  planOf(settings: SubnetSettings, mayUsePool: boolean): SubnetPlan;
}

export function createPlans(inventory: Inventory, ours: ReadonlySet<IPv4>): Plans {
  const subnets = inventory.appliance.dhcp?.subnets ?? [];
  const owners = new Map<IPv4, Mac>([...inventory.reservations].map(([mac, address]) => [address, mac]));
  const planned = new Map(subnets.map((settings) => [settings, plansOf(settings, inventory, owners, ours)]));
  const relayed = new Map(subnets.flatMap((settings) => settings.relays.map((relay) => [relay, settings] as const)));
  const subnetOf = (address: IPv4) => subnets.find(({ subnet }) => contains(subnet, address));
  return {
    ours,
    subnets: new Set(subnets.map(({ subnet }) => formatSubnet(subnet))),
    subnetOf,
    subnetOn: ({ by, address }) => (by === 'relay' ? relayed.get(address) : undefined) ?? subnetOf(address),
    knowsRelay: (giaddr) => relayed.has(giaddr) || subnets.some(({ subnet }) => isHostOf(subnet, giaddr)),
    trustsRelay: (giaddr) => relayed.has(giaddr),
    planOf(settings, mayUsePool) {
      const plans = planned.get(settings) ?? plansOf(settings, inventory, owners, ours);
      return mayUsePool ? plans.pool : plans.reserved;
    },
  };
}

function plansOf(
  { subnet, pool, router, dns, relays }: SubnetSettings,
  { reservations }: Inventory,
  owners: ReadonlyMap<IPv4, Mac>,
  ours: ReadonlySet<IPv4>,
): { readonly pool: SubnetPlan; readonly reserved: SubnetPlan } {
  const plan: SubnetPlan = {
    key: formatSubnet(subnet),
    subnet,
    pool,
    excluded: new Set([...ours, ...dns, ...relays, ...(router === undefined ? [] : [router])]),
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
