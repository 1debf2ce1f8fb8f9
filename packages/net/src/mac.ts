declare const macBrand: unique symbol;

/** An Ethernet address in its one canonical form: lower case, colons ("52:54:00:aa:bb:01"). */
export type Mac = string & { readonly [macBrand]: 'Mac' };

/** The written forms that are read (D-11): one separator throughout, an optional ARP hardware type in front (PXELINUX). */
const FORMS: readonly RegExp[] = [
  /^(?:01:)?([0-9a-f]{2}(?::[0-9a-f]{2}){5})$/,
  /^(?:01-)?([0-9a-f]{2}(?:-[0-9a-f]{2}){5})$/,
  /^([0-9a-f]{12})$/,
  /^([0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4})$/,
];

/** Reads a MAC address in any form of D-11 (colons, hyphens, bare hex, Cisco dots; either case; `01-` in front). */
export function parseMac(text: string): Mac | undefined {
  if (text.length > 20) return undefined;
  const lower = text.toLowerCase();
  for (const form of FORMS) {
    const digits = form.exec(lower)?.[1]?.replaceAll(/[:.-]/g, '');
    if (digits !== undefined) return fromHex(digits);
  }
  return undefined;
}

/** Makes a MAC of the first six bytes (a chaddr field). Throws RangeError when there are fewer. */
export function macFromBytes(bytes: Uint8Array): Mac {
  if (bytes.length < 6) throw new RangeError(`a MAC address has 6 bytes, not ${bytes.length}`);
  let text = pair(bytes[0]);
  for (let at = 1; at < 6; at += 1) text += `:${pair(bytes[at])}`;
  return text as Mac;
}

/** Each byte as two digits: every packet asks for a dozen of them. */
const PAIRS: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

function pair(byte: number | undefined): string {
  return PAIRS[byte ?? 0] ?? '';
}

function fromHex(digits: string): Mac {
  return (digits.match(/../g) ?? []).join(':') as Mac;
}
