declare const ipv4Brand: unique symbol;

/** An IPv4 address as an unsigned 32-bit number, most significant octet first (192.0.2.1 is 0xc0000201). */
export type IPv4 = number & { readonly [ipv4Brand]: 'IPv4' };

const OCTET = '(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])';
const DOTTED = new RegExp(`^${OCTET}\\.${OCTET}\\.${OCTET}\\.${OCTET}$`);

/** Makes an address of any number, modulo 2^32. */
export function ipv4(value: number): IPv4 {
  return (value >>> 0) as IPv4;
}

/** Reads a dotted quad without leading zeros ("010.0.0.1" is refused: some parsers read it as octal). */
export function parseIPv4(text: string): IPv4 | undefined {
  const match = DOTTED.exec(text);
  if (match === null) return undefined;
  const [, a, b, c, d] = match;
  return ipv4(Number(a) * 0x1000000 + Number(b) * 0x10000 + Number(c) * 0x100 + Number(d));
}

/** Writes the dotted quad. */
export function formatIPv4(address: IPv4): string {
  return `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`;
}

/** 0.0.0.0: "no address yet" in every DHCP field. */
export const ANY: IPv4 = ipv4(0);

/** 255.255.255.255: everybody on this link. */
export const LIMITED_BROADCAST: IPv4 = ipv4(0xffffffff);

/** Whether a host could own this address: not 0/8, not loopback, not multicast or class E (RFC 1122 section 3.2.1.3). */
export function isHostAddress(address: IPv4): boolean {
  const first = address >>> 24;
  return first !== 0 && first !== 127 && first < 224;
}
