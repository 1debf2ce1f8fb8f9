/** One option as it stands in a packet: name and value, both text. */
export type Option = readonly [name: string, value: string];

/** A packet of RFC 1350 and RFC 2347. Names, modes and messages are Latin-1: one character for each byte. */
export type Packet =
  | Request
  | { readonly type: 'data'; readonly block: number; readonly payload: Uint8Array }
  | { readonly type: 'ack'; readonly block: number }
  | { readonly type: 'error'; readonly code: number; readonly message: string }
  | { readonly type: 'oack'; readonly options: readonly Option[] };

/** A read (`rrq`) or write (`wrq`) request. */
export interface Request {
  readonly type: 'rrq' | 'wrq';
  readonly file: string;
  readonly mode: string;
  readonly options: readonly Option[];
}

/** Error codes of RFC 1350 section 5 and RFC 2347 that are used here (C-23). */
export const ERROR = {
  other: 0,
  missing: 1,
  forbidden: 2,
  illegal: 4,
  unknownTransfer: 5,
} as const;

const OPCODE = { rrq: 1, wrq: 2, data: 3, ack: 4, error: 5, oack: 6 } as const;

/** No client sends more, and a bigger one cannot have come in one Ethernet frame (C-03). */
const REQUEST_MAX = 1500;

/** ERROR texts are short, so that an answer to a forged request never grows (C-23). */
const MESSAGE_MAX = 64;

/** Reads a datagram; undefined when it is no TFTP packet. Never throws. A tail of options that is cut off or odd is left out (C-03). */
export function decode(bytes: Uint8Array): Packet | undefined {
  if (bytes.length < 4) return undefined;
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const number = buffer.readUInt16BE(2);
  switch (buffer.readUInt16BE(0)) {
    case OPCODE.rrq:
      return request('rrq', buffer);
    case OPCODE.wrq:
      return request('wrq', buffer);
    case OPCODE.data:
      return { type: 'data', block: number, payload: buffer.subarray(4) };
    case OPCODE.ack:
      return { type: 'ack', block: number };
    case OPCODE.error:
      return { type: 'error', code: number, message: messageOf(buffer) };
    case OPCODE.oack:
      return { type: 'oack', options: pairs(strings(buffer, 2)) };
    default:
      return undefined;
  }
}

/** The bytes of any packet. Block numbers go on the wire modulo 65,536 (C-17). */
export function encode(packet: Packet): Uint8Array {
  if (packet.type === 'ack') return numbers(OPCODE.ack, packet.block);
  if (packet.type === 'data') return Buffer.concat([numbers(OPCODE.data, packet.block), packet.payload]);
  if (packet.type === 'oack') return joined(OPCODE.oack, packet.options.flat());
  if (packet.type === 'error') return Buffer.concat([numbers(OPCODE.error, packet.code), text(shown(packet.message))]);
  return joined(OPCODE[packet.type], [packet.file, packet.mode, ...packet.options.flat()]);
}

/** Opcode and block number. */
export const DATA_HEADER = 4;

/** Writes the header of a DATA packet; the number goes on the wire modulo 65,536 (C-17). */
export function writeDataHeader(bytes: Uint8Array, at: number, block: number): void {
  bytes[at] = 0;
  bytes[at + 1] = OPCODE.data;
  bytes[at + 2] = (block >>> 8) & 255;
  bytes[at + 3] = block & 255;
}

/** A text fit for a log line or an ERROR packet: printable ASCII stays, every other byte becomes `\xNN`. */
export function printable(latin1: string): string {
  return latin1.replaceAll(/[^ -~]/g, (byte) => `\\x${byte.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

function shown(message: string): string {
  return printable(message).slice(0, MESSAGE_MAX);
}

function request(type: 'rrq' | 'wrq', buffer: Buffer): Request | undefined {
  if (buffer.length > REQUEST_MAX) return undefined;
  const [file, mode, ...rest] = strings(buffer, 2);
  return file === undefined || mode === undefined ? undefined : { type, file, mode, options: pairs(rest) };
}

/** The NUL-terminated strings from an offset on; one without its NUL does not count. */
function strings(buffer: Buffer, start: number): readonly string[] {
  const parts = buffer.toString('latin1', start).split('\0');
  return parts.slice(0, -1);
}

function pairs(texts: readonly string[]): readonly Option[] {
  const options: Option[] = [];
  for (let at = 0; at + 1 < texts.length; at += 2) options.push([texts[at] ?? '', texts[at + 1] ?? '']);
  return options;
}

/** Some clients leave the NUL of an ERROR out. */
function messageOf(buffer: Buffer): string {
  const [message = ''] = buffer.toString('latin1', 4).split('\0');
  return message;
}

function numbers(opcode: number, number: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt16BE(opcode, 0);
  bytes.writeUInt16BE(number % 65536, 2);
  return bytes;
}

function joined(opcode: number, texts: readonly string[]): Buffer {
  return Buffer.concat([Buffer.from([0, opcode]), ...texts.map(text)]);
}

function text(value: string): Buffer {
  return Buffer.from(`${value}\0`, 'latin1');
}
