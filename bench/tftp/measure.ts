import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { median } from '../report/statistics.ts';
import { inTurns } from '../rig/in-turns.ts';
import { readLike } from '../rig/json.ts';
import type { Rig } from '../rig/rig.ts';
import { whileServing } from '../rig/serving.ts';
import { SITE, siteMachine } from '../rig/site.ts';
import type { TftpCell } from './cells.ts';
import type { TftpServer } from './servers.ts';

/** What a server did in a cell. */
export interface TftpFigure {
  readonly cell: string;
  readonly server: string;
  /** Of all machines together, the median of all rounds; undefined where a file was wrong or missing in any of them. */
  readonly mibPerSecond: number | undefined;
}

/** A loader by its place and name, because sower serves nothing else over TFTP. */
const FILE = 'loaders/x64/bench.efi';

interface Pair {
  readonly cell: TftpCell;
  readonly server: TftpServer;
}

/** Every server in every cell. */
export async function measureTftp(
  rig: Rig,
  servers: readonly TftpServer[],
  cells: readonly TftpCell[],
  rounds: number,
): Promise<readonly TftpFigure[]> {
  const most = Math.max(...cells.map(({ clients }) => clients));
  await rig.addAddresses(Array.from({ length: most }, (_, index) => siteMachine(index).address));
  const pairs = cells.flatMap((cell) => servers.map((server) => ({ cell, server })));
  const title = ({ cell, server }: Pair): string => `tftp ${cell.title}, ${server.name}, MiB/s`;
  const done = await inTurns(rounds, pairs, title, (pair) => measureOnce(rig, pair));
  return Array.from(done, ([{ cell, server }, results]) => ({
    cell: cell.title,
    server: server.name,
    mibPerSecond: results.length < rounds ? undefined : median(results),
  }));
}

/** MiB/s; throws when a machine did not get exactly the file. */
async function measureOnce(rig: Rig, { cell, server }: Pair): Promise<number> {
  const folder = await rig.folderFor('tftp');
  const content = bytesThatRepeatNowhere(cell.size);
  const path = join(folder, 'artifacts', FILE);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
  const launch = await server.launch(rig, folder);
  const run = await whileServing(
    rig,
    { name: server.name, folder, launches: [launch] },
    async () => (await load(rig, { ...cell, clients: 1, times: 1 })).failed === 0,
    () => load(rig, cell),
  );
  const sha256 = createHash('sha256').update(content).digest('hex');
  if (run.failed > 0)
    throw new Error(`${run.failed} of ${cell.clients * cell.times} failed: ${run.failures.join('; ')}`);
  if (run.sha256.some((digest) => digest !== sha256)) throw new Error('what came is not the file');
  return run.mibPerSecond;
}

/** What tftp-load prints, as far as it is used here. */
interface LoadRun {
  readonly failed: number;
  readonly failures: readonly string[];
  readonly sha256: readonly string[];
  readonly mibPerSecond: number;
}

const NOTHING: LoadRun = { failed: 0, failures: [], sha256: [], mibPerSecond: 0 };

async function load(rig: Rig, cell: TftpCell): Promise<LoadRun> {
  const words = {
    server: SITE.server,
    file: FILE,
    size: cell.size,
    clients: cell.clients,
    blksize: cell.blksize,
    windowsize: cell.windowsize,
    rounds: cell.times,
    from: siteMachine(0).address,
  };
  const args = Object.entries(words).flatMap(([name, value]) => [`--${name}`, String(value)]);
  return readLike(await rig.machine(process.execPath, join(rig.programs, 'tftp-load.js'), ...args), NOTHING);
}

function bytesThatRepeatNowhere(size: number): Buffer {
  const bytes = Buffer.alloc(size);
  for (let at = 0; at + 4 <= size; at += 4) bytes.writeUInt32LE(Math.imul(at, 2_654_435_761) >>> 0, at);
  return bytes;
}
