import type { Inventory } from '@sower/machines';
import type { IPv4 } from '@sower/net';
import { createFiles, type Files } from './files.ts';
import { createPlans, type Plans } from './plans.ts';

/** What is in force: one inventory and all that follows from it, swapped as a whole. */
export interface Force {
  readonly inventory: Inventory;
  readonly files: Files;
  readonly plans: Plans;
}

export function inForce(inventory: Inventory, ours: ReadonlySet<IPv4>): Force {
  return { inventory, files: createFiles(inventory.appliance.artifacts), plans: createPlans(inventory, ours) };
}

/** What a new inventory asks for that only a restart can do: the sockets and the folder that are held for the whole run. */
export function needsRestart(before: Inventory, after: Inventory): readonly string[] {
  const held = (inventory: Inventory) => {
    const { http, admin, state } = inventory.appliance;
    return {
      'http.address': http.address,
      'http.port': http.port,
      'admin.address': admin.address,
      'admin.port': admin.port,
      'admin.tokenFile': admin.tokenFile,
      state,
    };
  };
  const old = new Map(Object.entries(held(before)));
  return Object.entries(held(after)).flatMap(([key, value]) => (old.get(key) === value ? [] : [`appliance.${key}`]));
}
