import type { Mac } from '@sower/net';
import type { Logger } from './log.ts';

/** One step of one machine's boot, or of something that wanted to look like one. `why` is the literal the rule gave. */
export interface BootEvent {
  readonly step: 'dhcp' | 'tftp' | 'http' | 'state' | 'data';
  readonly why: string;
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly mac: Mac | undefined;
  /** The machine's name, where the MAC is in the inventory. */
  readonly name: string | undefined;
  /** What a person reads first. */
  readonly text: string;
  /** What else there is to know, as flat fields. */
  readonly fields: Readonly<Record<string, string | number | boolean | undefined>>;
}

/** Tells what happened, one event at a time. Never throws. */
export type Tell = (event: BootEvent) => void;

/** What machines provoke again and again while nobody does anything about it: an unknown MAC asks every few seconds. */
const REPEATED: ReadonlySet<string> = new Set([
  'unknown-mac',
  'no-free-address',
  'rate-limited',
  'address-in-use',
  'nak-unknown-client',
  'relay-not-allowed',
  'no-subnet',
  'unserved',
  'missing',
  'missing-artifact',
  'install-stopped',
  'no-such-path',
  'no-such-artifact',
  'decline-ignored',
  'decline-flood',
  'quarantine-full',
  'journal-unwritable',
  'answer-failed',
  'send-failed',
  'forbidden',
  'not-listening',
]);

/** Of the load, not of a machine: a flood has a new MAC in every datagram, and a line for each would be a second flood. */
const SHARED: ReadonlySet<string> = new Set(['overloaded', 'stale', 'overload']);

/** Of the relay that passed a request on, not of the machine behind it. */
const PER_RELAY: ReadonlySet<string> = new Set(['relay-not-allowed', 'no-subnet']);

/** Repeats of one reason for one machine within this time are counted, not written. */
const QUIET_MS = 60_000;
const CAP = 10_000;

/** Writes one line an event; what repeats itself, once a minute for each machine, with the count of what was left out. */
export function createNarrator(log: Logger, now: () => number): Tell {
  const quiet = new Map<string, { readonly since: number; left: number }>();

  /** How often this event came without being written, or undefined while it is to be kept quiet. */
  const repeats = (key: string): number | undefined => {
    const last = quiet.get(key);
    if (last !== undefined && now() - last.since < QUIET_MS) {
      last.left += 1;
      return undefined;
    }
    quiet.delete(key);
    quiet.set(key, { since: now(), left: 0 });
    const oldest = quiet.size > CAP ? quiet.keys().next().value : undefined;
    if (oldest !== undefined) quiet.delete(oldest);
    return last?.left ?? 0;
  };

  return (event) => {
    const { step, why, mac, name, text, fields, level } = event;
    const key = repeatKey(event);
    const left = key === undefined ? 0 : repeats(key);
    if (left === undefined) return;
    log[level]({ step, mac, name, why, ...fields, ...(left > 0 ? { repeated: left } : {}) }, text);
  };
}

/** What a repeat of this event has in common with it; undefined for what is written every time. */
function repeatKey({ step, why, mac, text, fields }: BootEvent): string | undefined {
  if (SHARED.has(why)) return `${step} ${why}`;
  if (!REPEATED.has(why)) return undefined;
  // A fault that belongs to no machine and no peer is told from others by its words.
  const { address = text, policy = '', because = '', relay } = fields;
  const who = (PER_RELAY.has(why) ? relay : undefined) ?? mac ?? address;
  return `${step} ${why} ${who} ${policy} ${because}`;
}

/** A fault that belongs to no machine. */
export function fault(step: BootEvent['step'], why: string, text: string): BootEvent {
  return { step, why, level: 'error', mac: undefined, name: undefined, text, fields: {} };
}
