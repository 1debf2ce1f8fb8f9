import type { Inventory } from '@sower/machines';
import type { InterfaceAddress, IPv4, Mac } from '@sower/net';
import type { Leases } from '@sower/state';
import { createFiles, type Files } from './files.ts';
import { createPlans, type Plans } from './plans.ts';
import type { Trails } from './trail.ts';

/** What is in force: one inventory, the addresses of this host, and all that follows from them; swapped as a whole. */
export interface Force {
  readonly inventory: Inventory;
  readonly addresses: readonly InterfaceAddress[];
  readonly files: Files;
  readonly plans: Plans;
}

/** What the TFTP and HTTP planes need to know; the functions are asked at each request. */
export interface BootDesk {
  readonly trails: Trails;
  force(): Force;
  /** Who has this address by a lease of ours (D-13). */
  holderOf(address: IPv4): Mac | undefined;
  /** Who speaks from this address as far as we know, also where another server gave it: for the log and the count of B-21. */
  speakerAt(address: IPv4): Mac | undefined;
  /** Somebody speaks from this address: an address that is only held stays held. */
  heard(address: IPv4): void;
}

export function inForce(inventory: Inventory, addresses: readonly InterfaceAddress[]): Force {
  const ours = new Set(addresses.map(({ address }) => address));
  const files = createFiles(inventory.appliance);
  return { inventory, addresses, files, plans: createPlans(inventory, ours) };
}

/**
 * Who has this address by a lease of ours (D-13). Where another server gives the addresses, a lease is one of earlier
 * times and says nothing.
 */
export function holderIn({ plans }: Force, leases: Pick<Leases, 'holderOf'>, address: IPv4): Mac | undefined {
  return plans.subnetOf(address)?.mode === 'server' ? leases.holderOf(address) : undefined;
}

/** Whether two looks at this host saw the same addresses. */
export function sameAddresses(before: readonly InterfaceAddress[], after: readonly InterfaceAddress[]): boolean {
  const keys = (list: readonly InterfaceAddress[]) =>
    list.map(({ name, address, subnet }) => `${name} ${address}/${subnet.prefix}`);
  return keys(before).toSorted().join() === keys(after).toSorted().join();
}

/** What a new inventory asks for that only a restart can do: the sockets and the folder that are held for the whole run. */
export function needsRestart(before: Inventory, after: Inventory): readonly string[] {
  const held = (inventory: Inventory) => {
    const { http, admin, state, limits } = inventory.appliance;
    return {
      'http.address': http.address,
      'http.port': http.port,
      'admin.address': admin.address,
      'admin.port': admin.port,
      'admin.tokenFile': admin.tokenFile,
      'limits.tftpTransfers': limits.tftpTransfers,
      'limits.tftpPerClient': limits.tftpPerClient,
      'limits.httpPerAddress': limits.httpPerAddress,
      state,
    };
  };
  const old = new Map(Object.entries(held(before)));
  return Object.entries(held(after)).flatMap(([key, value]) => (old.get(key) === value ? [] : [`appliance.${key}`]));
}

/** A new inventory as far as it can be in force before a restart: machines must not be told of a port that nobody opened. */
export function keepHeld(before: Inventory, after: Inventory): Inventory {
  const { http, admin, state } = before.appliance;
  const { address, port } = http;
  return {
    ...after,
    appliance: { ...after.appliance, http: { ...after.appliance.http, address, port }, admin, state },
  };
}
