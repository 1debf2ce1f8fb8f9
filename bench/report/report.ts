import type { DhcpFigures } from '../dhcp/measure.ts';
import type { HttpFigure } from '../http/measure.ts';
import type { StormFigure } from '../storm/measure.ts';
import type { TftpFigure } from '../tftp/measure.ts';
import type { Results } from './results.ts';
import { figure, ratio, table, type Row } from './table.ts';

const OURS = 'sower';

/** A part of the page, by its title; the text is Markdown without the title. */
export type Parts = ReadonlyMap<string, string>;

/** Every title there is, in the order of the page. */
const TITLES = {
  direct: 'DHCP, machines on the link',
  relay: 'DHCP, through a relay agent',
  tftp: 'TFTP',
  storm: 'Boot storm',
  http: 'HTTP',
} as const;

/** A part for each thing that was measured. `measured` is a sentence about when and where. */
export function partsOf(measured: string, results: Results): Parts {
  const { dhcp = [], tftp = [], storm = [], http = [] } = results;
  const parts = [
    [TITLES.direct, dhcpPart(dhcp.filter(({ way }) => way === 'direct'))],
    [TITLES.relay, dhcpPart(dhcp.filter(({ way }) => way === 'relay'))],
    [TITLES.tftp, tftpPart(tftp)],
    [TITLES.storm, stormPart(storm)],
    [TITLES.http, httpPart(http)],
  ] as const;
  return new Map(parts.filter(([, text]) => text !== '').map(([title, text]) => [title, `${text}\n${measured}\n`]));
}

const INTRODUCTION = `# Performance

Written by \`npm run bench -- --write\`: sower beside the servers people use today, in turns on the same machine, in namespaces that a
veth pair connects. The load generators run on the same processors. The peers are told not to log, sower logs as it always
does. Figures are medians of three rounds; compare within a table, and not between machines.
`;

/** The whole page: the measured parts in their order, then those that people wrote. */
export function page(parts: Parts): string {
  const known: readonly string[] = Object.values(TITLES);
  const titles = [
    ...known.filter((title) => parts.has(title)),
    ...[...parts.keys()].filter((title) => !known.includes(title)),
  ];
  return [INTRODUCTION, ...titles.map((title) => `## ${title}\n\n${parts.get(title) ?? ''}`)].join('\n');
}

/** The parts of a page that `page` made; of any other text, what has a title. */
export function readPage(text: string): Parts {
  const chunks = text.split(/^## /m).slice(1);
  return new Map(
    chunks.map((chunk) => {
      const end = chunk.indexOf('\n');
      return [chunk.slice(0, end), `${chunk.slice(end).trim()}\n`];
    }),
  );
}

function dhcpPart(figures: readonly DhcpFigures[]): string {
  if (figures.length === 0) return '';
  const ours = figures.find(({ server }) => server === OURS);
  const rows = figures.map(({ server, rate, full, half }): Row => {
    const spreads = [full.mean, full.p50, full.p99, half.mean, half.p50, half.p99].map(figure);
    return rowOf(server, [figure(rate), ratio(ours?.rate, rate), ...spreads]);
  });
  const header: Row = ['', 'exchanges/s', 'sower is', 'mean', 'p50', 'p99', 'half: mean', 'p50', 'p99'];
  const text = `Whole exchanges (DISCOVER to ACK) a second with less than 1 % lost, each of a new machine with a new lease;
milliseconds for an exchange at that rate and at half of it. sower's leases are on the disk before the ACK, as are ISC dhcpd's
and dnsmasq's; Kea's are not. ISC dhcpd has a smaller pool than the others, because with theirs it is many times slower.`;
  return `${text}\n\n${table(header, rows)}`;
}

function tftpPart(figures: readonly TftpFigure[]): string {
  if (figures.length === 0) return '';
  const servers = distinct(figures.map(({ server }) => server));
  const cells = distinct(figures.map(({ cell }) => cell));
  const of = (cell: string, server: string): number | undefined =>
    figures.find((figure) => figure.cell === cell && figure.server === server)?.mibPerSecond;
  const rows = cells.map((cell): Row => {
    const rates = servers.map((server) => of(cell, server));
    const others = rates.filter((rate, at) => rate !== undefined && servers[at] !== OURS).map(Number);
    const best = others.length === 0 ? undefined : Math.max(...others);
    return rowOf(cell, [...rates.map(figure), ratio(of(cell, OURS), best)]);
  });
  const text = `MiB/s of all machines together, each with an address of its own; what they got is compared by SHA-256. A title says the
file, how many machines fetch it at once, the block size, and the window (w) where they ask for one.`;
  return `${text}\n\n${table(['', ...servers, 'sower to the best other'], rows)}`;
}

function stormPart(figures: readonly StormFigure[]): string {
  if (figures.length === 0) return '';
  const rows = figures.map(({ server, machines, up, all, p99, mebibytes }): Row => [
    server,
    `${up} of ${machines}`,
    figure(all),
    figure(p99),
    figure(mebibytes),
  ]);
  const text = `So many UEFI machines are switched on at the same moment: DHCP, a loader of 300 KB by TFTP (1468, w4), DHCP again as iPXE,
script, config. The memory is the most that all programs together ever had, the client's not included.`;
  const header: Row = ['', 'up', 'all up, s', 'p99 machine, s', 'memory, MiB'];
  return `${text}\n\n${table(header, rows)}`;
}

function httpPart(figures: readonly HttpFigure[]): string {
  if (figures.length === 0) return '';
  const rows = figures.map(({ cell, server, run }): Row => {
    const ours = figures.find((other) => other.cell === cell && other.server === OURS)?.run;
    const rates = [
      figure(run?.requestsPerSecond),
      figure(run?.mibPerSecond),
      figure(run?.p99),
      String(run?.failed ?? '–'),
    ];
    return [`${cell.title}: ${server}`, ...rates, ratio(ours?.[cell.measures], run?.[cell.measures])];
  });
  const header: Row = ['', 'requests/s', 'MiB/s', 'p99, ms', 'failed', 'sower is'];
  const text =
    'wrk with two threads; the script is rendered for each request by sower, and a file of about its size for nginx.';
  return `${text}\n\n${table(header, rows)}`;
}

function rowOf(title: string, cells: readonly string[]): Row {
  return [title, ...cells];
}

function distinct(words: readonly string[]): readonly string[] {
  return [...new Set(words)];
}
