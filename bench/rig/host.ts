import { cpus, release, totalmem } from 'node:os';
import type { Spread } from '../report/statistics.ts';

/** The machine that figures belong to, in a sentence or two. `quick`: they come from a single short round. */
export function describeHost(sync: Spread, quick: boolean): string {
  const processors = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  const model = processors[0]?.model.trim() ?? 'unknown processor';
  return (
    `${processors.length} × ${model}, ${memory} GiB, Linux ${release()}, Node.js ${process.versions.node}; ` +
    `one more record synced to this disk takes ${sync.p50.toFixed(2)} ms (p50), ${sync.p99.toFixed(2)} ms (p99).` +
    (quick ? ' A single short round (`--quick`).' : '')
  );
}
