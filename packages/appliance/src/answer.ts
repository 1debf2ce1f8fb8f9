import {
  macOf,
  OPTIONS,
  respond,
  respondAsProxy,
  safeHostName,
  type Change,
  type DhcpRequest,
  type Outcome,
  type ProxyOutcome,
} from '@sower/dhcp';
import type { IPv4, Mac } from '@sower/net';
import type { Leases, SubnetPlan } from '@sower/state';
import { bootFields, bootFor, clientIn, type BootFacts } from './boot.ts';
import type { Plans } from './plans.ts';

/** What an answer is made from; `inventory` and `plans` are those in force now, and belong together. */
export interface Desk extends BootFacts {
  readonly plans: Plans;
  readonly leases: Leases;
  /** Resolves after so many milliseconds. */
  wait(ms: number): Promise<void>;
}

/** B-04: ROMs that drop what comes too soon. */
const REPLY_DELAY_MS = 2000;

/** Why no rule of DHCP was asked at all. */
export type NoAnswer =
  | 'unknown-mac'
  | 'quirk-no-answer'
  | 'not-ethernet'
  | 'relay-not-supported'
  | 'no-subnet'
  | 'lease-taken'
  | 'decline-ignored';

/** Every reason there is for what a DHCP client got. */
export type AnswerWhy = Outcome['why'] | ProxyOutcome['why'] | NoAnswer;

/** What becomes of a request; `note` is what it is told to boot, or why it is told nothing. */
export type Answered = (Outcome | ProxyOutcome | { readonly why: NoAnswer }) & { readonly note?: string };

/** One DHCP request, from the facts to the durable change: a straight line. The reply is sent by the caller. */
export async function answer(desk: Desk, request: DhcpRequest): Promise<Answered> {
  const { inventory, plans, leases } = desk;
  const { message, server } = request;
  const mac = macOf(message);
  if (mac === undefined) return { why: 'not-ethernet' };
  if (message.giaddr !== 0) return { why: 'relay-not-supported' };
  const settings = plans.subnetOf(server);
  if (settings === undefined) return { why: 'no-subnet' };

  const client = clientIn(desk, message, mac);
  // The operating systems of a whole site, which have nothing to do with us.
  if (settings.mode === 'proxy' && client.class === 'plain') return { why: 'nothing-to-boot' };
  const boot = bootFor(desk, mac, client);
  if (boot.kind === 'ignore') return { why: boot.why };
  const machine = inventory.machineOf(mac);
  const mayUsePool = machine !== undefined || inventory.appliance.unknown !== 'ignore';
  const plan = plans.planOf(settings, mayUsePool);
  const { fields, note } = await bootFields(desk, boot, client, mac, server, settings.mode);
  const facts = {
    server,
    isOurs: (identifier: IPv4) => plans.ours.has(identifier),
    network: settings,
    boot: fields,
  };
  if (client.quirks.has('reply-delay')) await desk.wait(REPLY_DELAY_MS);
  if (settings.mode === 'proxy') return { ...respondAsProxy(request, facts), note };
  const decide = () =>
    respond(request, {
      ...facts,
      binding: leases.view(plan, mac),
      hostname: machine === undefined ? undefined : safeHostName(machine.name),
    });
  const outcome = decide();
  if (outcome.change === undefined) return { ...outcome, note };
  const applied = await apply(leases, plan, mac, outcome.change, request);
  if (applied === 'done') return { ...outcome, note };
  if (applied === 'ignored') return { why: 'decline-ignored' };
  // Somebody else got the address meanwhile: what is right now is a refusal, which changes nothing.
  const again = decide();
  return again.change === undefined ? again : { why: 'lease-taken' };
}

/** The change is made before the reply leaves, and an ACK waits until the disk has it. */
async function apply(leases: Leases, plan: SubnetPlan, mac: Mac, change: Change, { message }: DhcpRequest) {
  switch (change.kind) {
    case 'hold':
      leases.hold(plan, mac, change.address);
      return 'done';
    case 'drop-hold':
      leases.dropHold(plan, mac);
      return 'done';
    case 'bind': {
      const clientId = message.options.get(OPTIONS.clientId);
      const details = clientId === undefined ? {} : { clientId: Buffer.from(clientId).toString('hex') };
      const stored = await leases.bind(plan, mac, change.address, change.seconds, details);
      return stored === 'stored' ? 'done' : 'taken';
    }
    case 'release':
      await leases.release(plan, mac, change.address);
      return 'done';
    case 'decline':
      return (await leases.decline(plan, mac, change.address)) === 'quarantined' ? 'done' : 'ignored';
  }
}
