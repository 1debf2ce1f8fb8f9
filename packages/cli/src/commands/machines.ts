import { parseArgs } from 'node:util';
import { linkBase } from '@sower/appliance';
import { loadData } from '@sower/appliance/data';
import { describeMachine, type MachineView } from '@sower/machines';
import { dataFile, reading, type Run } from '../command.ts';
import { printProblems } from '../problems.ts';
import { table } from '../table.ts';

/** `sower machines`: who is in the data file, with script URLs as this host would give them. */
export const machines: Run = async (words) => {
  const { values, positionals } = reading(() =>
    parseArgs({
      args: [...words],
      options: { data: { type: 'string' }, json: { type: 'boolean' } },
      allowPositionals: true,
    }),
  );
  const { inventory, problems } = await loadData(dataFile(values.data, positionals));
  if (inventory === undefined) {
    printProblems(problems, process.stderr);
    return 2;
  }
  const views = inventory.machines.map((machine) =>
    describeMachine(machine, linkBase(machine, inventory.appliance), 'mask'),
  );
  process.stdout.write(values.json === true ? `${JSON.stringify(views, null, 2)}\n` : table(views.map(row)));
  return 0;
};

function row({ name, macs, profile, type, version, values, links }: MachineView): readonly string[] {
  return [name, macs.join(' '), type ?? profile, version ?? '-', values.ipaddress ?? 'from the pool', links.script];
}
