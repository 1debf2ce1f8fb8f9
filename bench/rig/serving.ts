import type { Program } from '../../test/e2e/lab/program.ts';
import { waitFor } from '../../test/e2e/lab/waiting.ts';
import type { Launch, Rig } from './rig.ts';

const READY_MS = 30_000;
/** How much of a server's own words an error carries. */
const LAST_WORDS = 500;

/** A server: its name, the folder it works in, and the programs it is made of. */
export interface Serving {
  readonly name: string;
  readonly folder: string;
  readonly launches: readonly Launch[];
}

/**
 * Starts a server, waits until it `answers`, gives what `use` makes of it, and stops it in any case. Throws with its last words
 * when it ends before it has answered.
 */
export async function whileServing<T>(
  rig: Rig,
  { name, folder, launches }: Serving,
  answers: () => Promise<boolean>,
  use: (programs: readonly Program[]) => Promise<T>,
): Promise<T> {
  const programs: Program[] = [];
  try {
    for (const [at, launch] of launches.entries()) programs.push(await rig.serve(`${name}-${at}`, folder, launch));
    await waitFor(`an answer of ${name}`, READY_MS, async () => {
      for (const program of programs) {
        const over = program.ended();
        if (over !== undefined)
          throw new Error(`${name} ended (${over}): ${(await program.output()).slice(-LAST_WORDS)}`);
      }
      return (await answers()) ? true : undefined;
    });
    return await use(programs);
  } finally {
    for (const program of programs) await program.stop();
  }
}
