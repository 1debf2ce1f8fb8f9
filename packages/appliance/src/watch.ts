import { openDhcpWatch } from '@sower/dhcp';
import { linkIndex } from '@sower/net';
import { fault, type Tell } from './events.ts';
import type { Force } from './force.ts';
import { servedInterfaces } from './interfaces.ts';
import { noteServer, type Neighbours } from './neighbours.ts';
import type { Wanted } from './reconcile.ts';
import { explained, messageOf } from './start-error.ts';

/** Where DHCP clients listen (RFC 2131 section 4.1). */
export const CLIENT_PORT = 68;

/** A listener on port 68 of each served interface, where `appliance.dhcp.watch` asks for it. */
export function wantedWatch(
  { inventory: { appliance }, addresses }: Force,
  force: () => Force,
  neighbours: Neighbours,
  tell: Tell,
): Wanted {
  const { dhcp } = appliance;
  if (dhcp?.watch !== true) return new Map();
  const open = (name: string) =>
    openDhcpWatch({
      interface: name,
      onReply: ({ type, server, client }) =>
        noteServer(neighbours, { interface: name, server, seenIn: type, client }, force(), tell),
      onError: (error) => tell(fault('dhcp', 'socket-fault', `port ${CLIENT_PORT} of ${name}: ${messageOf(error)}`)),
    });
  return new Map(
    servedInterfaces(dhcp, addresses).map(({ name }) => [
      `${name} link ${linkIndex(name)}, port ${CLIENT_PORT}`,
      () => explained('the offers of other servers', name, CLIENT_PORT, open(name)),
    ]),
  );
}
