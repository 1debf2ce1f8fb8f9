import type { Mac } from '@sower/net';
import { archOf, type Arch } from './arch.ts';
import { behavioursOf, QUIRKS, type Behaviour, type Quirk } from './quirks.ts';

/** What a DHCP client says about its firmware: options 60, 77, 93, 97, and whether 175 is there. Strings are untrusted. */
export interface BootOptions {
  readonly mac: Mac;
  /** Option 60. */
  readonly vendorClass: string | undefined;
  /** Option 77, already split into its strings. */
  readonly userClasses: readonly string[];
  /** Option 93, in the client's order; empty when absent. */
  readonly archs: readonly number[];
  /** The codes in option 175 (iPXE's own space), which name its features; undefined when it was not sent. */
  readonly ipxeFeatures: readonly number[] | undefined;
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
  /** Whether it can fetch a script by HTTP: only an iPXE that names its features and not this one cannot (B-23). */
  readonly speaksHttp: boolean;
  /** What else is to be minded with it. */
  readonly quirks: ReadonlySet<Behaviour>;
}

/** The user class (option 77) that our own iPXE scripts set; it tells them from any other iPXE (B-02). */
export const OUR_USER_CLASS = 'sower';

/** Code of HTTP among iPXE's features (iPXE, features.h). */
const HTTP_FEATURE = 19;

const IPXE_USER_CLASSES: ReadonlySet<string> = new Set(['iPXE', 'gPXE']);

/** What each class is known by, in the order in which it is tried (B-01 to B-06); a Pi is known by its quirk (B-04). */
const CLASSES: readonly (readonly [ClientClass, (options: BootOptions, quirks: ReadonlySet<Behaviour>) => boolean])[] =
  [
    ['http', ({ vendorClass }) => vendorClass?.startsWith('HTTPClient') === true],
    ['ours', ({ userClasses }) => userClasses.includes(OUR_USER_CLASS)],
    [
      'ipxe',
      ({ userClasses, ipxeFeatures }) =>
        ipxeFeatures !== undefined || userClasses.some((name) => IPXE_USER_CLASSES.has(name)),
    ],
    ['rpi', (_, quirks) => quirks.has('raspberry-pi')],
    ['pxe', ({ vendorClass }) => vendorClass?.startsWith('PXEClient') === true],
  ];

/** Classifies a client by what its packet says (B-01 to B-07); `own` are the quirks of the data file. */
export function clientOf(options: BootOptions, own: readonly Quirk[] = []): Client {
  const quirks = behavioursOf(options, [...QUIRKS, ...own]);
  const known = CLASSES.find(([, matches]) => matches(options, quirks));
  const speaksHttp = options.ipxeFeatures?.includes(HTTP_FEATURE) ?? true;
  return { class: known?.[0] ?? 'plain', arch: architecture(options), speaksHttp, quirks };
}

/** B-07: the first registered code of option 93, else the one spelt out in option 60. */
function architecture({ archs, vendorClass }: BootOptions): Arch | undefined {
  const told = archs.map(archOf).find((arch) => arch !== undefined);
  if (told !== undefined) return told;
  const spelt = /^(?:PXE|HTTP)Client:Arch:(\d{5})/.exec(vendorClass ?? '')?.[1];
  return spelt === undefined ? undefined : archOf(Number(spelt));
}
