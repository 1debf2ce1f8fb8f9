import { parseArgs } from 'node:util';
import { loadData } from '@sower/appliance/data';
import { BEHAVIOURS, QUIRKS, type Quirk, type QuirkMatch } from '@sower/machines';
import { dataFile, reading, type Run } from '../command.ts';
import { printProblems } from '../problems.ts';
import { table } from '../table.ts';

/** `sower quirks`: which clients are treated in their own way, how, and how we know. */
export const quirks: Run = async (words) => {
  const { values, positionals } = reading(() =>
    parseArgs({
      args: [...words],
      options: { data: { type: 'string' }, json: { type: 'boolean' } },
      allowPositionals: true,
    }),
  );
  const isNamed = values.data !== undefined || positionals.length > 0;
  const own = isNamed ? await quirksIn(dataFile(values.data, positionals)) : [];
  if (own === undefined) return 2;
  const all = [...QUIRKS, ...own];
  process.stdout.write(values.json === true ? `${JSON.stringify(all, null, 2)}\n` : pageOf(all));
  return 0;
};

async function quirksIn(file: string): Promise<readonly Quirk[] | undefined> {
  const { inventory, problems } = await loadData(file);
  if (inventory === undefined) printProblems(problems, process.stderr);
  return inventory?.appliance.quirks;
}

function pageOf(all: readonly Quirk[]): string {
  const rules = all.map(({ behaviour, match, source }) => [behaviour, textOf(match), source]);
  return `${table(rules)}\n${table(BEHAVIOURS)}`;
}

/** The longest list that is printed whole. */
const SHOWN = 4;

function textOf(match: QuirkMatch): string {
  return Object.entries(match)
    .map(([name, list]: readonly [string, readonly (string | number)[]]) => {
      const more = list.length > SHOWN ? ` and ${list.length - SHOWN} more` : '';
      return `${name} ${list.slice(0, SHOWN).join('|')}${more}`;
    })
    .join(', ');
}
