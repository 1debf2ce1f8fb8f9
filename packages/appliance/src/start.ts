import { setTimeout as delay } from 'node:timers/promises';
import { watchInventory, type Inventory, type Parsed } from '@sower/machines';
import type { InheritedSockets, IPv4, Mac } from '@sower/net';
import type { Desk } from './answer.ts';
import { openBook } from './book.ts';
import { dhcpOptions, loadData } from './data.ts';
import { openDhcpServices } from './dhcp-services.ts';
import { createNarrator, fault, type Tell } from './events.ts';
import { fallbackLines } from './fallback.ts';
import { holderIn, inForce, keepHeld, sameAddresses, type BootDesk, type Force } from './force.ts';
import { serveHttp } from './http.ts';
import { adopt, unused } from './inherited.ts';
import { createAddressBook, mustExist, whyNotServed } from './interfaces.ts';
import { createGroup, createLifecycle, type Lifecycle } from './lifecycle.ts';
import type { Logger } from './log.ts';
import { openProber } from './probe.ts';
import { createRogues } from './rogues.ts';
import { openService } from './service.ts';
import { createSightings } from './sightings.ts';
import { DataError, messageOf } from './start-error.ts';
import { dhcpState, summarize } from './summary.ts';
import { absentLoaders, clashes, isoState, loaderStates, missingArtifacts } from './survey.ts';
import { tellInUse } from './tell/dhcp.ts';
import { tellReload } from './tell/reload.ts';
import { createTftp, tftpState, wantedTftp } from './tftp.ts';
import { createTrails } from './trail.ts';

/** How often interfaces and addresses are looked at (N-12). */
const LOOK_MS = 5000;

export interface StartOptions {
  readonly dataFile: string;
  /** `--state`, `--artifacts` and `--iso`: they win over the data file. */
  readonly state: string | undefined;
  readonly artifacts: string | undefined;
  readonly iso: string | undefined;
  /** Sockets that were handed over (`inheritedSockets`), named tftp, pxe or dhcp-<interface>; none by default. */
  readonly inherited?: InheritedSockets;
  readonly log: Logger;
  /** Wall clock, ms since 1970. */
  readonly now: () => number;
}

/** A running appliance: every socket is open. */
export interface Appliance {
  /** The start-up summary, line by line. */
  readonly summary: readonly string[];
  /** Takes nothing new, lets what is under way finish for `ms`, cuts the rest. */
  close(ms: number): Promise<void>;
}

/**
 * Starts the whole appliance: state, listeners, watch, in this order.
 * Rejects with DataError (the data file) or StartError (the host), and then leaves nothing open.
 */
export async function start(options: StartOptions): Promise<Appliance> {
  const { text, inventory, problems } = await loadData(options.dataFile, options);
  if (inventory === undefined) throw new DataError(problems);
  const tell = createNarrator(options.log, options.now);
  const lifecycle = createLifecycle((error) => tell(fault('state', 'close-failed', messageOf(error))), options.now);
  try {
    const summary = await open(options, inventory, text, tell, lifecycle);
    return { summary, close: (ms) => lifecycle.close(ms) };
  } catch (error) {
    await lifecycle.close(0);
    throw error;
  }
}

/** Opens everything, in order; `lifecycle` owns it. Gives the summary. */
async function open(
  options: StartOptions,
  inventory: Inventory,
  text: string | undefined,
  tell: Tell,
  lifecycle: Lifecycle,
): Promise<readonly string[]> {
  const { dataFile, now } = options;
  const { appliance } = inventory;
  const host = createAddressBook();
  let force = inForce(inventory, host.look());
  if (appliance.dhcp !== undefined) mustExist(appliance.dhcp);

  const leases = await openBook(appliance.state, lifecycle, tell, now);
  const trails = createTrails(now);
  const neighbours = { sightings: createSightings(), rogues: createRogues(now) };
  const prober = lifecycle.own(
    openProber((error) => tell(fault('dhcp', 'socket-fault', `conflict probes: ${messageOf(error)}`))),
  );
  const inUse = (address: IPv4, occupant: Mac) => tell(tellInUse(address, occupant));
  const standing = { leases, trails, wait, prober, inUse };
  let dhcpDesk: Desk & Force = { ...force, ...standing };
  const enforce = (next: Force) => {
    force = next;
    dhcpDesk = { ...next, ...standing };
    leases.retain(next.plans.subnets);
  };
  const desk: BootDesk = {
    force: () => force,
    holderOf: (address) => holderIn(force, leases, address),
    speakerAt: (address) => holderIn(force, leases, address) ?? neighbours.sightings.at(address),
    heard: (address) => leases.extendHold(address),
    trails,
  };
  const inherited = await adopt(options.inherited ?? new Map(), lifecycle);
  const tftpServer = lifecycle.own(createTftp(desk, tell));
  const listeners = lifecycle.own(createGroup());
  const http = await serveHttp(appliance, desk, tell, now, listeners);
  const tftp = await openService(
    'tftp',
    appliance.tftp.port,
    () => wantedTftp(force, tftpServer, inherited.tftp),
    (key, error) => tell(fault('tftp', 'not-listening', `${key}: ${messageOf(error)}`)),
    listeners,
  );
  const { dhcp, watch } = await openDhcpServices(inherited, () => dhcpDesk, neighbours, tell, listeners);

  const look = async () => {
    const addresses = host.look();
    if (!sameAddresses(force.addresses, addresses)) enforce(inForce(force.inventory, addresses));
    for (const service of [tftp, dhcp, watch]) if ('reconciler' in service) await service.reconciler.tick();
  };
  const take = (parsed: Parsed) => {
    tellReload(parsed, force.inventory, tell);
    if (parsed.inventory === undefined) return;
    enforce(inForce(keepHeld(inventory, parsed.inventory), force.addresses));
    for (const line of idle(force)) tell(fault('dhcp', 'not-served', line));
    void look();
  };
  const timer = setInterval(() => void look(), LOOK_MS);
  lifecycle.own({ close: () => clearInterval(timer) });
  lifecycle.own(watchInventory(dataFile, text, take, { ...options, dhcpOptions }));

  const loaders = await loaderStates(appliance, force.files);
  return summarize(inventory, dataFile, {
    http: http.boot,
    admin: http.admin,
    tftp: 'off' in tftp ? tftp : tftpState(inventory, tftpServer, inherited.tftp),
    dhcp: 'off' in dhcp ? dhcp : dhcpState(appliance.dhcp),
    idle: [
      ...idle(force),
      ...unused(inherited, appliance.dhcp?.interfaces ?? []),
      ...('off' in watch ? [`appliance.dhcp.watch is off: ${watch.off}; ${watch.remedy}`] : []),
      ...fallbackLines(appliance, force.addresses, loaders),
    ],
    loaders,
    iso: await isoState(appliance),
    missing: await missingArtifacts(inventory, force.files),
    warnings: [...clashes(inventory, force.addresses), ...(await absentLoaders(inventory, force.files))],
  });
}

/** A pause that keeps nobody from stopping. */
const wait = (ms: number): Promise<void> => delay(ms, undefined, { ref: false });

/** The interfaces that are named and not served now, a line each. */
function idle({ inventory: { appliance }, addresses }: Force): readonly string[] {
  return appliance.dhcp === undefined ? [] : whyNotServed(appliance.dhcp, addresses);
}
