import { setTimeout as sleep } from 'node:timers/promises';

const PAUSE = 100;

/**
 * Asks `probe` until it gives something, and gives that. Throws `<what>: not within N s` when `within` milliseconds have passed,
 * and whatever `probe` throws.
 */
export async function waitFor<T>(what: string, within: number, probe: () => Promise<T | undefined>): Promise<T> {
  const end = performance.now() + within;
  for (;;) {
    const found = await probe();
    if (found !== undefined) return found;
    if (performance.now() > end) throw new Error(`${what}: not within ${Math.round(within / 1000)} s`);
    await sleep(PAUSE);
  }
}
