import type { Machine } from '../inventory.ts';
import { harvester } from './harvester.ts';
import type { Install } from './profile.ts';
import { fromTable } from './table.ts';

/** How this machine is installed, by its profile. */
export function installOf(machine: Machine): Install {
  return machine.profile === undefined ? harvester(machine) : fromTable(machine);
}
