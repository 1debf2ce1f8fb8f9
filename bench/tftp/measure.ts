import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { waitFor } from '../../test/e2e/lab/waiting.ts';
import { median } from '../report/statistics.ts';
import { readLike } from '../rig/json.ts';
import type { Rig } from '../rig/rig.ts';
import { SITE, siteMachine } from '../rig/site.ts';
import type { TftpCell } from './cells.ts';
import type { TftpServer } from './servers.ts';

/** What a server did in a cell: MiB/s of all machines together, the median of all rounds; undefined where a file was wrong or missing. */
export interface TftpFigure {
  readonly cell: string;
  readonly server: string;
  readonly mibPerSecond: number | undefined;
}

/** A loader by its place and name, because sower serves nothing else over TFTP. */
const FILE = 'loaders/x64/bench.efi';
const READY_MS = 15_000;

/** Every server in every cell, round by round. */
export async function measureTftp(
  rig: Rig,
  servers: readonly TftpServer[],
  cells: readonly TftpCell[],
  rounds: number,
): Promise<readonly TftpFigure[]> {
  const most = Math.max(...cells.map(({ clients }) => clients));
  await rig.addAddresses(Array.from({ length: most }, (_, index) => siteMachine(index).address));
  const pairs = cells.flatMap((cell) => servers.map((server) => ({ cell, server })));
  const done = new Map<(typeof pairs)[number], (number | undefined)[]>(pairs.map((pair) => [pair, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const [{ cell, server }, results] of done) {
      const result = await measureOnce(rig, server, cell);
      console.log(`  tftp ${cell.title}: ${server.name} ${result ?? 'failed'}`);
      results.push(result);
    }
  }
  return Array.from(done, ([{ cell, server }, results]) => {
    const good = results.filter((result) => result !== undefined);
    const mibPerSecond = good.length < results.length ? undefined : median(good);
    return { cell: cell.title, server: server.name, mibPerSecond };
  });
}

async function measureOnce(rig: Rig, server: TftpServer, cell: TftpCell): Promise<number | undefined> {
  const folder = await rig.folderFor('tftp');
  const content = bytesThatRepeatNowhere(cell.size);
  const path = join(folder, 'artifacts', FILE);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
  const sha256 = createHash('sha256').update(content).digest('hex');
  const program = await rig.serve(server.name, folder, await server.launch(rig, folder));
  try {
    await waitFor(`a file from ${server.name}`, READY_MS, async () => {
      if (program.ended() !== undefined) throw new Error((await program.output()).slice(-500));
      const run = await load(rig, { ...cell, clients: 1, times: 1 }, 1);
      return run.failed === 0 ? true : undefined;
    });
    const run = await load(rig, cell, cell.times);
    const complete = run.failed === 0 && run.sha256.length === 1 && run.sha256[0] === sha256;
    if (!complete)
      console.log(`  ${server.name}: ${run.failed} of ${cell.clients * cell.times} failed: ${run.failures.join('; ')}`);
    return complete ? run.mibPerSecond : undefined;
  } catch (error) {
    console.log(`  ${server.name}: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  } finally {
    await program.stop();
  }
}

/** What tftp-load prints, as far as it is used here. */
interface LoadRun {
  readonly failed: number;
  readonly failures: readonly string[];
  readonly sha256: readonly string[];
  readonly mibPerSecond: number;
}

const NOTHING: LoadRun = { failed: 0, failures: [], sha256: [], mibPerSecond: 0 };

async function load(rig: Rig, cell: TftpCell, rounds: number): Promise<LoadRun> {
  const words = {
    server: SITE.server,
    file: FILE,
    size: cell.size,
    clients: cell.clients,
    blksize: cell.blksize,
    windowsize: cell.windowsize,
    rounds,
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
