import type { Refused, Source } from './source.ts';

/** How long a name that was not there is taken to be absent (C-26), and how many of them. */
const MISSING_MS = 5000;
const NAMES_MAX = 1000;

/**
 * A source that does not look again for a name it has just missed: firmware probes for dozens of names, each a few times.
 * `now` is a clock in ms that only grows. A file that is put there is found after five seconds at the latest.
 */
export function rememberingMisses(source: Source, now: () => number): Source {
  const missed = new Map<string, { readonly until: number; readonly answer: Refused }>(); // in order of time
  return {
    async open(name) {
      const known = missed.get(name);
      if (known !== undefined && known.until > now()) return known.answer;
      const found = await source.open(name);
      missed.delete(name);
      if (!('refused' in found) || found.refused !== 'missing') return found;
      missed.set(name, { until: now() + MISSING_MS, answer: found });
      const oldest = missed.size > NAMES_MAX ? missed.keys().next().value : undefined;
      if (oldest !== undefined) missed.delete(oldest);
      return found;
    },
  };
}
