/**
 * The side-by-side benchmark, `npm run bench`.
 *
 *   main.js [--only dhcp|tftp|storm|http] [--quick] [--write] [--servers 'NAME;…']
 *
 * `--quick` takes one round and short steps, `--write` puts what was measured into docs/performance.md. Linux and root.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { DHCP_SERVERS } from './dhcp/servers.ts';
import { measureDhcp } from './dhcp/measure.ts';
import { measureHttp } from './http/measure.ts';
import { SECTIONS, type Results, type Section } from './report/results.ts';
import { page, partsOf, readPage } from './report/report.ts';
import { unpackPeers } from './rig/debian.ts';
import { syncTimes } from './rig/disk.ts';
import { describeHost } from './rig/host.ts';
import { openRig, type Rig } from './rig/rig.ts';
import { measureStorm } from './storm/measure.ts';
import { STORM_SERVERS } from './storm/servers.ts';
import { TFTP_CELLS } from './tftp/cells.ts';
import { measureTftp } from './tftp/measure.ts';
import { TFTP_SERVERS } from './tftp/servers.ts';

const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url));

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    quick: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    servers: { type: 'string' },
  },
});

/** More than anything here could do. */
const MOST_EXCHANGES_A_SECOND = 60_000;

/** How long everything takes. */
const effort = values.quick
  ? { rounds: 1, seconds: 2, within: 0.25, httpSeconds: 3 }
  : { rounds: 3, seconds: 4, within: 0.1, httpSeconds: 8 };

const names = values.servers?.split(';');
const wanted = <T extends { readonly name: string }>(servers: readonly T[]): readonly T[] =>
  servers.filter(({ name }) => names?.includes(name) ?? true);

async function measure(rig: Rig, section: Section): Promise<Partial<Results>> {
  const { rounds, seconds, within, httpSeconds } = effort;
  switch (section) {
    case 'dhcp':
      return {
        dhcp: await measureDhcp(rig, {
          ways: ['direct', 'relay'],
          servers: wanted(DHCP_SERVERS),
          rounds,
          seconds,
          within,
          limit: MOST_EXCHANGES_A_SECOND,
        }),
      };
    case 'tftp':
      return { tftp: await measureTftp(rig, wanted(TFTP_SERVERS), TFTP_CELLS, rounds) };
    case 'storm':
      return { storm: await measureStorm(rig, wanted(STORM_SERVERS), values.quick ? 200 : 1000, rounds) };
    case 'http':
      return { http: await measureHttp(rig, rounds, httpSeconds) };
  }
}

const sections = SECTIONS.filter((section) => values.only === undefined || values.only === section);
if (sections.length === 0) throw new Error(`--only is one of ${SECTIONS.join(', ')}`);
const rig = await openRig(REPOSITORY, 'bench', await unpackPeers(join(REPOSITORY, '.cache', 'bench')));
try {
  const sync = await syncTimes(await rig.folderFor('disk'));
  const measurements: Partial<Results>[] = [];
  for (const section of sections) measurements.push(await measure(rig, section));
  const results: Results = Object.assign({}, ...measurements);
  const measured = `Measured on ${new Date().toISOString().slice(0, 10)}: ${describeHost(sync, values.quick)}`;
  const parts = partsOf(measured, results);
  console.log(`\n${page(parts)}`);
  if (values.write) {
    const path = join(REPOSITORY, 'docs', 'performance.md');
    const before = readPage(await readFile(path, 'utf8').catch(() => ''));
    await writeFile(path, page(new Map([...before, ...parts])));
  }
} finally {
  await rig.close();
}
