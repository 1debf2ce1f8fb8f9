import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { exportLeases, importLeases, leaseRows, StartError } from '@sower/appliance';
import { loadData } from '@sower/appliance/data';
import { reading, UsageError, type Run } from '../command.ts';
import { printProblems } from '../problems.ts';
import { table } from '../table.ts';

/** `sower leases`: who has which address, as a table or a document, and documents taken over. */
export const leases: Run = async (words) => {
  const { verb, file, ...where } = read(words);
  const folder = await stateFolder(where);
  if (folder === undefined) return 2;
  const tell = (line: string) => process.stderr.write(`sower leases: ${line}\n`);
  try {
    if (file !== undefined) return await take(folder, file, tell);
    const document = await exportLeases(folder, tell);
    process.stdout.write(verb === 'export' ? `${JSON.stringify(document, null, 2)}\n` : listing(document, Date.now()));
    return 0;
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    tell(error.message);
    return 1;
  }
};

function read(words: readonly string[]) {
  const { values, positionals } = reading(() =>
    parseArgs({
      args: [...words],
      options: { data: { type: 'string' }, state: { type: 'string' }, json: { type: 'boolean', default: false } },
      allowPositionals: true,
    }),
  );
  const { data, state, json } = values;
  const [verb = json ? 'export' : 'list', file, ...more] = positionals;
  const files = verb === 'import' ? 1 : 0;
  if (!['list', 'export', 'import'].includes(verb)) throw new UsageError(`${verb} is neither export nor import`);
  if (more.length > 0 || (file === undefined ? 0 : 1) !== files) {
    throw new UsageError(files === 1 ? 'import which file?' : `${verb} takes no file`);
  }
  return { verb, file, data, state: state ?? process.env.SOWER_STATE };
}

/** As `sower serve` finds it; undefined when the data file has errors, which are printed. */
async function stateFolder({ data, state }: { readonly data: string | undefined; readonly state: string | undefined }) {
  if (state !== undefined) return state;
  if (data === undefined) throw new UsageError('which state folder? --state says it, or the data file');
  const { inventory, problems } = await loadData(data);
  if (inventory === undefined) printProblems(problems, process.stderr);
  return inventory?.appliance.state;
}

function listing(document: Awaited<ReturnType<typeof exportLeases>>, now: number): string {
  const rows = leaseRows(document, now);
  return rows.length === 0
    ? 'no leases\n'
    : table(rows.map(({ address, mac, state, until, hostname }) => [address, mac, state, until, hostname]));
}

async function take(folder: string, file: string, tell: (line: string) => void): Promise<number> {
  const report = await importLeases(folder, await parsed(file), tell);
  if ('refused' in report) {
    for (const line of report.refused) tell(line);
    tell('nothing was imported');
    return 1;
  }
  process.stdout.write(`${report.taken} imported, ${report.kept} left out: newer ones are here\n`);
  return 0;
}

async function parsed(file: string) {
  try {
    const document: Parameters<typeof importLeases>[1] = JSON.parse(await readFile(file, 'utf8'));
    return document;
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}
