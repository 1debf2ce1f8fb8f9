import type { Mac } from '@sower/net';
import type { Outcome, Report } from '@sower/tftp';
import type { BootEvent } from '../events.ts';

/** Loud where somebody has to act; quiet where clients do this all the time (C-14, C-26). */
const LEVELS: Readonly<Partial<Record<Outcome, BootEvent['level']>>> = {
  complete: 'info',
  timeout: 'warn',
  changed: 'warn',
  unreadable: 'error',
  overload: 'warn',
  forbidden: 'info',
  missing: 'info',
  unserved: 'info',
};

/** What an ended TFTP request is as a step of a boot. */
export function tellTftp(report: Report, mac: Mac | undefined, name: string | undefined): BootEvent {
  const { peer, file, size, outcome, detail, bytes, resent, ms, options } = report;
  return {
    step: 'tftp',
    why: outcome,
    level: LEVELS[outcome] ?? 'debug',
    mac,
    name,
    text: `${file} ${outcome}${detail === '' ? '' : `: ${detail}`}`,
    fields: { address: peer.address, port: peer.port, file, size, bytes, resent, ms, ...options },
  };
}
