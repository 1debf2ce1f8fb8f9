/** What wrk says of a run. */
export interface HttpRun {
  readonly requestsPerSecond: number;
  readonly mibPerSecond: number;
  /** Milliseconds. */
  readonly p99: number;
  /** Answers that were no 2xx or 3xx, and connections that broke. */
  readonly failed: number;
}

const MILLISECONDS: Readonly<Record<string, number>> = { us: 1e-3, ms: 1, s: 1e3, m: 6e4 };
const MEBIBYTES: Readonly<Record<string, number>> = { B: 2 ** -20, KB: 2 ** -10, MB: 1, GB: 2 ** 10 };

/** Reads what wrk prints with `--latency`. */
export function readWrk(output: string): HttpRun {
  const [, p99 = '', p99Unit = ''] = /^\s*99%\s+([\d.]+)(us|ms|s|m)$/m.exec(output) ?? [];
  const [, rate = '', rateUnit = ''] = /^Transfer\/sec:\s+([\d.]+)(B|KB|MB|GB)$/m.exec(output) ?? [];
  const [, requests = ''] = /^Requests\/sec:\s+([\d.]+)$/m.exec(output) ?? [];
  const [, refused = '0'] = /Non-2xx or 3xx responses: (\d+)/.exec(output) ?? [];
  const errors = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(output)?.slice(1) ?? [];
  return {
    requestsPerSecond: Number(requests),
    mibPerSecond: Number(rate) * (MEBIBYTES[rateUnit] ?? Number.NaN),
    p99: Number(p99) * (MILLISECONDS[p99Unit] ?? Number.NaN),
    failed: [refused, ...errors].reduce((sum, count) => sum + Number(count), 0),
  };
}
