import { lockState, openJournal, openLeases, StateInUse, type Leases } from '@sower/state';
import type { Tell } from './events.ts';
import type { Lifecycle } from './lifecycle.ts';
import { messageOf, StartError } from './start-error.ts';
import { tellState } from './tell/state.ts';

/** Takes the state folder for this process and opens the leases in it. */
export async function openBook(folder: string, lifecycle: Lifecycle, tell: Tell, now: () => number): Promise<Leases> {
  try {
    lifecycle.own(await lockState(folder, () => ({ status: 'serving', pid: process.pid })));
    const store = lifecycle.own(await openJournal({ folder, report: (report) => tell(tellState(report)) }));
    return lifecycle.own(
      await openLeases(store, { now, monotonic: () => performance.now() }, (report) => tell(tellState(report))),
    );
  } catch (error) {
    const [what, advice] =
      error instanceof StateInUse
        ? ['Another sower serves from this state folder', 'Stop it, or choose another folder with --state.']
        : ['The state folder cannot be used', 'Correct that, or choose another folder with --state.'];
    throw new StartError(`${what}: ${messageOf(error)}. ${advice}`, { cause: error });
  }
}
