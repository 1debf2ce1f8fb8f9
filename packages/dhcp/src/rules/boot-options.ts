import { formatIPv4, type Mac } from '@sower/net';
import { concat } from '../wire/bytes.ts';
import { option, type OptionBytes } from '../wire/option-set.ts';
import { OPTIONS } from '../wire/options.ts';
import { textBytes } from '../wire/text.ts';
import type { BootFields } from './facts.ts';

/** What a class gets besides siaddr, `file`, 66 and 67: the "full" rows of B.2. */
interface ClassRow {
  /** Option 60. UEFI that sees PXEClient without 43 asks port 4011 and forgets the boot file (B-10). */
  readonly vendorClass: string | undefined;
  /** Raspberry Pi ROMs look for their own words in option 43 (B-24). */
  readonly raspberryMenu: boolean;
  /** iPXE waits two seconds for a proxy unless 175.176 is 1 (B-22). */
  readonly noProxy: boolean;
}

const NOTHING: ClassRow = { vendorClass: undefined, raspberryMenu: false, noProxy: false };

const CLASSES: Readonly<Record<BootFields['class'], ClassRow>> = {
  pxe: NOTHING,
  http: { ...NOTHING, vendorClass: 'HTTPClient' },
  ipxe: { ...NOTHING, noProxy: true },
  ours: { ...NOTHING, noProxy: true },
  rpi: { ...NOTHING, vendorClass: 'PXEClient', raspberryMenu: true },
};

/** The longest name that fits `file` with its NUL; a longer one goes into 67 only. */
const FILE_MAX = 127;

/** The `file` field for a boot file. */
export function fileField(boot: BootFields): string {
  return textBytes(boot.file).length <= FILE_MAX ? boot.file : '';
}

/** The options that say what to boot, the same in OFFER and ACK (A-23, A-48, B.2). */
export function bootOptions(boot: BootFields, client: Mac | undefined): readonly OptionBytes[] {
  const { vendorClass, raspberryMenu, noProxy } = CLASSES[boot.class];
  return [
    ...(vendorClass === undefined ? [] : [option(OPTIONS.vendorClass, vendorClass)]),
    ...(raspberryMenu ? [raspberryPiOptions(client)] : []),
    ...(noProxy ? [option(OPTIONS.ipxe, [{ code: 176, bytes: Uint8Array.of(1) }])] : []),
    option(OPTIONS.tftpServerName, formatIPv4(boot.nextServer)),
    option(OPTIONS.bootFile, boot.file),
  ];
}

/** The ROM of the first boards compares the menu text with three blanks behind it (B-24). */
const FIRST_BOARDS = 'b8:27:eb:';

/**
 * Option 43 for a Raspberry Pi: discovery control 3, prompt "PXE" without delay, one menu entry (B-24; PXE 2.1 tags 6,
 * 10, 9).
 */
function raspberryPiOptions(client: Mac | undefined): OptionBytes {
  const text = textBytes(`Raspberry Pi Boot${client?.startsWith(FIRST_BOARDS) === true ? '   ' : ''}`);
  const menu = option(OPTIONS.vendorOptions, [
    { code: 6, bytes: Uint8Array.of(3) },
    { code: 10, bytes: concat([Uint8Array.of(0), textBytes('PXE')]) },
    { code: 9, bytes: concat([Uint8Array.of(0, 0, text.length), text]) },
  ]);
  return { code: menu.code, bytes: concat([menu.bytes, Uint8Array.of(255)]) };
}
