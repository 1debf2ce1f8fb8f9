import {
  linkOf,
  macOf,
  OPTIONS,
  respond,
  safeHostName,
  serverOverride,
  type BootFields,
  type Change,
  type DhcpRequest,
  type Outcome,
} from '@sower/dhcp';
import {
  clientOf,
  next,
  scriptUrl,
  type Boot,
  type Client,
  type Inventory,
  type SubnetSettings,
} from '@sower/machines';
import { ANY, contains, type IPv4, type Mac } from '@sower/net';
import type { Leases, SubnetPlan } from '@sower/state';
import { baseUrl, literalUrl } from './base-url.ts';
import { findLoader, type Files } from './files.ts';
import { extrasFor } from './options.ts';
import type { Plans } from './plans.ts';
import type { Prober } from './probe.ts';
import type { Trails } from './trail.ts';

/** What an answer is made from; `inventory` and `plans` are those in force now, and belong together. */
export interface Desk {
  readonly inventory: Inventory;
  readonly plans: Plans;
  readonly leases: Leases;
  readonly files: Files;
  readonly trails: Trails;
  readonly prober: Pick<Prober, 'occupantOf'>;
  /** Somebody uses an address that was given to nobody. */
  readonly inUse: (address: IPv4, occupant: Mac) => void;
}

/** Seconds. The boot ROM of a Raspberry Pi 3 uses the address of the OFFER and never asks for it. */
const HELD_WITHOUT_REQUEST = 600;

/** Seconds that an address is kept for whoever uses it without having been given it. */
const OCCUPIED = 60;

/** Why no rule of DHCP was asked at all. */
export type NoAnswer = 'unknown-mac' | 'not-ethernet' | 'no-subnet' | 'lease-taken' | 'decline-ignored';

/** Every reason there is for what a DHCP client got. */
export type AnswerWhy = Outcome['why'] | NoAnswer;

/** What becomes of a request; `note` is what it is told to boot, or why it is told nothing. */
export type Answered = (Outcome | { readonly why: NoAnswer }) & { readonly note?: string };

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

  const client = clientIn(desk, request, mac);
  const boot = bootFor(desk, mac, client);
  if (boot.kind === 'ignore') return { why: boot.why };
  const machine = inventory.machineOf(mac);
  const mayUsePool = machine !== undefined || inventory.appliance.unknown !== 'ignore';
  const plan = plans.planOf(settings, mayUsePool);
  const { fields, note } = await bootFields(desk, boot, client, mac, server);
  const extras = extrasFor(inventory.appliance.dhcp, settings, client, machine);
  const decide = () =>
    respond(request, {
      server: serverOverride(message, plans.trustsRelay) ?? server,
      isOurs: (identifier) => plans.ours.has(identifier),
      knowsRelay: plans.knowsRelay,
      network: settings,
      binding: { ...leases.view(plan, mac), reserved: plan.reservedFor(mac) },
      boot: fields,
      hostname: machine === undefined ? undefined : safeHostName(machine.name),
      extras,
    });
  const first = decide();
  const isFree = await settled(desk, request, settings, plan, mac, first);
  const outcome = isFree ? first : decide();
  if (outcome.change === undefined) return { ...outcome, note };
  const applied = await apply(leases, plan, mac, outcome.change, request, client);
  if (applied === 'done') return { ...outcome, note };
  if (applied === 'ignored') return { why: 'decline-ignored' };
  // Somebody else got the address meanwhile: what is right now is a refusal, which changes nothing.
  const again = decide();
  return again.change === undefined ? again : { why: 'lease-taken' };
}

/**
 * Looks whether somebody else uses an address that a new client is about to get, and then keeps it for that one, so that
 * another is chosen. Only on our own links, and never for an address that the client has, had or has reserved.
 */
async function settled(
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
  leases.hold(plan, occupant, address, OCCUPIED);
  inUse(address, occupant);
  return false;
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

/** Who asks: what it says of itself now or, where its REQUEST leaves that out, what it said in the DISCOVER (A-23, B-04). */
function clientIn({ trails }: Desk, request: DhcpRequest, mac: Mac): Client {
  const client = clientOf(bootOptions(request, mac));
  const { kind } = request.intent;
  if (kind === 'discover') trails.introduced(mac, client);
  return kind === 'selecting' && client.class === 'plain' ? (trails.introduction(mac) ?? client) : client;
}

function bootOptions({ message }: DhcpRequest, mac: Mac) {
  const { options } = message;
  const id = options.get(OPTIONS.machineId);
  return {
    mac,
    vendorClass: options.get(OPTIONS.vendorClass),
    userClasses: options.get(OPTIONS.userClasses) ?? [],
    archs: options.get(OPTIONS.architectures) ?? [],
    ipxeOptions: options.get(OPTIONS.ipxe)?.map(({ code }) => code),
    uuid: id?.subarray(1),
  };
}

/** A VIP's MAC has an address and nothing to boot (decisions.md section 2); everybody else goes by the boot decision. */
function bootFor({ inventory, trails }: Desk, mac: Mac, client: Client): Boot {
  const machine = inventory.machineOf(mac);
  if (machine === undefined && inventory.reservations.has(mac)) return { kind: 'nothing', why: 'not-a-boot-client' };
  return next(client, machine, inventory.appliance, { loaderFetches: trails.loaderFetches(mac) });
}

/** What the reply carries, and the word for it in the log. */
interface BootAnswer {
  readonly fields: BootFields | undefined;
  readonly note: string;
}

/** The decision as DHCP says it. A loader that exists nowhere is an offer without a boot file (decisions.md section 3). */
async function bootFields(
  { inventory, files }: Desk,
  boot: Boot,
  client: Client,
  mac: Mac,
  nextServer: IPv4,
): Promise<BootAnswer> {
  if (boot.kind === 'nothing') return { fields: undefined, note: boot.why };
  if (client.class === 'plain' || boot.kind === 'ignore') return { fields: undefined, note: 'not-a-boot-client' };
  const { http } = inventory.appliance;
  const told = { class: client.class, nextServer };
  const script = { ...told, file: scriptUrl(baseUrl(http, nextServer), mac) };
  if (boot.kind === 'script') return { fields: script, note: 'script' };
  const path = await findLoader(files, boot.folder, boot.names);
  if (path !== undefined) {
    const file = boot.transport === 'http' ? `${literalUrl(http, nextServer)}/artifacts/${path}` : path;
    return { fields: { ...told, file }, note: 'loader' };
  }
  // Where there is no loader to rechain to, the iPXE that asks can still run its script.
  const isIpxe = client.class === 'ipxe' || client.class === 'ours';
  return { fields: isIpxe ? script : undefined, note: `no-loader: ${boot.names.join(', ')}` };
}
