/** What a machine sends in DHCP, and the part of an answer that it acts on; written for speed, without the product's codec. */

/** Which software asks: nothing but a host, UEFI's own network boot, or iPXE. */
export type Asker = 'host' | 'firmware' | 'ipxe';

/** What an OFFER or ACK says. */
export interface Answer {
  readonly kind: 'offer' | 'ack' | 'nak';
  readonly xid: number;
  readonly address: number;
  readonly server: number;
  /** Option 54. */
  readonly identifier: number;
  /** Option 67, else the field `file`; empty where there is none. */
  readonly file: string;
}

const OPTIONS_AT = 240;
const COOKIE = [0x63, 0x82, 0x53, 0x63];
const BROADCAST_FLAG = 0x80;

const text = (code: number, value: string): readonly number[] => [code, value.length, ...Buffer.from(value, 'latin1')];

const FIRMWARE_LIST = [55, 12, 1, 3, 6, 12, 15, 43, 54, 60, 66, 67, 97, 175];
const IPXE_LIST = [55, 12, 1, 3, 6, 7, 12, 15, 17, 43, 60, 66, 67, 175];
/** Option 57 as 1472, 94 as UNDI 3.0, 93 as x64 UEFI; iPXE's own option 175 with the features of its build. */
const FIRMWARE = [57, 2, 5, 192, 94, 3, 1, 3, 0, 93, 2, 0, 7];
const IPXE = [175, 18, 177, 5, 1, 128, 134, 16, 14, 24, 1, 1, 34, 1, 1, 19, 1, 1, 33, 1];

/** Options beside 53, 50 and 54, as these clients send them (captured from EDK2 and iPXE 1.0). */
const OWN_OPTIONS: Readonly<Record<Asker, readonly number[]>> = {
  host: [55, 7, 1, 28, 2, 3, 15, 6, 12],
  firmware: [...FIRMWARE, ...FIRMWARE_LIST, ...text(60, 'PXEClient:Arch:00007:UNDI:003000')],
  ipxe: [...FIRMWARE, ...IPXE_LIST, ...text(60, 'PXEClient:Arch:00007:UNDI:003010'), ...text(77, 'iPXE'), ...IPXE],
};

/** A DISCOVER that asks for a broadcast answer, as a machine without an address does. `mac` has six bytes. */
export function discover(xid: number, mac: Uint8Array, asker: Asker): Uint8Array {
  return packet(xid, mac, [53, 1, 1, ...OWN_OPTIONS[asker]]);
}

/** The REQUEST that takes this offer (RFC 2131 section 4.3.2, SELECTING). */
export function request(offer: Answer, mac: Uint8Array, asker: Asker): Uint8Array {
  const chosen = [54, 4, ...bytesOf(offer.identifier), 50, 4, ...bytesOf(offer.address)];
  return packet(offer.xid, mac, [53, 1, 3, ...chosen, ...OWN_OPTIONS[asker]]);
}

function packet(xid: number, mac: Uint8Array, options: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(Math.max(300, OPTIONS_AT + options.length + 1));
  bytes.set([1, 1, 6, 0, ...bytesOf(xid)]);
  bytes[10] = BROADCAST_FLAG;
  bytes.set(mac, 28);
  bytes.set(COOKIE, 236);
  bytes.set(options, OPTIONS_AT);
  bytes[OPTIONS_AT + options.length] = 255;
  return bytes;
}

const KINDS: Readonly<Record<number, Answer['kind']>> = { 2: 'offer', 5: 'ack', 6: 'nak' };

/** Reads an answer; undefined when it is none. */
export function answerOf(bytes: Uint8Array): Answer | undefined {
  if (bytes.length < OPTIONS_AT || bytes[0] !== 2) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let kind: Answer['kind'] | undefined;
  let identifier = 0;
  let file = '';
  let at = OPTIONS_AT;
  while (at + 1 < bytes.length && bytes[at] !== 255) {
    const code = bytes[at];
    if (code === 0) {
      at += 1;
      continue;
    }
    const length = bytes[at + 1] ?? 0;
    const value = at + 2;
    if (value + length > bytes.length) return undefined;
    if (code === 53) kind = KINDS[bytes[value] ?? 0];
    if (code === 54 && length === 4) identifier = view.getUint32(value);
    if (code === 67) file = latin1(bytes.subarray(value, value + length));
    at = value + length;
  }
  if (kind === undefined) return undefined;
  if (file === '' && bytes[108] !== 0) file = latin1(bytes.subarray(108, 236));
  return { kind, xid: view.getUint32(4), address: view.getUint32(16), server: view.getUint32(20), identifier, file };
}

/** Up to the first zero. */
function latin1(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return Buffer.from(end < 0 ? bytes : bytes.subarray(0, end)).toString('latin1');
}

function bytesOf(number: number): readonly number[] {
  return [number >>> 24, (number >>> 16) & 255, (number >>> 8) & 255, number & 255];
}
