import { cpus, release, totalmem } from 'node:os';
import type { Spread } from '../report/statistics.ts';

/** The machine that figures belong to, in one sentence. */
export function describeHost(sync: Spread): string {
  const processors = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  const model = processors[0]?.model.trim() ?? 'unknown processor';
  return (
    `${processors.length} × ${model}, ${memory} GiB, Linux ${release()}, Node.js ${process.versions.node}; ` +
    `one more record synced to this disk takes ${sync.p50.toFixed(2)} ms (p50), ${sync.p99.toFixed(2)} ms (p99). ` +
    'The load generator runs on the same processors.'
  );
}
