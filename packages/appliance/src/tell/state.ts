import type { JournalReport, LeaseReport } from '@sower/state';
import type { BootEvent } from '../events.ts';

type Report = JournalReport | LeaseReport;

/** What was lost or cannot be stored is an error; what the state got over by itself is not. */
const LEVELS: Readonly<Record<Report['why'], BootEvent['level']>> = {
  'journal-bad-line': 'error',
  'journal-bad-tail': 'warn',
  'journal-header-lost': 'error',
  'journal-unwritable': 'error',
  'journal-writable-again': 'info',
  'journal-snapshot-failed': 'warn',
  'lease-record-bad': 'error',
  'clock-went-back': 'warn',
  'leases-kept-in-grace': 'warn',
  'decline-flood': 'warn',
  'quarantine-full': 'warn',
};

const TEXTS: Readonly<Record<Report['why'], string>> = {
  'journal-bad-line': 'a damaged line of the journal was left out; it is kept in journal.bad',
  'journal-bad-tail': 'the journal ended in the middle of a write and was cut; what was cut is kept in journal.bad',
  'journal-header-lost': 'the first line of the journal was damaged; the rest was read',
  'journal-unwritable': 'nothing can be stored: new leases get no answer, known ones are served on; look at the disk',
  'journal-writable-again': 'the journal can be written again',
  'journal-snapshot-failed': 'the journal could not be shortened and grows on',
  'lease-record-bad': 'a lease in the journal makes no sense and was left out',
  'clock-went-back': 'the clock went back; leases keep their length',
  'leases-kept-in-grace': 'leases ended while sower was not running, or the clock jumped; they are kept for a while',
  'decline-flood': 'a client declines one address after the other and is not believed any more',
  'quarantine-full': 'a quarter of the pool is quarantined; no more declines are believed',
};

/** What the state folder has to report. */
export function tellState({ why, ...fields }: Report): BootEvent {
  return { step: 'state', why, level: LEVELS[why], mac: undefined, name: undefined, text: TEXTS[why], fields };
}
