import {
  BOOT_SERVER_PORT,
  macOf,
  openBootServer,
  respondAsBootServer,
  type BootServerAnswer,
  type BootServerWhy,
  type Message,
} from '@sower/dhcp';
import { addressTowards, formatIPv4, parseIPv4, type IPv4, type Peer } from '@sower/net';
import type { Desk, NoAnswer } from './answer.ts';
import { bootFields, bootFor, clientIn } from './boot.ts';
import { fault, type Tell } from './events.ts';
import type { Force } from './force.ts';
import { taken } from './inherited.ts';
import { servedInterfaces } from './interfaces.ts';
import type { Closable } from './lifecycle.ts';
import { noteEvent, type Neighbours } from './neighbours.ts';
import type { Wanted } from './reconcile.ts';
import { explained, messageOf } from './start-error.ts';
import { tellDhcp } from './tell/dhcp.ts';

/** What a client of port 4011 gets (B-15): what DHCP would tell it to boot, whoever gave it its address. */
export async function answerBootServer(
  desk: Desk,
  message: Message,
  from: Peer,
  local: string,
): Promise<BootServerAnswer<BootServerWhy | NoAnswer>> {
  const mac = macOf(message);
  if (mac === undefined) return { why: 'not-ethernet' };
  const address = parseIPv4(from.address) || message.ciaddr;
  const network = desk.plans.subnetOf(address);
  const server = serverAt(local, address);
  if (network === undefined || server === undefined) return { why: 'no-subnet' };
  const client = clientIn(desk, message, mac);
  const boot = bootFor(desk, mac, client);
  if (boot.kind === 'ignore') return { why: boot.why };
  const { fields, note } = await bootFields(desk, boot, client, mac, server, network.mode);
  const isOurs = (identifier: IPv4) => desk.plans.ours.has(identifier);
  return { ...respondAsBootServer(message, from, { server, isOurs, network, boot: fields }), note };
}

/** Our address that a client asked at; on a socket for all addresses, the one in its network. */
function serverAt(local: string, client: IPv4): IPv4 | undefined {
  return parseIPv4(local) || addressTowards(client);
}

/**
 * A boot server at our address on each served interface (B-15), also where the addresses come from here (B-16). Where
 * sockets were handed over (N-06), those and nothing else.
 */
export function wantedBootServer(
  { inventory: { appliance }, addresses }: Force,
  inherited: readonly number[],
  desk: () => Desk & Force,
  neighbours: Neighbours,
  tell: Tell,
): Wanted {
  const open = async (where: { address: string; port: number } | { fd: number }, name: string): Promise<Closable> =>
    await openBootServer({
      where,
      interface: name,
      answer: (message, from, local) => answerBootServer(desk(), message, from, local),
      onEvent(event) {
        noteEvent(neighbours, event, desk(), tell);
        tell(tellDhcp(event, (mac) => desk().inventory.machineOf(mac)?.name));
      },
      onError: (error) => tell(fault('dhcp', 'socket-fault', `boot server at ${name}: ${messageOf(error)}`)),
    });
  if (inherited.length > 0) {
    return new Map(inherited.map((fd) => [`descriptor ${fd}`, () => taken('pxe', fd, () => open({ fd }, 'pxe'))]));
  }
  const served = appliance.dhcp === undefined ? [] : servedInterfaces(appliance.dhcp, addresses);
  return new Map(
    served.map(({ name, address: own }) => {
      const [address, port] = [formatIPv4(own), BOOT_SERVER_PORT];
      return [`${address}:${port}`, () => explained('PXE boot requests', address, port, open({ address, port }, name))];
    }),
  );
}
