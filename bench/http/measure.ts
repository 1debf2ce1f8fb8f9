import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { waitFor } from '../../test/e2e/lab/waiting.ts';
import { median } from '../report/statistics.ts';
import type { Launch, Rig } from '../rig/rig.ts';
import { nginxLaunch } from '../rig/nginx.ts';
import { SITE } from '../rig/site.ts';
import { sowerLaunch } from '../rig/sower.ts';
import { readWrk, type HttpRun } from './wrk.ts';

export interface HttpCell {
  readonly title: string;
  readonly path: string;
  readonly connections: number;
  readonly measures: keyof HttpRun;
}

export interface HttpFigure {
  readonly cell: string;
  readonly server: string;
  readonly run: HttpRun | undefined;
}

export interface HttpServer {
  readonly name: string;
  launch(rig: Rig, folder: string): Promise<Launch>;
}

const MAC = '52:54:00:aa:bb:01';
const SCRIPT = `/ipxe/${MAC}`;
const LARGE = '/artifacts/large.bin';
const LARGE_BYTES = 100 * 2 ** 20;
const READY_MS = 15_000;

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

/** Every server in every cell, round by round; the medians. nginx gives files of the same size. */
export async function measureHttp(rig: Rig, rounds: number, seconds: number): Promise<readonly HttpFigure[]> {
  const pairs = HTTP_CELLS.flatMap((cell) => HTTP_SERVERS.map((server) => ({ cell, server })));
  const done = new Map<(typeof pairs)[number], (HttpRun | undefined)[]>(pairs.map((pair) => [pair, []]));
  let script = '';
  for (let round = 0; round < rounds; round += 1) {
    for (const [{ cell, server }, results] of done) {
      const folder = await rig.folderFor('http');
      await layOut(folder, cell.path === LARGE ? LARGE_BYTES : 1, script);
      const program = await rig.serve(server.name, folder, await server.launch(rig, folder));
      try {
        const url = `http://${SITE.server}:${SITE.httpPort}${cell.path}`;
        const body = await waitFor(`an answer of ${server.name}`, READY_MS, async () => {
          if (program.ended() !== undefined) throw new Error((await program.output()).slice(-500));
          return rig.machine('curl', '-sS', '-f', '-r', '0-1023', url).catch(() => undefined);
        });
        if (cell.path === SCRIPT) script = body;
        const words = ['--latency', '-t', '2', '-c', String(cell.connections), '-d', `${seconds}s`, url];
        const run = readWrk(await rig.machine(rig.peers.program('usr/bin/wrk'), ...words));
        console.log(`  http ${cell.title}: ${server.name} ${JSON.stringify(run)}`);
        results.push(run);
      } finally {
        await program.stop();
      }
    }
  }
  return Array.from(done, ([{ cell, server }, results]) => ({
    cell: cell.title,
    server: server.name,
    run: middle(results.filter((result) => result !== undefined)),
  }));
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

/** The files for sower (`artifacts`) and for nginx (the URL's own path). */
async function layOut(folder: string, bytes: number, script: string): Promise<void> {
  const files = { 'artifacts/large.bin': Buffer.alloc(bytes, 'sower'), [SCRIPT.slice(1)]: script };
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
}
