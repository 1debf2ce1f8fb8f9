/** Builds datagrams byte by byte, apart from the code under test. */

/** Header fields of a datagram; addresses as dotted quads. */
export interface PacketFields {
  readonly op?: number;
  readonly htype?: number;
  readonly hlen?: number;
  readonly hops?: number;
  readonly xid?: number;
  readonly secs?: number;
  readonly flags?: number;
  readonly ciaddr?: string;
  readonly yiaddr?: string;
  readonly siaddr?: string;
  readonly giaddr?: string;
  readonly chaddr?: readonly number[];
  readonly sname?: readonly number[];
  readonly file?: readonly number[];
  readonly cookie?: readonly number[];
  /** Raw bytes behind the cookie; an END is not added. */
  readonly options?: readonly number[];
  /** Zero-filled up to this length; 300 by default. */
  readonly size?: number;
}

export const END = 255;
const CLIENT = [0x02, 0, 0, 0, 0, 0x01];

/** The four bytes of a dotted quad. */
export function quad(address: string): readonly number[] {
  return address.split('.').map(Number);
}

/** The bytes of an ASCII text. */
export function ascii(text: string): readonly number[] {
  return Array.from(text, (char) => char.charCodeAt(0));
}

/** Code, length, value. */
export function tlv(code: number, value: readonly number[]): readonly number[] {
  return [code, value.length, ...value];
}

export function packet(fields: PacketFields = {}): Uint8Array {
  const options = fields.options ?? [];
  const bytes = new Uint8Array(Math.max(240 + options.length, fields.size ?? 300));
  const put = (at: number, value: readonly number[]) => bytes.set(value, at);
  const xid = fields.xid ?? 0xdeadbeef;
  put(0, [fields.op ?? 1, fields.htype ?? 1, fields.hlen ?? 6, fields.hops ?? 0]);
  put(4, [xid >>> 24, (xid >>> 16) & 255, (xid >>> 8) & 255, xid & 255]);
  put(8, [(fields.secs ?? 0) >>> 8, (fields.secs ?? 0) & 255, (fields.flags ?? 0) >>> 8, (fields.flags ?? 0) & 255]);
  put(12, quad(fields.ciaddr ?? '0.0.0.0'));
  put(16, quad(fields.yiaddr ?? '0.0.0.0'));
  put(20, quad(fields.siaddr ?? '0.0.0.0'));
  put(24, quad(fields.giaddr ?? '0.0.0.0'));
  put(28, fields.chaddr ?? CLIENT);
  put(44, fields.sname ?? []);
  put(108, fields.file ?? []);
  put(236, fields.cookie ?? [0x63, 0x82, 0x53, 0x63]);
  put(240, options);
  return bytes;
}

export const DISCOVER = tlv(53, [1]);
export const REQUEST = tlv(53, [3]);

/** D0 of the requirements sheet, with more options between 55 and END. */
export function d0(more: readonly number[] = [], fields: PacketFields = {}): Uint8Array {
  return packet({ ...fields, options: [...DISCOVER, ...tlv(55, [1, 3, 6, 66, 67]), ...more, END] });
}

/** A REQUEST with these options. */
export function request(more: readonly number[] = [], fields: PacketFields = {}): Uint8Array {
  return packet({ ...fields, options: [...REQUEST, ...more, END] });
}
