import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { median } from '../report/statistics.ts';
import { inTurns } from '../rig/in-turns.ts';
import type { Launch, Rig } from '../rig/rig.ts';
import { nginxLaunch } from '../rig/nginx.ts';
import { whileServing } from '../rig/serving.ts';
import { SITE } from '../rig/site.ts';
import { sowerLaunch } from '../rig/sower.ts';
import { readWrk, type HttpRun } from './wrk.ts';

export interface HttpCell {
  readonly title: string;
  readonly path: string;
  readonly connections: number;
  /** What servers are compared by. */
  readonly measures: 'requestsPerSecond' | 'mibPerSecond';
}

export interface HttpFigure {
  readonly cell: HttpCell;
  readonly server: string;
  readonly run: HttpRun | undefined;
}

export interface HttpServer {
  readonly name: string;
  launch(rig: Rig, folder: string): Promise<Launch>;
}

const MAC = '52:54:00:aa:bb:01';
const SCRIPT = `/ipxe/${MAC}`;
const SCRIPT_BYTES = 300;
const LARGE = '/artifacts/large.bin';
const LARGE_BYTES = 100 * 2 ** 20;

export const HTTP_CELLS: readonly HttpCell[] = [
  { title: 'script, 16 connections', path: SCRIPT, connections: 16, measures: 'requestsPerSecond' },
  { title: 'script, 64 connections', path: SCRIPT, connections: 64, measures: 'requestsPerSecond' },
  { title: '100 MiB file, 4 connections', path: LARGE, connections: 4, measures: 'mibPerSecond' },
  { title: '100 MiB file, 64 connections', path: LARGE, connections: 64, measures: 'mibPerSecond' },
];

/** The machine's own address is the load generator's, so that sower's look at who asks finds nothing wrong. */
const DATA = `appliance: { unknown: ignore }
maclist:
  - macaddress: ${MAC}
    netboot: never
    values: { ipaddress: ${SITE.relay}, netmask: ${SITE.netmask}, gateway: ${SITE.server}, interface: ens3, version: v1.7.0, type: create, config: {} }
`;

export const HTTP_SERVERS: readonly HttpServer[] = [
  { name: 'sower', launch: (rig, folder) => sowerLaunch(rig, folder, DATA) },
  { name: 'nginx', launch: (rig, folder) => nginxLaunch(rig, folder) },
];

interface Pair {
  readonly cell: HttpCell;
  readonly server: HttpServer;
}

/** Every server in every cell, for so many seconds each; the medians. */
export async function measureHttp(rig: Rig, rounds: number, seconds: number): Promise<readonly HttpFigure[]> {
  const pairs = HTTP_CELLS.flatMap((cell) => HTTP_SERVERS.map((server) => ({ cell, server })));
  const title = ({ cell, server }: Pair): string => `http ${cell.title}, ${server.name}`;
  const done = await inTurns(rounds, pairs, title, (pair) => measureOnce(rig, pair, seconds));
  return Array.from(done, ([{ cell, server }, runs]) => ({ cell, server: server.name, run: middle(runs) }));
}

async function measureOnce(rig: Rig, { cell, server }: Pair, seconds: number): Promise<HttpRun> {
  const folder = await rig.folderFor('http');
  await layOut(folder, cell.path === LARGE ? LARGE_BYTES : 1);
  const url = `http://${SITE.server}:${SITE.httpPort}${cell.path}`;
  const launch = await server.launch(rig, folder);
  return whileServing(
    rig,
    { name: server.name, folder, launches: [launch] },
    () => succeeds(rig.machine('curl', '-sS', '-f', '-o', '/dev/null', '-r', '0-0', url)),
    async () => {
      const words = ['--latency', '-t', '2', '-c', String(cell.connections), '-d', `${seconds}s`, url];
      return readWrk(await rig.machine(rig.peers.program('usr/bin/wrk'), ...words));
    },
  );
}

function succeeds(work: Promise<unknown>): Promise<boolean> {
  return work.then(
    () => true,
    () => false,
  );
}

function middle(runs: readonly HttpRun[]): HttpRun | undefined {
  if (runs.length === 0) return undefined;
  const of = (name: keyof HttpRun): number => median(runs.map((run) => run[name]));
  return {
    requestsPerSecond: of('requestsPerSecond'),
    mibPerSecond: of('mibPerSecond'),
    p99: of('p99'),
    failed: of('failed'),
  };
}

/** The files for sower (`artifacts`) and for nginx (the URL's own path): a script as long as sower's own. */
async function layOut(folder: string, bytes: number): Promise<void> {
  const files = {
    'artifacts/large.bin': Buffer.alloc(bytes, 'sower'),
    [SCRIPT.slice(1)]: Buffer.alloc(SCRIPT_BYTES, '#'),
  };
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
}
