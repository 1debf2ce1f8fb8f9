import { setTimeout as delay } from 'node:timers/promises';

/** Something that is open. `close` waits for what is under way, `ms` milliseconds at the most, then cuts it. */
export interface Closable {
  close(ms: number): Promise<void> | void;
}

/** Takes over what was opened: from now on it is closed by the owner. */
export interface Owner {
  own<T extends Closable>(thing: T): T;
}

/** What a start has opened so far, closed again in reverse order: after a failure at once, at a stop with a time limit. */
export interface Lifecycle extends Owner {
  /** Runs once; a second call waits for the first. One failing close does not keep the others open. */
  close(ms: number): Promise<void>;
}

export function createLifecycle(onError: (error: unknown) => void, now: () => number): Lifecycle {
  const open: Closable[] = [];
  let closing: Promise<void> | undefined;
  const closeAll = async (ms: number) => {
    const deadline = now() + ms;
    for (const thing of open.splice(0).toReversed()) {
      try {
        await thing.close(Math.max(0, deadline - now()));
      } catch (error) {
        onError(error);
      }
    }
  };
  return {
    own(thing) {
      open.push(thing);
      return thing;
    },
    close: (ms) => (closing ??= closeAll(ms)),
  };
}

/** Things that are closed side by side: they drain together, and one time limit serves for all of them. */
export function createGroup(): Owner & Closable {
  const things: Closable[] = [];
  return {
    own(thing) {
      things.push(thing);
      return thing;
    },
    async close(ms) {
      const results = await Promise.allSettled(things.splice(0).map(async (thing) => thing.close(ms)));
      const failed = results.find((result) => result.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
    },
  };
}

/** However little time is left, a disk or a network that is well gets this much. */
const LEAST_MS = 1000;

/** Waits for work that a dead disk may hold up, `ms` milliseconds at the most (a second at the least): a stop must not hang. */
export async function within(ms: number, work: Promise<void>): Promise<void> {
  await Promise.race([work, delay(Math.max(ms, LEAST_MS), undefined, { ref: false })]);
}
