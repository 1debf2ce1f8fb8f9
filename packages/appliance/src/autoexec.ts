import { bytes, type OpenFile, type Refused } from '@sower/files';
import { chainScript, type Inventory, type Machine } from '@sower/machines';
import type { IPv4 } from '@sower/net';
import { baseUrl } from './base-url.ts';
import type { BootDesk } from './force.ts';

/** iPXE for EFI, since 2021, asks for this beside its loader and then in the root, before anything else (B-26). */
const AUTOEXEC = /(?:^|\/)autoexec\.ipxe$/;

/** Whether this name may be a file that is made for the machine that asks. */
export function isAutoexec(name: string): boolean {
  return AUTOEXEC.test(name);
}

/**
 * `autoexec.ipxe` for the machine at this address (B-26, C-27): iPXE that gets a script does not wait for a router advertisement,
 * and tells us from then on that it is ours (B-02). An address that is no machine's gets an error at once.
 */
export function autoexec(desk: BootDesk, peer: IPv4, local: IPv4): OpenFile | Refused {
  const { inventory } = desk.force();
  const who = machineAt(desk, inventory, peer);
  if (who === undefined) return { refused: 'missing', detail: 'no machine in data.yaml has this address' };
  const base = baseUrl(inventory.appliance.http, local);
  return bytes(Buffer.from(chainScript(base, who === 'some' ? undefined : speakingFrom(who, peer))), 0);
}

/**
 * Whose address this is: by its lease, or by `ipaddress`. A sighting is what anybody can say, so it alone is `some` machine: its
 * script is for whichever card finds it, since one for a certain machine would keep another from booting.
 */
function machineAt(desk: BootDesk, inventory: Inventory, peer: IPv4): Machine | 'some' | undefined {
  const holder = desk.holderOf(peer);
  if (holder !== undefined) return inventory.machineOf(holder);
  const owner = inventory.machines.find(({ network }) => network.address === peer);
  const seen = desk.speakerAt(peer);
  if (seen === undefined) return owner;
  const machine = inventory.machineOf(seen);
  return machine === undefined || machine === owner ? machine : 'some';
}

/** An address of the data file is for the installed system: it is one for now only where the machine has it now. */
function speakingFrom(machine: Machine, peer: IPv4): Machine {
  return machine.network.address === peer
    ? machine
    : { ...machine, network: { ...machine.network, address: undefined } };
}
