import { readFileSync } from 'node:fs';
import { parseMac, type Mac } from '@sower/net';
import { parseInventory, type Inventory, type Machine } from '@sower/machines';

/** A MAC in any form, for tests. */
export function mac(text: string): Mac {
  const parsed = parseMac(text);
  if (parsed === undefined) throw new Error(`${text} is no MAC address`);
  return parsed;
}

/** The inventory of a text that has to be valid. */
export function valid(text: string): Inventory {
  const { inventory, problems } = parseInventory(text, '/srv/data.yaml');
  if (inventory === undefined) throw new Error(JSON.stringify(problems, null, 1));
  return inventory;
}

/** The only machine of a text that has to be valid. */
export function onlyMachine(text: string): Machine {
  const [machine, ...others] = valid(text).machines;
  if (machine === undefined || others.length > 0) throw new Error('not exactly one machine');
  return machine;
}

/** A data file of one machine; `values` and `more` are lines of flow YAML. */
export function dataOf(values: string, more = '', appliance = '{}'): string {
  return `appliance: ${appliance}\nmaclist:\n  - { macaddress: 52:54:00:aa:bb:01${more}, values: { ${values} } }\n`;
}

/** The seed's data file, as its users have it. */
export function seed(): string {
  return readFileSync(new URL('../../../test/fixtures/seed-data.yaml', import.meta.url), 'utf8');
}
