import { lockState, openJournal, openLeases, StateInUse, type Leases } from '@sower/state';
import { createControl } from './control.ts';
import type { Tell } from './events.ts';
import { within, type Lifecycle } from './lifecycle.ts';
import { messageOf, StartError } from './start-error.ts';
import { tellState } from './tell/state.ts';

/** Takes the state folder for this process and opens the leases in it. */
export async function openBook(folder: string, lifecycle: Lifecycle, tell: Tell, now: () => number): Promise<Leases> {
  try {
    const control = createControl();
    lifecycle.own(await lockState(folder, control.handle));
    const store = await openJournal({ folder, report: (report) => tell(tellState(report)) });
    lifecycle.own({ close: (ms) => within(ms, store.close()) });
    const clock = { now, monotonic: () => performance.now() };
    const leases = await openLeases(store, clock, (report) => tell(tellState(report)));
    lifecycle.own({ close: (ms) => within(ms, leases.close()) });
    control.serve(leases);
    return leases;
  } catch (error) {
    const [what, advice] =
      error instanceof StateInUse
        ? ['Another sower serves from this state folder', 'Stop it, or choose another folder with --state.']
        : ['The state folder cannot be used', 'Correct that, or choose another folder with --state.'];
    throw new StartError(`${what}: ${messageOf(error)}. ${advice}`, { cause: error });
  }
}
