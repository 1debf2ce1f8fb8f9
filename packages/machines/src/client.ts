import type { Mac } from '@sower/net';
import { archOf, type Arch } from './arch.ts';

/** What a DHCP client says about its firmware: options 60, 77, 93, 97, and whether 175 is there. Strings are untrusted. */
export interface BootOptions {
  readonly mac: Mac;
  /** Option 60. */
  readonly vendorClass: string | undefined;
  /** Option 77, already split into its strings. */
  readonly userClasses: readonly string[];
  /** Option 93, in the client's order; empty when absent. */
  readonly archs: readonly number[];
  /** The codes in option 175 (iPXE's own space); undefined when that was not sent. */
  readonly ipxeOptions: readonly number[] | undefined;
  /** Option 97 without its type byte: 16 bytes. */
  readonly uuid: Uint8Array | undefined;
}

/** B-01 to B-06, first match wins. */
export type ClientClass = 'http' | 'ours' | 'ipxe' | 'rpi' | 'pxe' | 'plain';

/** Who asks, as far as booting goes. */
export interface Client {
  readonly class: ClientClass;
  /** Undefined: none told, or a code that is not in the table. */
  readonly arch: Arch | undefined;
  /** An iPXE that says what it can, and not HTTP among it (B-23): no script of ours is within its reach. */
  readonly lacksHttp: boolean;
}

/** The user class (option 77) that our own iPXE scripts set; it tells them from any other iPXE (B-02). */
export const OUR_USER_CLASS = 'sower';

const IPXE_USER_CLASSES: ReadonlySet<string> = new Set(['iPXE', 'gPXE']);

/** Address blocks of the Raspberry Pi makers (IEEE registry). */
const RPI_PREFIXES = ['b8:27:eb', 'dc:a6:32', 'e4:5f:01', 'd8:3a:dd', '2c:cf:67', '28:cd:c1', '88:a2:9e'];

/** What each class is known by, in the order in which it is tried (B-01 to B-06). */
const CLASSES: readonly (readonly [ClientClass, (options: BootOptions) => boolean])[] = [
  ['http', ({ vendorClass }) => vendorClass?.startsWith('HTTPClient') === true],
  ['ours', ({ userClasses }) => userClasses.includes(OUR_USER_CLASS)],
  [
    'ipxe',
    ({ userClasses, ipxeOptions }) =>
      ipxeOptions !== undefined || userClasses.some((name) => IPXE_USER_CLASSES.has(name)),
  ],
  ['rpi', (options) => isPxe(options) && isRaspberryPi(options)],
  ['pxe', isPxe],
];

/** Classifies a client by what its packet says (B-01 to B-07). */
export function clientOf(options: BootOptions): Client {
  const known = CLASSES.find(([, matches]) => matches(options));
  return {
    class: known?.[0] ?? 'plain',
    arch: architecture(options),
    lacksHttp: lacksHttp(options.ipxeOptions ?? []),
  };
}

/** Sub-options of 175 that name a feature (iPXE, features.h), and the one for HTTP. */
const FEATURES = { first: 16, last: 47, http: 19 };

function lacksHttp(codes: readonly number[]): boolean {
  const features = codes.filter((code) => code >= FEATURES.first && code <= FEATURES.last);
  return features.length > 0 && !features.includes(FEATURES.http);
}

/** B-07: the first registered code of option 93, else the one spelt out in option 60. */
function architecture({ archs, vendorClass }: BootOptions): Arch | undefined {
  const told = archs.map(archOf).find((arch) => arch !== undefined);
  if (told !== undefined) return told;
  const spelt = /^(?:PXE|HTTP)Client:Arch:(\d{5})/.exec(vendorClass ?? '')?.[1];
  return spelt === undefined ? undefined : archOf(Number(spelt));
}

function isPxe({ vendorClass }: BootOptions): boolean {
  return vendorClass?.startsWith('PXEClient') === true;
}

/** B-04: a Pi's own boot ROM. A Pi with EDK2 says architecture 11, and is an ordinary PXE client. */
function isRaspberryPi({ mac, archs, uuid }: BootOptions): boolean {
  if (!archs.every((code) => code === 0 || code === 41)) return false;
  return RPI_PREFIXES.some((prefix) => mac.startsWith(prefix)) || (uuid !== undefined && hasPiMark(uuid));
}

/** The ROM puts "RPi" and the model's digit into its UUID. */
function hasPiMark(uuid: Uint8Array): boolean {
  return /RPi\d/.test(String.fromCharCode(...uuid.subarray(0, 16)));
}
