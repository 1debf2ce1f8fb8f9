import type { Desk } from './answer.ts';
import { wantedBootServer } from './boot-server.ts';
import { wantedDhcp } from './dhcp.ts';
import { fault, type Tell } from './events.ts';
import type { Force } from './force.ts';
import type { Inherited } from './inherited.ts';
import type { Owner } from './lifecycle.ts';
import type { Neighbours } from './neighbours.ts';
import { openService, type OpenService } from './service.ts';
import { messageOf } from './start-error.ts';
import { CLIENT_PORT, wantedWatch } from './watch.ts';

/** Where clients send their requests (RFC 2131 section 4.1). */
const SERVER_PORT = 67;

/** Opens ports 67 and 4011 of the served interfaces and, where the data file asks for it, listens on 68. */
export async function openDhcpServices(
  inherited: Inherited,
  desk: () => Desk & Force,
  neighbours: Neighbours,
  tell: Tell,
  owner: Owner,
): Promise<{ readonly dhcp: OpenService; readonly watch: OpenService }> {
  const onError = (key: string, error: unknown) => tell(fault('dhcp', 'not-listening', `${key}: ${messageOf(error)}`));
  const servers = () =>
    new Map([
      ...wantedDhcp(desk(), inherited.dhcp, desk, neighbours, tell),
      ...wantedBootServer(desk(), inherited.pxe, desk, neighbours, tell),
    ]);
  const dhcp = await openService('dhcp', SERVER_PORT, servers, onError, owner);
  const offers = () => wantedWatch(desk(), desk, neighbours, tell);
  return { dhcp, watch: await openService('watch', CLIENT_PORT, offers, onError, owner) };
}
