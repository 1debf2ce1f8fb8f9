import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, formatIPv4 } from '@sower/net';
import {
  askControl,
  isObject,
  lockState,
  openJournal,
  openLeases,
  readLeaseFile,
  writeLeaseFile,
  type Json,
  type JsonObject,
} from '@sower/state';
import { createControl, type ControlRequest, type ImportReport } from './control.ts';
import { messageOf, StartError } from './start-error.ts';
import { tellState } from './tell/state.ts';

/** A lease as a person reads it. */
export interface LeaseRow {
  readonly address: string;
  readonly mac: string;
  /** A bound lease past its end is `expired`: its address goes to others only when no other is free. */
  readonly state: 'bound' | 'expired' | 'released' | 'quarantined';
  /** ISO 8601, UTC, to the second. */
  readonly until: string;
  readonly hostname: string;
}

/**
 * The leases of a state folder as a document. Asks the appliance that serves from the folder; without one it reads the
 * folder itself, and `tell` gets what there is to say about its condition. Rejects with StartError.
 */
export async function exportLeases(folder: string, tell: (text: string) => void): Promise<JsonObject> {
  const document = await request(folder, { command: 'export-leases' }, tell);
  if (!isObject(document)) throw new StartError(`no document of leases came from ${folder}`);
  return document;
}

/** Takes over the leases of a document, all or none, in the same way. Rejects with StartError. */
export async function importLeases(
  folder: string,
  document: Json,
  tell: (text: string) => void,
): Promise<ImportReport> {
  const report = await request(folder, { command: 'import-leases', document }, tell);
  if (isObject(report) && Array.isArray(report.refused)) return { refused: report.refused.map(String) };
  if (isObject(report) && typeof report.taken === 'number' && typeof report.kept === 'number') {
    return { taken: report.taken, kept: report.kept };
  }
  throw new StartError(`no word of the import came from ${folder}`);
}

/** The leases of a document, line by line; `now` is wall-clock time in milliseconds. */
export function leaseRows(document: Json, now: number): readonly LeaseRow[] {
  const file = readLeaseFile(document);
  if ('problems' in file) throw new StartError(file.problems.join('; '));
  return file.leases.map(({ address, mac, state, expires, hostname = '' }) => ({
    address: formatIPv4(address),
    mac,
    state: state === 'bound' && expires <= now ? 'expired' : state,
    until: new Date(expires).toISOString().replace(/\.\d+/, ''),
    hostname,
  }));
}

async function request(folder: string, asked: ControlRequest, tell: (text: string) => void): Promise<Json> {
  try {
    const answer = (await askRunning(folder, asked)) ?? (await askOurselves(folder, asked, tell));
    if (isObject(answer) && typeof answer.error === 'string') throw new Error(answer.error);
    return answer;
  } catch (error) {
    throw new StartError(`The state folder ${folder} cannot be used: ${messageOf(error)}`, { cause: error });
  }
}

/** Undefined when nobody serves from the folder. */
async function askRunning(folder: string, asked: ControlRequest): Promise<Json | undefined> {
  try {
    return await askControl(join(folder, 'control.sock'), asked);
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ECONNREFUSED') return undefined;
    throw error;
  }
}

/** Holds the folder for as long as the request takes. A folder without a journal is not touched to say that it is empty. */
async function askOurselves(folder: string, asked: ControlRequest, tell: (text: string) => void): Promise<Json> {
  if (asked.command === 'export-leases' && !(await exists(join(folder, 'journal')))) return writeLeaseFile([]);
  const control = createControl();
  const lock = await lockState(folder, control.handle);
  try {
    const store = await openJournal({ folder, report: (report) => tell(tellState(report).text) });
    try {
      const clock = { now: () => Date.now(), monotonic: () => performance.now() };
      control.serve(await openLeases(store, clock, (report) => tell(tellState(report).text)));
      return await control.handle(asked);
    } finally {
      await store.close();
    }
  } finally {
    await lock.close();
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}
