import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { median } from '../report/statistics.ts';
import { inTurns } from '../rig/in-turns.ts';
import { readLike } from '../rig/json.ts';
import type { Rig } from '../rig/rig.ts';
import { whileServing } from '../rig/serving.ts';
import { siteMachine } from '../rig/site.ts';
import { LOADER_BYTES, type StormServer } from './servers.ts';
import type { StormRun } from './load.ts';

/** How one server stood the storm; medians of all rounds. */
export interface StormFigure {
  readonly server: string;
  readonly machines: number;
  /** The fewest that came up in a round. */
  readonly up: number;
  /** Seconds until the last one was up, and for the machine at the 99th percentile. */
  readonly all: number;
  readonly p99: number;
  /** The most memory its programs ever had, MiB. */
  readonly mebibytes: number;
}

interface Round {
  readonly run: StormRun;
  readonly mebibytes: number;
}

/** Every server, with so many machines. */
export async function measureStorm(
  rig: Rig,
  servers: readonly StormServer[],
  machines: number,
  rounds: number,
): Promise<readonly StormFigure[]> {
  await rig.addAddresses(Array.from({ length: machines }, (_, index) => siteMachine(index).address));
  const title = ({ name }: StormServer): string => `storm ${name}`;
  const done = await inTurns(rounds, servers, title, (server) => measureOnce(rig, server, machines));
  return Array.from(done, ([{ name }, results]) => ({
    server: name,
    machines,
    up: Math.min(...results.map(({ run }) => run.up)),
    all: median(results.map(({ run }) => run.all)) / 1000,
    p99: median(results.map(({ run }) => run.ms.p99)) / 1000,
    mebibytes: median(results.map(({ mebibytes }) => mebibytes)),
  }));
}

async function measureOnce(rig: Rig, server: StormServer, machines: number): Promise<Round> {
  const folder = await rig.folderFor('storm');
  const launches = await server.launch(rig, folder, machines);
  return whileServing(
    rig,
    { name: server.name, folder, launches },
    async () => (await storm(rig, 1, 3)).up === 1,
    async (programs) => {
      const run = await storm(rig, machines, 120);
      const sizes = await Promise.all(programs.map(({ pid }) => peakMemory(pid)));
      return { run, mebibytes: sizes.reduce((sum, size) => sum + size, 0) };
    },
  );
}

const NOTHING: StormRun = { machines: 0, up: 0, all: 0, ms: { mean: 0, p50: 0, p99: 0 }, repeats: 0, stuck: {} };

async function storm(rig: Rig, machines: number, seconds: number): Promise<StormRun> {
  const words = { machines, 'loader-bytes': LOADER_BYTES, seconds };
  const args = Object.entries(words).flatMap(([name, value]) => [`--${name}`, String(value)]);
  return readLike(await rig.machine(process.execPath, join(rig.programs, 'storm', 'load.js'), ...args), NOTHING);
}

/** The most that a process and its children ever had in memory, MiB. */
async function peakMemory(pid: number): Promise<number> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  const own = /^VmHWM:\s+(\d+) kB/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '0';
  const rest = await Promise.all(
    children
      .split(' ')
      .filter((word) => word !== '')
      .map((word) => peakMemory(Number(word))),
  );
  return Number(own) / 1024 + rest.reduce((sum, size) => sum + size, 0);
}
