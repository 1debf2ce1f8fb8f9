import {
  macOf,
  OPTIONS,
  respond,
  respondAsProxy,
  safeHostName,
  type BootFields,
  type Change,
  type DhcpRequest,
  type Menu,
  type Message,
  type Outcome,
  type ProxyOutcome,
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
import type { IPv4, Mac } from '@sower/net';
import type { Leases, SubnetPlan } from '@sower/state';
import { baseUrl, literalUrl } from './base-url.ts';
import { findLoader, type Files } from './files.ts';
import type { Plans } from './plans.ts';
import type { Trails } from './trail.ts';

/** What an answer is made from; `inventory` and `plans` are those in force now, and belong together. */
export interface Desk {
  readonly inventory: Inventory;
  readonly plans: Plans;
  readonly leases: Leases;
  readonly files: Files;
  readonly trails: Trails;
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

/** Who asks, by what its message says and by the quirks in force. */
export function clientIn({ inventory }: Desk, { options }: Message, mac: Mac): Client {
  const id = options.get(OPTIONS.machineId);
  const said = {
    mac,
    vendorClass: options.get(OPTIONS.vendorClass),
    userClasses: options.get(OPTIONS.userClasses) ?? [],
    archs: options.get(OPTIONS.architectures) ?? [],
    ipxeOptions: options.has(OPTIONS.ipxe.code),
    uuid: id?.subarray(1),
  };
  return clientOf(said, inventory.appliance.quirks);
}

/** A VIP's MAC has an address and nothing to boot (decisions.md section 2); everybody else goes by the boot decision. */
export function bootFor({ inventory, trails }: Desk, mac: Mac, client: Client): Boot {
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
export async function bootFields(
  { inventory, files }: Desk,
  boot: Boot,
  client: Client,
  mac: Mac,
  nextServer: IPv4,
  mode: SubnetSettings['mode'],
): Promise<BootAnswer> {
  if (boot.kind === 'nothing') return { fields: undefined, note: boot.why };
  if (client.class === 'plain' || boot.kind === 'ignore') return { fields: undefined, note: 'not-a-boot-client' };
  const { http } = inventory.appliance;
  const menu = menuFor(client, mode);
  const told = { class: client.class, nextServer, ...(menu && { menu }) };
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

/** What option 43 says, where it is not what every client of the class gets. */
function menuFor({ class: known, quirks }: Client, mode: SubnetSettings['mode']): Menu | undefined {
  if (known === 'rpi') return quirks.has('raspberry-pi-padded') ? 'raspberry-pi-padded' : undefined;
  const hints = quirks.has('pxe-hints') || (mode === 'proxy' && quirks.has('skip-discovery'));
  return known === 'pxe' && hints ? 'skip-discovery' : undefined;
}
