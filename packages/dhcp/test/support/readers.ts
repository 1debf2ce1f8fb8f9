/**
 * What real clients accept, written down from the requirements sheet (A-23, A-41, A-42, B-10, B-12; E rows 1 to 5, 10,
 * 20 to 22) and not from the code under test. They read bytes, as the clients do.
 */

/** The options of a reply in wire order. */
export interface WireOption {
  readonly code: number;
  readonly value: Uint8Array;
}

/** Lengths that EDK2 insists on; an option that is not listed may have any length but 0. */
const EDK2_LENGTHS: ReadonlyMap<number, (length: number) => boolean> = new Map([
  [1, (length: number) => length === 4],
  [3, (length: number) => length % 4 === 0],
  [6, (length: number) => length % 4 === 0],
  [28, (length: number) => length === 4],
  [42, (length: number) => length % 4 === 0],
  [50, (length: number) => length === 4],
  [51, (length: number) => length === 4],
  [52, (length: number) => length === 1],
  [53, (length: number) => length === 1],
  [54, (length: number) => length === 4],
  [57, (length: number) => length === 2],
  [58, (length: number) => length === 4],
  [59, (length: number) => length === 4],
]);

/** Reads a reply as strictly as EDK2: throws with the reason for which EDK2 drops it. */
export function readStrictly(reply: Uint8Array): readonly WireOption[] {
  if (reply.length > 1472) throw new Error(`${reply.length} bytes, EDK2 ignores more than 1472`);
  if (reply.length < 300) throw new Error(`${reply.length} bytes, shorter than BOOTP`);
  if (reply[0] !== 2) throw new Error('op is not 2');
  if (Buffer.from(reply).readUInt32BE(236) !== 0x63825363) throw new Error('no cookie');
  const options: WireOption[] = [];
  for (let at = 240; ;) {
    const code = reply[at];
    if (code === undefined) throw new Error('no END');
    if (code === 255) {
      if (reply.subarray(at + 1).some((byte) => byte !== 0)) throw new Error('bytes behind END');
      return options;
    }
    if (code === 0) throw new Error('padding between options');
    const length = reply[at + 1] ?? 0;
    if (length === 0) throw new Error(`option ${code} is empty`);
    const fits = EDK2_LENGTHS.get(code);
    if (fits !== undefined && !fits(length)) throw new Error(`option ${code} has ${length} bytes`);
    if (at + 2 + length > reply.length) throw new Error(`option ${code} overruns`);
    options.push({ code, value: reply.subarray(at + 2, at + 2 + length) });
    at += 2 + length;
  }
}

/** The first instance of an option, as every loader reads it. */
export function valueOf(options: readonly WireOption[], code: number): Uint8Array | undefined {
  return options.find((option) => option.code === code)?.value;
}

export function codesOf(options: readonly WireOption[]): readonly number[] {
  return options.map(({ code }) => code);
}

/** Text up to the first NUL, as a C program reads it. */
export function cString(bytes: Uint8Array | undefined): string {
  const text = Buffer.from(bytes ?? []).toString('latin1');
  return text.split('\0', 1)[0] ?? '';
}

export const fileOf = (reply: Uint8Array) => cString(reply.subarray(108, 236));
export const addressAt = (reply: Uint8Array, at: number) => Array.from(reply.subarray(at, at + 4)).join('.');
export const yiaddrOf = (reply: Uint8Array) => addressAt(reply, 16);
export const siaddrOf = (reply: Uint8Array) => addressAt(reply, 20);

/** How EDK2's PXE driver sorts an offer with an address: by 60 and the boot server tags in 43. */
export function edk2Kind(reply: Uint8Array): 'dhcp-with-boot-file' | 'binl' | 'pxe10' | 'http' | 'dhcp-only' {
  const options = readStrictly(reply);
  const vendorClass = cString(valueOf(options, 60));
  if (vendorClass.startsWith('HTTPClient')) return 'http';
  if (vendorClass.startsWith('PXEClient')) {
    const first = valueOf(options, 43)?.[0] ?? 0;
    return first >= 6 && first <= 10 ? 'pxe10' : 'binl';
  }
  return edk2BootFile(reply) === '' ? 'dhcp-only' : 'dhcp-with-boot-file';
}

/** EDK2 prefers 67; the byte behind the option becomes NUL when the text has none. */
export function edk2BootFile(reply: Uint8Array): string {
  return cString(valueOf(readStrictly(reply), 67)) || fileOf(reply);
}

/** iPXE prefers `file`, and takes the first 67 otherwise. */
export function ipxeBootFile(reply: Uint8Array): string {
  return fileOf(reply) || cString(valueOf(readStrictly(reply), 67));
}

/** shim reads nothing but the header. */
export const shimBootFile = fileOf;

/** Whether iPXE waits for a proxy after this offer. */
export function ipxeWaitsForProxy(offer: Uint8Array): boolean {
  const value = valueOf(readStrictly(offer), 175) ?? new Uint8Array(0);
  return !(value[0] === 176 && value[1] === 1 && value[2] === 1);
}

/** EDK2 compares the ACK with the OFFER that it chose; a difference makes it DECLINE or drop. */
export function edk2AcceptsAck(offer: Uint8Array, ack: Uint8Array): boolean {
  const identity = (reply: Uint8Array) =>
    [reply.subarray(4, 8), reply.subarray(16, 20), reply.subarray(28, 34), valueOf(readStrictly(reply), 54)].map(
      (bytes) => Buffer.from(bytes ?? []).toString('hex'),
    );
  return identity(offer).join() === identity(ack).join();
}
