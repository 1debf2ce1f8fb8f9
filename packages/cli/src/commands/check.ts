import { parseArgs } from 'node:util';
import { loadData } from '@sower/appliance';
import { dataFile, reading, type Run } from '../command.ts';
import { printProblems } from '../problems.ts';

/** `sower check`: every problem of a data file, without starting anything. */
export const check: Run = async (words) => {
  const { values, positionals } = reading(() =>
    parseArgs({
      args: [...words],
      options: { json: { type: 'boolean' }, data: { type: 'string' } },
      allowPositionals: true,
    }),
  );
  const file = dataFile(values.data, positionals);
  const { inventory, problems } = await loadData(file);
  if (values.json === true) {
    process.stdout.write(`${JSON.stringify({ file, valid: inventory !== undefined, problems }, null, 2)}\n`);
  } else {
    printProblems(problems, process.stdout);
    if (inventory !== undefined) process.stdout.write(`${file}: ${inventory.machines.length} machine(s), no error\n`);
  }
  return inventory === undefined ? 2 : 0;
};
