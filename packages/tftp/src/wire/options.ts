import type { Option } from './packet.ts';

/** What both sides have agreed on for one transfer. Without any option these are the values of RFC 1350. */
export interface Terms {
  /** Payload bytes of a full block (RFC 2348). */
  readonly blksize: number;
  /** Blocks sent before an ACK is due (RFC 7440). */
  readonly windowsize: number;
  /** Fixed retransmission time in seconds that the client asked for (RFC 2349). */
  readonly timeout: number | undefined;
}

/** What this side allows. */
export interface Offer {
  /** Biggest payload of a block, in bytes. */
  readonly blksizeMax: number;
  /** Biggest window, in blocks. */
  readonly windowMax: number;
  /** True size of the file, or undefined when it must not be told (netascii, C-11). */
  readonly size: number | undefined;
}

/** The result of a negotiation: the OACK's options, in request order and empty when there is none to send, and the terms. */
export interface Negotiated {
  readonly accepted: readonly Option[];
  readonly terms: Terms;
}

/** IP, UDP and TFTP headers are 32 bytes (C-08). */
export const HEADERS = 32;

export const WINDOW_MAX = 32;

type Rule = (asked: number, offer: Offer) => number | undefined;

const between = (value: number, low: number, high: number) => (low <= value && value <= high ? value : undefined);

/** Each option that is understood: what is answered to a number asked for; undefined leaves the option out. */
const RULES: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  // RFC 2348: 8 to 65464; never more than asked for (C-08)
  ['blksize', (asked, offer) => capped(between(asked, 8, 65464), offer.blksizeMax)],
  // RFC 2349: the client sends 0, the true size comes back (C-11)
  ['tsize', (_asked, offer) => offer.size],
  // RFC 2349: 1 to 255 seconds, echoed unchanged (C-12)
  ['timeout', (asked) => between(asked, 1, 255)],
  // RFC 7440 section 3: 1 to 65535 blocks (C-13)
  ['windowsize', (asked, offer) => capped(between(asked, 1, 65535), offer.windowMax)],
]);

/**
 * Answers the options of a request (C-06 to C-08, C-11 to C-13).
 * Unknown names, bad values and repetitions are left out, never an error (C-07).
 */
export function negotiate(asked: readonly Option[], offer: Offer): Negotiated {
  const answers = new Map<string, number>();
  for (const [name, value] of asked) {
    const key = name.toLowerCase();
    const number = decimal(value);
    const answer = number === undefined ? undefined : RULES.get(key)?.(number, offer);
    if (answer !== undefined && !answers.has(key)) answers.set(key, answer);
  }
  return { accepted: [...answers].map(([name, value]) => [name, String(value)]), terms: termsOf(answers) };
}

/** The terms that an OACK lays down, as its receiver reads them. */
export function termsFrom(options: readonly Option[]): Terms {
  const numbers = options.flatMap(([name, value]): readonly (readonly [string, number])[] => {
    const number = decimal(value);
    return number === undefined ? [] : [[name.toLowerCase(), number]];
  });
  return termsOf(new Map(numbers));
}

function termsOf(values: ReadonlyMap<string, number>): Terms {
  return {
    blksize: values.get('blksize') ?? 512,
    windowsize: values.get('windowsize') ?? 1,
    timeout: values.get('timeout'),
  };
}

/** Plain decimal digits only: GRUB and others would read "0x200" or "1e3" in their own way. */
function decimal(text: string): number | undefined {
  return /^[0-9]{1,15}$/.test(text) ? Number(text) : undefined;
}

function capped(value: number | undefined, max: number): number | undefined {
  return value === undefined ? undefined : Math.min(value, max);
}
