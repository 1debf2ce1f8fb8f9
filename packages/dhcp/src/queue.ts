/**
 * Runs the jobs of one client one after another, those of different clients at the same time, and never too many
 * (G-13).
 */
export interface ClientQueue {
  /** Whether another job is taken: a client that wants something new is turned away before one that has an address. */
  hasRoom(urgent: boolean): boolean;
  /** Runs `job` when the earlier jobs of this client are done. The job must not reject. */
  add(client: string, job: () => Promise<void>): void;
  /** Resolves when all jobs are done. */
  idle(): Promise<void>;
}

/** `capacity` is how many jobs may wait or run; the upper half is for urgent ones. */
export function clientQueue(capacity: number): ClientQueue {
  const last = new Map<string, Promise<void>>();
  let pending = 0;
  return {
    hasRoom: (urgent) => pending < (urgent ? capacity : capacity / 2),
    add(client, job) {
      const before = last.get(client);
      const run = async () => {
        await before;
        await job();
        pending -= 1;
        if (last.get(client) === done) last.delete(client);
      };
      pending += 1;
      const done = run();
      last.set(client, done);
    },
    async idle() {
      while (last.size > 0) await Promise.all(last.values());
    },
  };
}
