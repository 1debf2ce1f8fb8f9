import { medianSpread, median, type Spread } from '../report/statistics.ts';
import { waitFor } from '../../test/e2e/lab/waiting.ts';
import type { Rig } from '../rig/rig.ts';
import { exchange } from './exchanges.ts';
import type { ExchangeRun } from './exchange-run.ts';
import type { DhcpServer, Way } from './servers.ts';
import { sustainedRate } from './sustained.ts';

/** What one server did in one way of speaking, the medians of all rounds. */
export interface DhcpFigures {
  readonly way: Way;
  readonly server: string;
  /** Exchanges a second with less than 1 % lost; undefined where it did not answer at all. */
  readonly rate: number | undefined;
  /** Milliseconds from DISCOVER to ACK at that rate, and at half of it. */
  readonly full: Spread;
  readonly half: Spread;
}

export interface DhcpPlan {
  readonly ways: readonly Way[];
  readonly servers: readonly DhcpServer[];
  readonly rounds: number;
  /** Seconds at each rate that is tried. */
  readonly seconds: number;
  /** How exact the rate is, as a share of it, and the highest that is tried. */
  readonly within: number;
  readonly limit: number;
}

const LOST_LIMIT = 0.01;
/** No more leases than the pool has addresses. */
const MOST_EXCHANGES = 100_000;
const TRIES = 2;
const READY_MS = 15_000;

interface Round {
  readonly rate: number;
  readonly full: Spread;
  readonly half: Spread;
}

/** Every server in every way it knows, round by round, so that what else the machine does meets all of them alike. */
export async function measureDhcp(rig: Rig, plan: DhcpPlan): Promise<readonly DhcpFigures[]> {
  const done = new Map<string, Round[]>();
  const roundsOf = ({ name }: DhcpServer, way: Way): Round[] => done.get(`${way} ${name}`) ?? [];
  const pairs = plan.ways.flatMap((way) =>
    plan.servers.filter((server) => server.ways.includes(way)).map((server) => ({ way, server })),
  );
  for (let round = 0; round < plan.rounds; round += 1) {
    for (const { way, server } of pairs) {
      const before = roundsOf(server, way);
      if (round > 0 && before.length === 0) continue;
      const from = round === 0 ? server.guess : Math.max(1, Math.round(median(before.map(({ rate }) => rate))));
      const result = await measureOnce(rig, plan, server, way, from);
      if (result !== undefined) done.set(`${way} ${server.name}`, [...before, result]);
    }
  }
  return pairs.map(({ way, server }) => figuresOf(way, server, roundsOf(server, way)));
}

function figuresOf(way: Way, server: DhcpServer, rounds: readonly Round[]): DhcpFigures {
  return {
    way,
    server: server.name,
    rate: rounds.length === 0 ? undefined : median(rounds.map(({ rate }) => rate)),
    full: medianSpread(rounds.map(({ full }) => full)),
    half: medianSpread(rounds.map(({ half }) => half)),
  };
}

/** One search for one server; undefined when it does not answer even one machine. */
async function measureOnce(
  rig: Rig,
  plan: DhcpPlan,
  server: DhcpServer,
  way: Way,
  from: number,
): Promise<Round | undefined> {
  const at = async (rate: number): Promise<ExchangeRun> => {
    const run = await runFresh(rig, server, way, rate, Math.min(MOST_EXCHANGES, Math.ceil(rate * plan.seconds)));
    const p99 = run.ms.p99.toFixed(1);
    console.log(`  ${way} ${server.name} at ${rate}/s: ${run.completed} of ${run.begun}, p99 ${p99} ms`);
    return run;
  };
  let full: ExchangeRun | undefined;
  /** A rate is too much when it was too much twice: once may be something else that the machine did. */
  const holds = async (rate: number): Promise<boolean> => {
    for (let time = 0; time < TRIES; time += 1) {
      const run = await at(rate);
      if (run.completed < run.begun * (1 - LOST_LIMIT)) continue;
      full = run;
      return true;
    }
    return false;
  };
  try {
    const rate = await sustainedRate(holds, { from, limit: plan.limit, within: plan.within });
    if (full === undefined) return undefined;
    const half = await at(Math.max(1, Math.round(rate / 2)));
    return { rate, full: full.ms, half: half.ms };
  } catch (error) {
    console.log(`  ${way} ${server.name}: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}

/** A server with nothing but its configuration, so that each exchange makes a lease and none waits behind an earlier flood. */
async function runFresh(rig: Rig, server: DhcpServer, way: Way, rate: number, exchanges: number): Promise<ExchangeRun> {
  const folder = await rig.folderFor('dhcp');
  const program = await rig.serve(server.name, folder, await server.launch(rig, folder, way));
  try {
    await waitFor(`an answer of ${server.name}`, READY_MS, async () => {
      const over = program.ended();
      if (over !== undefined) throw new Error(`it ended (${over}): ${(await program.output()).slice(-500)}`);
      return (await exchange(rig, way, 10, 1)).completed === 1 ? true : undefined;
    });
    return await exchange(rig, way, rate, exchanges);
  } finally {
    await program.stop();
  }
}
