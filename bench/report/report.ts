import type { DhcpFigures } from '../dhcp/measure.ts';
import type { HttpFigure } from '../http/measure.ts';
import type { StormFigure } from '../storm/measure.ts';
import type { TftpFigure } from '../tftp/measure.ts';
import type { Results } from './results.ts';
import { figure, ratio, table, type Row } from './table.ts';

const OURS = 'sower';

/** The report as Markdown: the machine, and a table for each section that was measured. `date` as YYYY-MM-DD. */
export function report(host: string, date: string, results: Results): string {
  const { dhcp = [], tftp = [], storm = [], http = [] } = results;
  const parts = [
    `# Performance\n\nMeasured on ${date} by \`npm run bench\`, everything in one run and in turns. ${host}\n`,
    ...(['direct', 'relay'] as const).map((way) =>
      dhcpPart(
        way,
        dhcp.filter((figures) => figures.way === way),
      ),
    ),
    tftpPart(tftp),
    stormPart(storm),
    httpPart(http),
  ];
  return parts.filter((part) => part !== '').join('\n');
}

const WAYS = { direct: 'machines on the link', relay: 'through a relay agent' } as const;

function dhcpPart(way: DhcpFigures['way'], figures: readonly DhcpFigures[]): string {
  if (figures.length === 0) return '';
  const ours = figures.find(({ server }) => server === OURS);
  const rows = figures.map(({ server, rate, full, half }): Row => {
    const spreads = [full.mean, full.p50, full.p99, half.mean, half.p50, half.p99].map(figure);
    return [server, figure(rate), ratio(ours?.rate, rate), ...spreads];
  });
  const header: Row = ['', 'exchanges/s', 'sower is', 'mean', 'p50', 'p99', 'half: mean', 'p50', 'p99'];
  const text = `Whole exchanges (DISCOVER to ACK) a second with less than 1 % lost, each of a new machine with a new lease;
milliseconds for an exchange at that rate and at half of it. sower's leases are on disk before the ACK.`;
  return `## DHCP, ${WAYS[way]}\n\n${text}\n\n${table(header, rows)}`;
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
  return `## TFTP\n\n${text}\n\n${table(['', ...servers, 'sower to the best other'], rows)}`;
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
  return `## Boot storm\n\n${text}\n\n${table(header, rows)}`;
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
    return [`${cell}: ${server}`, ...rates, ratio(ours?.mibPerSecond, run?.mibPerSecond)];
  });
  const header: Row = ['', 'requests/s', 'MiB/s', 'p99, ms', 'failed', 'sower is'];
  const text =
    'wrk with two threads; the script is rendered for each request by sower, and a file of the same bytes for nginx.';
  return `## HTTP\n\n${text}\n\n${table(header, rows)}`;
}

function rowOf(title: string, cells: readonly string[]): Row {
  return [title, ...cells];
}

function distinct(words: readonly string[]): readonly string[] {
  return [...new Set(words)];
}
