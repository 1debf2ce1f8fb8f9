import { formatIPv4 } from '@sower/net';
import { concat } from '../wire/bytes.ts';
import { option, type OptionBytes } from '../wire/option-set.ts';
import { OPTIONS } from '../wire/options.ts';
import type { SubOption } from '../wire/structures.ts';
import { textBytes } from '../wire/text.ts';
import type { BootFields, Menu } from './facts.ts';

/** What a class gets besides siaddr and `file`: the table of B.2. */
interface ClassRow {
  /** Option 60 where the address comes from here. UEFI that sees PXEClient without 43 asks port 4011 (B-10). */
  readonly full: 'PXEClient' | 'HTTPClient' | undefined;
  /** Option 60 of a proxy and of the boot server. HTTP Boot discards everybody else's offers (B-11). */
  readonly proxy: 'PXEClient' | 'HTTPClient';
  readonly menu: Menu | undefined;
  /** iPXE waits two seconds for a proxy unless 175.176 is 1, which counts only in an offer with an address (B-22). */
  readonly noProxy: boolean;
}

const PXE: ClassRow = { full: undefined, proxy: 'PXEClient', menu: undefined, noProxy: false };

const CLASSES: Readonly<Record<BootFields['class'], ClassRow>> = {
  pxe: PXE,
  http: { ...PXE, full: 'HTTPClient', proxy: 'HTTPClient' },
  ipxe: { ...PXE, noProxy: true },
  ours: { ...PXE, noProxy: true },
  rpi: { ...PXE, full: 'PXEClient', menu: 'raspberry-pi' },
};

/** The longest name that fits `file` with its NUL; a longer one goes into 67 only. */
const FILE_MAX = 127;

/** The `file` field for a boot file. */
export function fileField({ file }: BootFields): string {
  return textBytes(file).length <= FILE_MAX ? file : '';
}

/** The options of an OFFER or ACK with an address that say what to boot, the same in both (A-23, A-48, B.2 "full"). */
export function bootOptions(boot: BootFields): readonly OptionBytes[] {
  const { full, noProxy, menu: usual } = CLASSES[boot.class];
  const menu = boot.menu ?? usual;
  const vendorClass = menu === undefined ? full : 'PXEClient';
  return [
    ...(vendorClass === undefined ? [] : [option(OPTIONS.vendorClass, vendorClass)]),
    ...menuOption(menu),
    ...(noProxy ? [option(OPTIONS.ipxe, [{ code: 176, bytes: Uint8Array.of(1) }])] : []),
    ...locationOptions(boot),
  ];
}

/** The options of a proxy's OFFER (B.2 "proxy OFFER"): 67 only where `file` is not looked at, or cannot hold it. */
export function proxyOptions(boot: BootFields): readonly OptionBytes[] {
  const { proxy, menu } = CLASSES[boot.class];
  return [
    option(OPTIONS.vendorClass, proxy),
    ...menuOption(boot.menu ?? menu),
    ...(boot.class === 'http' || fileField(boot) === '' ? [option(OPTIONS.bootFile, boot.file)] : []),
  ];
}

/** The options of an answer from port 4011 (B.2, last row). `item` is 43.71 as the client asked for it (B-20). */
export function bootServerOptions(boot: BootFields, item: Uint8Array | undefined): readonly OptionBytes[] {
  return [
    option(OPTIONS.vendorClass, CLASSES[boot.class].proxy),
    ...(item === undefined ? [] : [vendorOption([{ code: 71, bytes: item }])]),
    ...locationOptions(boot),
  ];
}

function locationOptions(boot: BootFields): readonly OptionBytes[] {
  return [option(OPTIONS.tftpServerName, formatIPv4(boot.nextServer)), option(OPTIONS.bootFile, boot.file)];
}

/** PXE 2.1 tag 6: 8 is "take the boot file at hand", 3 is "neither broadcast nor multicast". */
const MENUS: Readonly<Record<Menu, readonly SubOption[]>> = {
  'skip-discovery': [{ code: 6, bytes: Uint8Array.of(8) }],
  'raspberry-pi': raspberryPi('Raspberry Pi Boot'),
  'raspberry-pi-padded': raspberryPi('Raspberry Pi Boot   '),
};

function menuOption(menu: Menu | undefined): readonly OptionBytes[] {
  return menu === undefined ? [] : [vendorOption(MENUS[menu])];
}

/** Discovery control, prompt "PXE" without delay, one menu entry of type 0 (B-24; PXE 2.1 tags 6, 10, 9). */
function raspberryPi(entry: string): readonly SubOption[] {
  const text = textBytes(entry);
  return [
    { code: 6, bytes: Uint8Array.of(3) },
    { code: 10, bytes: concat([Uint8Array.of(0), textBytes('PXE')]) },
    { code: 9, bytes: concat([Uint8Array.of(0, 0, text.length), text]) },
  ];
}

/** Option 43 with its own end, which PXE wants and RFC 2132 does not. */
function vendorOption(list: readonly SubOption[]): OptionBytes {
  const { code, bytes } = option(OPTIONS.vendorOptions, list);
  return { code, bytes: concat([bytes, Uint8Array.of(255)]) };
}
