import type { Closable } from './lifecycle.ts';

/** What should be open, by a key that says everything it depends on: a changed key is another thing. */
export type Wanted = ReadonlyMap<string, () => Promise<Closable>>;

export interface Reconciler extends Closable {
  /** Opens what is wanted and missing, closes what is open and no longer wanted. */
  tick(): Promise<void>;
}

/** Milliseconds of grace for a listener whose address or interface has gone: there is nobody left to talk to. */
const GONE_MS = 1000;

/**
 * Keeps sockets in step with the interfaces and addresses of this host (N-12).
 * The first tick is strict: it rejects, and what it opened stays for `close`. Later ones report through `onError` and try again.
 */
export function createReconciler(wanted: () => Wanted, onError: (key: string, error: unknown) => void): Reconciler {
  const open = new Map<string, Closable>();
  let strict = true;
  let running: Promise<void> = Promise.resolve();
  let closed = false;

  const close = async (key: string, thing: Closable, ms: number) => {
    open.delete(key);
    try {
      await thing.close(ms);
    } catch (error) {
      onError(key, error);
    }
  };

  const step = async () => {
    if (closed) return;
    const target = wanted();
    for (const [key, thing] of open) {
      if (!target.has(key)) await close(key, thing, GONE_MS);
    }
    for (const [key, openIt] of target) {
      if (open.has(key)) continue;
      try {
        open.set(key, await openIt());
      } catch (error) {
        if (strict) throw error;
        onError(key, error);
      }
    }
    strict = false;
  };

  return {
    tick() {
      const result = running.then(step);
      running = result.catch(() => undefined);
      return result;
    },
    async close(ms) {
      closed = true;
      await running;
      await Promise.all([...open].map(([key, thing]) => close(key, thing, ms)));
    },
  };
}
