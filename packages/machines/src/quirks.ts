import type { BootOptions } from './client.ts';

/**
 * What clients are recognised by. Fields that are there have to match, all of them; of a list one entry is enough.
 * Everything a client says is untrusted: a quirk changes how it is answered, never what it may have.
 */
export interface QuirkMatch {
  /** The first three bytes of the MAC address, as `b8:27:eb`. */
  readonly oui?: readonly string[];
  /** Beginnings of option 60. */
  readonly vendorClass?: readonly string[];
  /** One of the strings of option 77. */
  readonly userClass?: readonly string[];
  /** Every code of option 93 is in this list; `none` stands for a client that names no architecture. */
  readonly arch?: readonly (number | 'none')[];
  /** The UUID of option 97, in the byte order of 97 or as people write it (B-09), or a text that stands in its bytes. */
  readonly uuid?: readonly string[];
}

/** Everything that a quirk can do, and what it means. */
export const BEHAVIOURS = [
  ['raspberry-pi', 'a Raspberry Pi’s own boot ROM: option 43 holds the words that it looks for'],
  ['raspberry-pi-padded', 'the same words with three blanks behind them'],
  ['skip-discovery', 'a proxy’s OFFER says in option 43 that no boot server is to be looked for'],
  ['pxe-hints', 'options 60 and 43 as in skip-discovery, also where the address comes from here'],
  ['reply-delay', 'every DHCP answer is held back for two seconds'],
  ['no-boot-file', 'an address and nothing to boot'],
  ['no-answer', 'no DHCP answer at all'],
] as const;

export type Behaviour = (typeof BEHAVIOURS)[number][0];

/** One rule: who, what, and how we know. */
export interface Quirk {
  readonly match: QuirkMatch;
  readonly behaviour: Behaviour;
  readonly source: string;
}

/** Address blocks of the Raspberry Pi makers (IEEE registry). */
const RASPBERRY_PI = ['b8:27:eb', 'dc:a6:32', 'e4:5f:01', 'd8:3a:dd', '2c:cf:67', '28:cd:c1', '88:a2:9e'];
/** Newer boards put "RPi" and the model's digit into their UUID. */
const RASPBERRY_PI_MARKS = Array.from('0123456789', (digit) => `RPi${digit}`);
/** A Pi with EDK2 says architecture 11, and is an ordinary PXE client. */
const RASPBERRY_PI_ROM: QuirkMatch = { vendorClass: ['PXEClient'], arch: [0, 41, 'none'] };

/** The quirks that sower knows by itself. */
export const QUIRKS: readonly Quirk[] = [
  {
    match: { ...RASPBERRY_PI_ROM, oui: RASPBERRY_PI },
    behaviour: 'raspberry-pi',
    source: 'raspberrypi/documentation boot-net.adoc; IEEE registry of address blocks',
  },
  {
    match: { ...RASPBERRY_PI_ROM, uuid: RASPBERRY_PI_MARKS },
    behaviour: 'raspberry-pi',
    source: 'raspberrypi/rpi-eeprom#182',
  },
  {
    match: { ...RASPBERRY_PI_ROM, oui: ['b8:27:eb'] },
    behaviour: 'raspberry-pi-padded',
    source: 'raspberrypi/documentation boot-net.adoc; tinkerbell/smee AddRPIOpt43',
  },
  {
    match: { vendorClass: ['PXEClient'], arch: [0] },
    behaviour: 'skip-discovery',
    source: 'PXE 2.1 tag 6; dnsmasq rfc2131.c. Not for UEFI: some of it ignores such offers (pixiecore offerDHCP)',
  },
];

/** The behaviours that apply to a client. */
export function behavioursOf(options: BootOptions, quirks: readonly Quirk[]): ReadonlySet<Behaviour> {
  return new Set(quirks.filter(({ match }) => matches(options, match)).map(({ behaviour }) => behaviour));
}

function matches(options: BootOptions, { oui, vendorClass, userClass, arch, uuid }: QuirkMatch): boolean {
  const { archs } = options;
  return (
    (oui === undefined || oui.some((block) => options.mac.startsWith(`${block}:`))) &&
    (vendorClass === undefined || vendorClass.some((begin) => options.vendorClass?.startsWith(begin) === true)) &&
    (userClass === undefined || userClass.some((name) => options.userClasses.includes(name))) &&
    (arch === undefined || (archs.length === 0 ? arch.includes('none') : archs.every((code) => arch.includes(code)))) &&
    (uuid === undefined || uuid.some((wanted) => options.uuid !== undefined && isUuid(options.uuid, wanted)))
  );
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function isUuid(bytes: Uint8Array, wanted: string): boolean {
  if (!UUID.test(wanted)) return String.fromCharCode(...bytes.subarray(0, 16)).includes(wanted);
  const digits = wanted.replaceAll('-', '').toLowerCase();
  return [bytes, swapped(bytes)].some((order) => Buffer.from(order).toString('hex') === digits);
}

/** The other byte order of the first three fields (B-09). */
function swapped(uuid: Uint8Array): Uint8Array {
  return Uint8Array.from([3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15], (at) => uuid[at] ?? 0);
}
