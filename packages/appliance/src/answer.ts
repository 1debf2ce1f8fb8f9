import {
  linkOf,
  macOf,
  OPTIONS,
  respond,
  respondAsProxy,
  safeHostName,
  serverOverride,
  type Change,
  type DhcpRequest,
  type Outcome,
  type ProxyOutcome,
} from '@sower/dhcp';
import type { Client } from '@sower/machines';
import { ANY, type IPv4, type Mac } from '@sower/net';
import type { Leases, SubnetPlan } from '@sower/state';
import { bootFields, bootFor, clientIn, type BootFacts } from './boot.ts';
import { isFree } from './conflict.ts';
import { extrasFor } from './options.ts';
import type { Plans } from './plans.ts';
import type { Prober } from './probe.ts';

/** What an answer is made from; `inventory` and `plans` are those in force now, and belong together. */
export interface Desk extends BootFacts {
  readonly plans: Plans;
  readonly leases: Leases;
  /** Resolves after so many milliseconds. */
  wait(ms: number): Promise<void>;
  readonly prober: Pick<Prober, 'occupantOf'>;
  /** Somebody uses an address that was given to nobody. */
  readonly inUse: (address: IPv4, occupant: Mac) => void;
}

/** B-04: ROMs that drop what comes too soon. */
const REPLY_DELAY_MS = 2000;

/**
 * machines with static addresses stand side by side in a pool, so the next address is asked for as well. After so many
 * one is offered as it is: a router that answers for every address must not keep a network without leases.
 */
const ADDRESSES_ASKED = 3;

/** Seconds. The boot ROM of a Raspberry Pi 3 uses the address of the OFFER and never asks for it. */
const HELD_WITHOUT_REQUEST = 600;

/** Why no rule of DHCP was asked at all. */
export type NoAnswer =
  'unknown-mac' | 'quirk-no-answer' | 'not-ethernet' | 'no-subnet' | 'lease-taken' | 'decline-ignored';

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
  const settings = plans.subnetOn(linkOf(request));
  if (settings === undefined) {
    return { why: message.giaddr === ANY || plans.knowsRelay(message.giaddr) ? 'no-subnet' : 'relay-not-allowed' };
  }

  const client = introduced(desk, request, mac);
  // The operating systems of a whole site, which have nothing to do with us.
  if (settings.mode === 'proxy' && client.class === 'plain') return { why: 'nothing-to-boot' };
  const boot = bootFor(desk, mac, client);
  if (boot.kind === 'ignore') return { why: boot.why };
  const machine = inventory.machineOf(mac);
  const mayUsePool = machine !== undefined || inventory.appliance.unknown !== 'ignore';
  const plan = plans.planOf(settings, mayUsePool);
  const { fields, note } = await bootFields(desk, boot, client, mac, server, settings.mode);
  const facts = {
    server: serverOverride(message, plans.trustsRelay) ?? server,
    isOurs: (identifier: IPv4) => plans.ours.has(identifier),
    knowsRelay: plans.knowsRelay,
    network: settings,
    boot: fields,
  };
  if (client.quirks.has('reply-delay')) await desk.wait(REPLY_DELAY_MS);
  if (settings.mode === 'proxy') return { ...respondAsProxy(request, facts), note };
  const decide = () =>
    respond(request, {
      ...facts,
      binding: { ...leases.view(plan, mac), reserved: plan.reservedFor(mac) },
      hostname: machine === undefined ? undefined : safeHostName(machine.name),
      extras: extrasFor(inventory.appliance.dhcp, settings, client, machine),
    });
  let outcome = decide();
  for (let asked = 0; asked < ADDRESSES_ASKED; asked += 1) {
    if (await isFree(desk, request, settings, plan, mac, outcome)) break;
    outcome = decide();
  }
  if (outcome.change === undefined) return { ...outcome, note };
  const applied = await apply(leases, plan, mac, outcome.change, request, client);
  if (applied === 'done') return { ...outcome, note };
  if (applied === 'ignored') return { why: 'decline-ignored' };
  // Somebody else got the address meanwhile: what is right now is a refusal, which changes nothing.
  const again = decide();
  return again.change === undefined ? again : { why: 'lease-taken' };
}

/** Who asks: what it says of itself now or, where its REQUEST leaves that out, what it said in the DISCOVER (A-23, B-04). */
function introduced(desk: Desk, { message, intent }: DhcpRequest, mac: Mac): Client {
  const client = clientIn(desk, message, mac);
  if (intent.kind === 'discover') desk.trails.introduced(mac, client);
  return intent.kind === 'selecting' && client.class === 'plain' ? (desk.trails.introduction(mac) ?? client) : client;
}

/** The change is made before the reply leaves, and an ACK waits until the disk has it. */
async function apply(
  leases: Leases,
  plan: SubnetPlan,
  mac: Mac,
  change: Change,
  { message }: DhcpRequest,
  client: Client,
) {
  switch (change.kind) {
    case 'hold':
      leases.hold(plan, mac, change.address, client.class === 'rpi' ? HELD_WITHOUT_REQUEST : undefined);
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
