/**
 * Runs the jobs of one client one after another, those of different clients at the same time, and never too many.
 * Jobs wait for the end of the event loop's turn: so much more is read from the sockets in a turn than is worked off
 * that under overload the kernel's queue, which knows no priorities, stays short, and urgent jobs come first (G-13).
 */
export interface ClientQueue {
  /** Whether another job is taken: a client that wants something new is turned away before one that has an address. */
  hasRoom(urgent: boolean): boolean;
  /** Runs `job` soon, and after the earlier jobs of this client. The job must not reject. */
  add(client: string, urgent: boolean, job: () => Promise<void>): void;
  /** Resolves when all jobs are done. */
  idle(): Promise<void>;
}

/** Jobs begun in one turn of the event loop; libuv reads up to 32 datagrams of each socket in one. */
const PER_TURN = 16;

interface Waiting {
  readonly client: string;
  readonly job: () => Promise<void>;
}

/** `capacity` is how many jobs may wait or run; the upper half is for urgent ones. */
export function clientQueue(capacity: number): ClientQueue {
  const urgentOnes: Waiting[] = [];
  const others: Waiting[] = [];
  const last = new Map<string, Promise<void>>();
  const idlers: (() => void)[] = [];
  let pending = 0;
  let scheduled = false;

  const begin = ({ client, job }: Waiting) => {
    const before = last.get(client);
    const run = async () => {
      if (before !== undefined) await before;
      await job();
      if (last.get(client) === done) last.delete(client);
      pending -= 1;
      if (pending === 0) for (const resolve of idlers.splice(0)) resolve();
    };
    const done = run();
    last.set(client, done);
  };

  const schedule = () => {
    if (scheduled) return;
    scheduled = true;
    setImmediate(turn);
  };

  const turn = () => {
    scheduled = false;
    for (let begun = 0; begun < PER_TURN; begun += 1) {
      const next = urgentOnes.shift() ?? others.shift();
      if (next === undefined) return;
      begin(next);
    }
    schedule();
  };

  return {
    hasRoom: (urgent) => pending < (urgent ? capacity : capacity / 2),
    add(client, urgent, job) {
      pending += 1;
      (urgent ? urgentOnes : others).push({ client, job });
      schedule();
    },
    async idle() {
      if (pending > 0) await new Promise<void>((resolve) => void idlers.push(resolve));
    },
  };
}
