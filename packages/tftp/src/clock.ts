/** Time as an argument: what the server and the client measure with and wait on. */
export interface Clock {
  /** Milliseconds that only ever grow; the origin means nothing. */
  now(): number;
  /** Calls back once after so many ms; the result cancels that. */
  after(ms: number, run: () => void): () => void;
}

/** The process's own monotonic clock: a change of the wall clock does not touch it. */
export const systemClock: Clock = {
  now: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};
