import type { DhcpRequest, Outcome } from '@sower/dhcp';
import type { SubnetSettings } from '@sower/machines';
import { ANY, contains, type Mac } from '@sower/net';
import type { SubnetPlan } from '@sower/state';
import type { Desk } from './answer.ts';

/** Seconds that an address is kept for whoever uses it without having been given it. */
const OCCUPIED = 60;

/**
 * Whether nobody else uses the address that a new client is about to get; if somebody does, it is kept for that
 * one, so that the next decision is for another. Asked on our own links only, and never for an address that the client
 * has, had or has reserved.
 */
export async function isFree(
  { leases, prober, inUse }: Desk,
  { message, server }: DhcpRequest,
  { subnet, probe }: SubnetSettings,
  plan: SubnetPlan,
  mac: Mac,
  { why, change }: Outcome,
): Promise<boolean> {
  const isNew = why === 'offered' || why === 'bound-at-once';
  if (!probe || !isNew || change === undefined || !('address' in change)) return true;
  const { address } = change;
  if (message.giaddr !== ANY || !contains(subnet, server)) return true;
  if (leases.view(plan, mac).known === address || plan.reservedFor(mac) === address) return true;
  // Meanwhile nobody else is to be offered it.
  leases.hold(plan, mac, address);
  const occupant = await prober.occupantOf(address);
  if (occupant === undefined || occupant === mac) return true;
  leases.dropHold(plan, mac);
  leases.occupied(plan, occupant, address, OCCUPIED);
  inUse(address, occupant);
  return false;
}
