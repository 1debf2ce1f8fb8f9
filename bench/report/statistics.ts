/** What is said of a set of measured values, in their unit. */
export interface Spread {
  readonly mean: number;
  readonly p50: number;
  readonly p99: number;
}

/** The middle value, or the mean of the two in the middle; NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? Number.NaN;
  return Number.isInteger(middle) ? ((sorted[middle - 1] ?? Number.NaN) + upper) / 2 : upper;
}

/** The smallest value that at least this share of all values does not exceed (nearest rank); NaN of nothing. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

/** Mean, median rank and 99th percentile; all NaN of nothing. */
export function spread(values: readonly number[]): Spread {
  const sum = values.reduce((total, value) => total + value, 0);
  return { mean: sum / values.length, p50: percentile(values, 0.5), p99: percentile(values, 0.99) };
}

/** The spread in the middle of several runs: the median of each of its figures. */
export function medianSpread(runs: readonly Spread[]): Spread {
  const middle = (pick: (run: Spread) => number): number => median(runs.map(pick));
  return { mean: middle((run) => run.mean), p50: middle((run) => run.p50), p99: middle((run) => run.p99) };
}
