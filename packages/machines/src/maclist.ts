import { parseMac, type Mac } from '@sower/net';
import type { Machine } from './inventory.ts';
import { readMachine, type Known } from './machine-reader.ts';
import type { Place, Report } from './problems.ts';
import { itemsOf } from './readers.ts';
import { MACHINE, VALUES } from './schema.ts';
import { open, type Section } from './section.ts';
import type { Node } from './yaml/tree.ts';

/** Reads the list `maclist`; an entry that is not whole is reported and left out. */
export function readMachines(node: Node | undefined, known: Known, report: Report): readonly Machine[] {
  const owners = new Map<Mac, Place>();
  const addresses = new Map<number, Place>();
  return itemsOf(node, 'maclist', report).flatMap((item) => {
    const section = open(item, item.place, MACHINE, report);
    const values = open(section.at(MACHINE.keys.values), item.place, VALUES, report);
    const macs = section.at(MACHINE.keys.macs) ?? [];
    for (const mac of macs) unique(owners, mac, placeOfMac(section, mac), `the MAC address ${mac}`, report);
    const address = values.at(VALUES.keys.address);
    if (address !== undefined) {
      unique(addresses, address, values.placeOf(VALUES.keys.address), 'this `ipaddress`', report);
    }
    const machine = readMachine(section, values, macs, known, report);
    return machine === undefined ? [] : [machine];
  });
}

function unique<K>(seen: Map<K, Place>, value: K, place: Place, what: string, report: Report): void {
  const earlier = seen.get(value);
  if (earlier === undefined) seen.set(value, place);
  else report.error(place, `${what} is there twice`, `it is first in line ${earlier.line}`);
}

/** The item of the list that says this MAC last, so that a duplicate within one list points at the second. */
function placeOfMac(section: Section, mac: Mac): Place {
  const node = section.nodeOf(MACHINE.keys.macs);
  const items = node?.kind === 'sequence' ? node.items : [];
  return (
    items.findLast((item) => item.kind === 'scalar' && parseMac(item.text) === mac)?.place ??
    section.placeOf(MACHINE.keys.macs)
  );
}
