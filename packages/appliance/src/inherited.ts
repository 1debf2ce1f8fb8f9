import { adoptDhcpSocket } from '@sower/dhcp';
import { inheritedSockets as parse, type Adopted, type InheritedSockets } from '@sower/net';
import type { Owner } from './lifecycle.ts';
import { messageOf, StartError } from './start-error.ts';

/** What was handed over (N-06), by its use. */
export interface Inherited {
  /** Descriptors of sockets that TFTP listens on; with any, it listens nowhere else. */
  readonly tftp: readonly number[];
  /** The same for PXE boot requests, port 4011. */
  readonly pxe: readonly number[];
  /** Sockets for DHCP, by the interface that they are pinned to. */
  readonly dhcp: ReadonlyMap<string, Adopted>;
}

/** Names as a socket unit's FileDescriptorName gives them. What a socket is pinned to cannot be read from it, so the name says it. */
const TFTP = 'tftp';
const PXE = 'pxe';
const DHCP = /^dhcp-(?<name>.+)$/;

/** The sockets that this process was started with, from its environment and its own id. Throws StartError where that makes no sense. */
export function inheritedSockets(environment: NodeJS.ProcessEnv, pid: number): InheritedSockets {
  const sockets = parse(environment, pid);
  if ('malformed' in sockets) throw new StartError(`Cannot take over sockets: ${sockets.malformed}.`);
  return sockets;
}

/** Adopts the sockets that stay open for the whole run. Rejects with StartError where a name or a descriptor is none of ours. */
export async function adopt(sockets: InheritedSockets, owner: Owner): Promise<Inherited> {
  const dhcp = new Map<string, Adopted>();
  for (const [name, fds] of sockets) {
    if (name === TFTP || name === PXE) continue;
    const device = DHCP.exec(name)?.groups?.name;
    const [fd, another] = fds;
    if (device === undefined || fd === undefined) {
      throw new StartError(
        `An inherited socket is named ${JSON.stringify(name)}: its socket unit needs FileDescriptorName=tftp, pxe, or dhcp-<interface>.`,
      );
    }
    if (another !== undefined) throw new StartError(`There is more than one inherited socket ${name}.`);
    const socket = await taken(name, fd, adoptDhcpSocket);
    owner.own({ close: () => socket.close() });
    dhcp.set(device, socket);
  }
  return { tftp: sockets.get(TFTP) ?? [], pxe: sockets.get(PXE) ?? [], dhcp };
}

/** The sockets for interfaces that the data file does not name, a line each. */
export function unused({ dhcp }: Inherited, interfaces: readonly string[]): readonly string[] {
  return [...dhcp.keys()]
    .filter((name) => !interfaces.includes(name))
    .map((name) => `the inherited socket dhcp-${name} is not used: appliance.dhcp.interfaces does not name ${name}`);
}

/** Opens a descriptor. A failure is a StartError that names it: the socket unit is wrong, not the data file. */
export async function taken<T>(name: string, fd: number, open: (fd: number) => Promise<T>): Promise<T> {
  try {
    return await open(fd);
  } catch (cause) {
    throw new StartError(
      `Cannot use the inherited socket ${name} (descriptor ${fd}): ${messageOf(cause)}. Correct its socket unit: ListenDatagram names an IPv4 address and a port.`,
      { cause },
    );
  }
}
