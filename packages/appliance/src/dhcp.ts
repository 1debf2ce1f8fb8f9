import { openDhcpServer, serverOverride, type DhcpLimits } from '@sower/dhcp';
import type { LimitSettings } from '@sower/machines';
import { formatIPv4, linkIndex, linkMtu, type Adopted, type InterfaceAddress } from '@sower/net';
import { answer, type Desk } from './answer.ts';
import { fault, type Tell } from './events.ts';
import type { Force } from './force.ts';
import { servedInterfaces } from './interfaces.ts';
import { within, type Closable } from './lifecycle.ts';
import { noteEvent, type Neighbours } from './neighbours.ts';
import type { Wanted } from './reconcile.ts';
import { messageOf } from './start-error.ts';
import { tellDhcp } from './tell/dhcp.ts';

/** Serves DHCP on these interfaces. `desk` is asked at each request, so that a reload takes effect at once. */
async function serveDhcp(
  served: readonly InterfaceAddress[],
  inherited: ReadonlyMap<string, Adopted>,
  desk: () => Desk & Force,
  neighbours: Neighbours,
  tell: Tell,
): Promise<Closable> {
  const server = await openDhcpServer({
    interfaces: served.map(({ name, address }) => {
      const [socket, mtu] = [inherited.get(name), linkMtu(name)];
      return { name, address, ...(mtu && { mtu }), ...(socket && { inherited: socket }) };
    }),
    isOurs: (identifier, message) => {
      const { ours, trustsRelay } = desk().plans;
      return ours.has(identifier) || serverOverride(message, trustsRelay) === identifier;
    },
    limits: () => limitsOf(desk().inventory.appliance.limits),
    answer: (request) => answer(desk(), request),
    onEvent(event) {
      noteEvent(neighbours, event, desk(), tell);
      tell(tellDhcp(event, (mac) => desk().inventory.machineOf(mac)?.name));
    },
    onError: (error, name) => tell(fault('dhcp', 'socket-fault', `interface ${name}: ${messageOf(error)}`)),
  });
  // An answer that waits for a dead disk must not hold up the stop.
  return { close: (ms) => within(ms, server.close()) };
}

function limitsOf({ dhcpPerClient, dhcpPerRelay, dhcpPerCircuit }: LimitSettings): DhcpLimits {
  const most = (limit: number | 'off') => (limit === 'off' ? undefined : limit);
  return { perClient: most(dhcpPerClient), perRelay: most(dhcpPerRelay), perCircuit: most(dhcpPerCircuit) };
}

/**
 * One set of sockets for all served interfaces, under a key that says everything it depends on, which link has the name
 * now (N-12) and its MTU included. One set, because a pinned socket of ours on one interface looks like a stranger's to
 * the probe for another (N-14).
 */
export function wantedDhcp(
  { inventory: { appliance }, addresses }: Force,
  inherited: ReadonlyMap<string, Adopted>,
  desk: () => Desk & Force,
  neighbours: Neighbours,
  tell: Tell,
  linkOf = (name: string) => `link ${linkIndex(name)} mtu ${linkMtu(name)}`,
): Wanted {
  const served = appliance.dhcp === undefined ? [] : servedInterfaces(appliance.dhcp, addresses);
  if (served.length === 0) return new Map();
  const key = served.map(({ name, address }) => `${name} ${formatIPv4(address)} ${linkOf(name)}`).join(', ');
  return new Map([[key, () => serveDhcp(served, inherited, desk, neighbours, tell)]]);
}
