import type { Inventory, Machine } from '@sower/machines';
import { parseMac, type Mac } from '@sower/net';
import type { Refusal } from './answer.ts';
import type { Asked } from './asked.ts';
import type { BootService } from './service.ts';

/** Who a request is about, and the inventory that says so. */
export interface Who {
  readonly inventory: Inventory;
  readonly mac: Mac;
  /** Undefined: the MAC is not in the inventory. */
  readonly machine: Machine | undefined;
}

/**
 * Reads the MAC in the path in every form of D-11, and holds it against the lease table: where the lease of the source
 * address says another machine, that one is refused rather than served (D-13). Another NIC of the same machine is the same machine.
 */
export function whoAsks(asked: Asked, service: BootService): Who | Refusal {
  const mac = parseMac(asked.params.get('mac') ?? '');
  if (mac === undefined) return { refused: 'bad-mac' };
  const inventory = service.inventory();
  const machine = inventory.machineOf(mac);
  const holder = asked.ipv4 === undefined ? undefined : service.holderOf(asked.ipv4);
  if (holder !== undefined && holder !== mac && (machine === undefined || inventory.machineOf(holder) !== machine)) {
    return { refused: 'not-your-address', mac, detail: `the lease of the source address is of ${holder}` };
  }
  return { inventory, mac, machine };
}
