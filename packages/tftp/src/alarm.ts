import type { Clock } from './clock.ts';

/** One wait at a time. */
export interface Alarm {
  /** Rings in so many ms; replaces the wait before. */
  set(ms: number): void;
  clear(): void;
}

/**
 * An alarm that is put off far more often than it rings: a transfer sets it with every window. A timer that is due too early
 * stays and looks again when it fires, so that putting off costs nothing.
 */
export function createAlarm(clock: Clock, ring: () => void): Alarm {
  let due = 0;
  let timer: { readonly at: number; readonly cancel: () => void } | undefined;

  const arm = (ms: number) => {
    timer?.cancel();
    timer = { at: clock.now() + ms, cancel: clock.after(ms, look) };
  };
  const look = () => {
    timer = undefined;
    const left = due - clock.now();
    if (left > 0) arm(left);
    else ring();
  };
  return {
    set(ms) {
      due = clock.now() + ms;
      if (timer === undefined || timer.at > due) arm(ms);
    },
    clear() {
      timer?.cancel();
      timer = undefined;
    },
  };
}
