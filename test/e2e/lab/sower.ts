import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Lab } from './lab.ts';
import type { Program } from './program.ts';
import { waitFor } from './waiting.ts';

/** One line of the log: flat fields. */
export type LogEvent = Readonly<Record<string, unknown>>;

/** What an event has to say at least. */
export type Fields = Readonly<Record<string, string | number>>;

/** The product, running as its users run it, with its log read as events. */
export interface Sower {
  readonly program: Program;
  readonly dataFile: string;
  /** The events so far that have all of these fields, in order. */
  events(wanted?: Fields): Promise<readonly LogEvent[]>;
  /** Waits for the next event with these fields, not counting the first `skip`. Throws when sower ends before, or after `within` milliseconds. */
  tells(wanted: Fields, skip?: number, within?: number): Promise<LogEvent>;
  /** Puts another data file in the old one's place, as editors do, and waits until it is in force. */
  reload(data: string): Promise<void>;
}

/** The command, as `npm run setup` builds it. */
export function sowerCommand(repository: string): string {
  return join(repository, 'packages', 'cli', 'bin', 'sower.js');
}

/** Writes `data` as data.yaml into the lab's folder and serves it; ready when every socket is open. */
export async function startSower(repository: string, lab: Lab, data: string): Promise<Sower> {
  const dataFile = join(lab.folder, 'data.yaml');
  await writeFile(dataFile, data);
  return serve(repository, lab, dataFile);
}

/** Serves a data file that is there. */
export async function serve(repository: string, lab: Lab, dataFile: string): Promise<Sower> {
  const words = [sowerCommand(repository), 'serve', '--data', dataFile, '--json', '--log-level', 'debug'];
  const program = await lab.start('sower', process.execPath, words);

  const events = async (wanted: Fields = {}): Promise<readonly LogEvent[]> =>
    (await program.output()).split('\n').flatMap((line) => {
      const event = eventOf(line);
      return event !== undefined && Object.entries(wanted).every(([key, value]) => event[key] === value) ? [event] : [];
    });

  const tells: Sower['tells'] = (wanted, skip = 0, within = 15_000) =>
    waitFor(`sower tells ${JSON.stringify(wanted)}`, within, async () => {
      const over = program.ended();
      const event = (await events(wanted))[skip];
      if (event === undefined && over !== undefined) throw new Error(`sower ended (${over})`);
      return event;
    });

  const reload: Sower['reload'] = async (data) => {
    const before = (await events({ why: 'reloaded' })).length;
    await writeFile(`${dataFile}.new`, data);
    await rename(`${dataFile}.new`, dataFile);
    await tells({ why: 'reloaded' }, before);
  };

  await tells({ why: 'ready' });
  return { program, dataFile, events, tells, reload };
}

/** The summary is on the same file: only whole JSON lines are events. */
function eventOf(line: string): LogEvent | undefined {
  if (!line.startsWith('{') || !line.endsWith('}')) return undefined;
  const value: unknown = JSON.parse(line);
  return typeof value === 'object' && value !== null ? { ...value } : undefined;
}
