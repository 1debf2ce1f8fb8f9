/** Puts sends off to later turns of the event loop when this turn has had enough (C-36). */
export interface Pacer {
  /** Runs `send`, which sends so many packets for `owner`: now, or in a later turn, in order of arrival. */
  run(owner: object, packets: number, send: () => void): void;
}

interface Job {
  readonly owner: object;
  readonly packets: number;
  readonly send: () => void;
}

/**
 * At most `perTurn` packets a turn in all, and one job per owner. A job larger than that has a turn of its own.
 * `nextTurn` calls back after the loop has looked for input: `setImmediate`.
 */
export function pacer(perTurn: number, nextTurn: (run: () => void) => void): Pacer {
  let waiting: Job[] = [];
  let left = perTurn;
  const owners = new Set<object>();
  let scheduled = false;

  const fits = (job: Job) => !owners.has(job.owner) && (job.packets <= left || left === perTurn);
  const take = (job: Job) => {
    owners.add(job.owner);
    left -= job.packets;
    job.send();
  };
  const schedule = () => {
    if (scheduled) return;
    scheduled = true;
    nextTurn(turn);
  };
  const turn = () => {
    scheduled = false;
    left = perTurn;
    owners.clear();
    const jobs = waiting;
    waiting = [];
    for (const [at, job] of jobs.entries()) {
      if (fits(job)) take(job);
      else waiting.push(job);
      if (left <= 0) {
        waiting.push(...jobs.slice(at + 1));
        break;
      }
    }
    if (jobs.length > 0) schedule();
  };

  return {
    run(owner, packets, send) {
      const job = { owner, packets, send };
      if (waiting.length === 0 && fits(job)) take(job);
      else waiting.push(job);
      schedule();
    },
  };
}
