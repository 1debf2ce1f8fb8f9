import type { IPv4 } from '@sower/net';

/** A server that was silent for so long is told of again. */
const SILENT_MS = 60 * 60 * 1000;
/** More servers than this on one link are somebody's game with identifiers, and are told of no more. */
const CAP = 100;

/** The DHCP servers besides us that were noticed. In memory only. */
export interface Rogues {
  /** True the first time, and after an hour of silence. */
  isNews(server: IPv4, interface_: string): boolean;
}

export function createRogues(now: () => number): Rogues {
  const seen = new Map<string, number>();
  return {
    isNews(server, interface_) {
      for (const [key, last] of seen) {
        if (now() - last < SILENT_MS) break;
        seen.delete(key);
      }
      const key = `${interface_} ${server}`;
      const isNews = !seen.delete(key) && seen.size < CAP;
      if (isNews || seen.size < CAP) seen.set(key, now());
      return isNews;
    },
  };
}
