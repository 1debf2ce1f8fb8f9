import type { Message } from '../wire/message.ts';
import { option, type OptionBytes } from '../wire/option-set.ts';
import { OPTIONS } from '../wire/options.ts';
import type { Network } from './facts.ts';

/** Seconds: a lease without an end (RFC 2131 section 3.3). */
export const FOR_EVER = 0xffffffff;

/** Seconds. A client that asks for less gets this much, unless the network gives even less. */
const LEASE_MIN = 120;

/**
 * How long the client gets the address, in seconds: what it asked for, between 120 s and the network's lease.
 */
export function leaseSeconds(request: Message, network: Network): number {
  const asked = request.options.get(OPTIONS.leaseTime) ?? network.lease;
  return Math.min(Math.max(asked, LEASE_MIN), network.lease);
}

/**
 * Options 51, 58 and 59: renewal at 0.5, rebinding at 0.875, always 58 < 59 < 51. `spread` moves the renewal
 * by up to 5 % of the lease either way, so that machines which booted together do not renew together; it comes from the
 * transaction, so that a retransmission gets the same answer.
 */
export function leaseOptions(seconds: number, spread: number | undefined): readonly OptionBytes[] {
  const share = 0.5 + (spread === undefined ? 0 : ((spread % 101) - 50) / 1000);
  const renewal = Math.floor(seconds * share);
  const rebinding = Math.floor(seconds * 0.875);
  const lease = option(OPTIONS.leaseTime, seconds);
  if (renewal === 0 || renewal >= rebinding) return [lease];
  return [lease, option(OPTIONS.renewalTime, renewal), option(OPTIONS.rebindingTime, rebinding)];
}
