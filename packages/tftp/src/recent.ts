/** Remembers keys for a while. */
export interface Recent {
  add(key: string, now: number): void;
  has(key: string, now: number): boolean;
}

/** A set whose members leave after so many ms. Memory is bounded by what is added in that time. */
export function recent(ms: number): Recent {
  const until = new Map<string, number>(); // in order of time
  const expire = (now: number) => {
    for (const [key, end] of until) {
      if (end > now) return;
      until.delete(key);
    }
  };
  return {
    add(key, now) {
      expire(now);
      until.delete(key);
      until.set(key, now + ms);
    },
    has(key, now) {
      expire(now);
      return until.has(key);
    },
  };
}
