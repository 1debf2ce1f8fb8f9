import { medianSpread, median, type Spread } from '../report/statistics.ts';
import { inTurns } from '../rig/in-turns.ts';
import type { Rig } from '../rig/rig.ts';
import { whileServing } from '../rig/serving.ts';
import { exchange } from './exchanges.ts';
import type { ExchangeRun } from './exchange-run.ts';
import type { DhcpServer, Way } from './servers.ts';
import { sustainedRate } from './sustained.ts';

/** What one server did in one way of speaking, the medians of all rounds. */
export interface DhcpFigures {
  readonly way: Way;
  readonly server: string;
  /** Exchanges a second with less than 1 % lost; NaN, like all the rest, where it did not answer at all. */
  readonly rate: number;
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
/** A rate is too much when it was too much twice: once may be something else that the machine did. */
const TRIES = 2;
/** No more leases than the pool has addresses. */
const MOST_EXCHANGES = 100_000;

/** A server, and how it is spoken to. */
interface Pair {
  readonly way: Way;
  readonly server: DhcpServer;
}

type Round = Pick<DhcpFigures, 'rate' | 'full' | 'half'>;

/** Every server in every way it knows. */
export async function measureDhcp(rig: Rig, plan: DhcpPlan): Promise<readonly DhcpFigures[]> {
  const pairs = plan.ways.flatMap((way) =>
    plan.servers.filter((server) => server.ways.includes(way)).map((server) => ({ way, server })),
  );
  const title = ({ way, server }: Pair): string => `${way} ${server.name}`;
  const done = await inTurns<Pair, Round>(plan.rounds, pairs, title, (pair, before) =>
    measureOnce(rig, plan, pair, before),
  );
  return Array.from(done, ([{ way, server }, rounds]) => ({
    way,
    server: server.name,
    rate: median(rounds.map(({ rate }) => rate)),
    full: medianSpread(rounds.map(({ full }) => full)),
    half: medianSpread(rounds.map(({ half }) => half)),
  }));
}

/** One search, from where the earlier ones ended. Throws when not even one exchange a second is completed. */
async function measureOnce(rig: Rig, plan: DhcpPlan, pair: Pair, before: readonly Round[]): Promise<Round> {
  const from = before.length === 0 ? pair.server.guess : Math.round(median(before.map(({ rate }) => rate)));
  const at = async (rate: number): Promise<ExchangeRun> => {
    const run = await runFresh(rig, pair, rate, Math.min(MOST_EXCHANGES, Math.ceil(rate * plan.seconds)));
    console.log(`    at ${rate}/s: ${run.completed} of ${run.begun}, p99 ${run.ms.p99.toFixed(1)} ms`);
    return run;
  };
  let full: ExchangeRun | undefined;
  const holds = async (rate: number): Promise<boolean> => {
    for (let time = 0; time < TRIES; time += 1) {
      const run = await at(rate);
      if (run.completed < run.begun * (1 - LOST_LIMIT)) continue;
      full = run;
      return true;
    }
    return false;
  };
  const rate = await sustainedRate(holds, { from, limit: plan.limit, within: plan.within });
  if (full === undefined) throw new Error('nothing is sustained');
  const half = await at(Math.max(1, Math.round(rate / 2)));
  return { rate, full: full.ms, half: half.ms };
}

/** A server with nothing but its configuration, so that each exchange makes a lease and none waits behind an earlier flood. */
async function runFresh(rig: Rig, { way, server }: Pair, rate: number, exchanges: number): Promise<ExchangeRun> {
  const folder = await rig.folderFor('dhcp');
  const launch = await server.launch(rig, folder, way);
  return whileServing(
    rig,
    { name: server.name, folder, launches: [launch] },
    async () => (await exchange(rig, way, 10, 1)).completed === 1,
    () => exchange(rig, way, rate, exchanges),
  );
}
