import { parseArgs } from 'node:util';
import { artifactFindings, checkOnline, type Online } from '@sower/appliance';
import { loadData } from '@sower/appliance/data';
import { findingsOf, shared, type Finding, type Inventory } from '@sower/machines';
import { dataFile, reading, type Run } from '../command.ts';
import { printFindings, printProblems } from '../problems.ts';

/** Milliseconds that an answer may take with --online. */
const PATIENCE = 10_000;
const OFFLINE: Online = { sizes: new Map(), findings: [] };

/** `sower check`: every problem of a data file and of each machine's config, without starting anything. */
export const check: Run = async (words) => {
  const { values, positionals } = reading(() =>
    parseArgs({
      args: [...words],
      options: { json: { type: 'boolean' }, online: { type: 'boolean' }, data: { type: 'string' } },
      allowPositionals: true,
    }),
  );
  const file = dataFile(values.data, positionals);
  const { inventory, problems } = await loadData(file);
  const online = values.online === true && inventory !== undefined ? await checkOnline(inventory, PATIENCE) : OFFLINE;
  const found = inventory === undefined ? [] : await findingsIn(inventory, online);
  const findings = shared(found);
  const stopped = new Set(found.filter(({ severity }) => severity === 'error').map(({ machine }) => machine));
  if (values.json === true) {
    const files = Object.fromEntries(online.sizes);
    const report = { file, valid: inventory !== undefined, problems, findings, files };
    process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  } else {
    printProblems(problems, process.stdout);
    printFindings(findings, process.stdout);
    for (const [url, size] of online.sizes) process.stdout.write(`${url}: ${size} bytes\n`);
    if (inventory !== undefined) process.stdout.write(`${file}: ${verdict(inventory, stopped)}\n`);
  }
  if (inventory === undefined) return 2;
  return stopped.size === 0 ? 0 : 1;
};

async function findingsIn(inventory: Inventory, { findings }: Online): Promise<readonly Finding[]> {
  return [...findingsOf(inventory), ...(await artifactFindings(inventory)), ...findings];
}

function verdict({ machines }: Inventory, stopped: ReadonlySet<string>): string {
  const all = `${machines.length} machine(s)`;
  return stopped.size === 0 ? `${all}, no error` : `${all}, not installed as they are: ${[...stopped].join(', ')}`;
}
