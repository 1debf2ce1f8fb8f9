/** Lets `key` through at most `perSecond` times a second, after a burst of twice as many; false: not now. */
export type Rate = (key: string, perSecond: number) => boolean;

interface Bucket {
  readonly tokens: number;
  readonly at: number;
}

const BURST_SECONDS = 2;

/**
 * A token bucket for each key. The keys that were quiet longest are forgotten beyond `capacity`. `now` is a
 * monotonic clock in milliseconds.
 */
export function rateLimit(capacity: number, now: () => number): Rate {
  const buckets = new Map<string, Bucket>();
  return (key, perSecond) => {
    const at = now();
    const full = perSecond * BURST_SECONDS;
    const { tokens, at: before } = buckets.get(key) ?? { tokens: full, at };
    const refilled = Math.min(full, tokens + ((at - before) / 1000) * perSecond);
    const passes = refilled >= 1;
    buckets.delete(key);
    buckets.set(key, { tokens: passes ? refilled - 1 : refilled, at });
    const quietest = buckets.size > capacity ? buckets.keys().next().value : undefined;
    if (quietest !== undefined) buckets.delete(quietest);
    return passes;
  };
}
