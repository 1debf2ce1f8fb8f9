/** The biggest block that gets through to each client, as far as its transfers have shown (C-09). */
export interface Ceilings {
  /** Largest payload to offer to this client, in bytes; undefined while nothing speaks against what is asked for. */
  of(client: string, now: number): number | undefined;
  /** A client that agreed on `blksize` never acknowledged block 1, `lost`, or did. */
  learn(client: string, blksize: number, lost: boolean, now: number): void;
}

/** So often in a row is no accident: a tunnel on the way swallows what is bigger than it takes, and tells nobody. */
const IN_A_ROW = 2;
const FORGOTTEN_MS = 10 * 60_000;
/** What every client takes (RFC 1350). */
const SMALLEST = 512;
const CLIENTS_MAX = 10_000;

/** Halves the ceiling of a client each time its transfers die at block 1 twice in a row; after ten minutes all is forgotten. */
export function ceilings(): Ceilings {
  const known = new Map<string, { readonly lost: number; readonly max: number | undefined; readonly until: number }>();
  return {
    of(client, now) {
      const entry = known.get(client);
      if (entry !== undefined && entry.until <= now) known.delete(client);
      return entry !== undefined && entry.until > now ? entry.max : undefined;
    },
    learn(client, blksize, lost, now) {
      const before = known.get(client);
      if (before === undefined && !lost) return;
      known.delete(client);
      const count = lost ? (before?.lost ?? 0) + 1 : 0;
      const isEnough = count >= IN_A_ROW;
      const max = isEnough ? Math.max(SMALLEST, Math.floor(blksize / 2)) : before?.max;
      if (count === 0 && max === undefined) return;
      known.set(client, { lost: isEnough ? 0 : count, max, until: now + FORGOTTEN_MS });
      const oldest = known.size > CLIENTS_MAX ? known.keys().next().value : undefined;
      if (oldest !== undefined) known.delete(oldest);
    },
  };
}
