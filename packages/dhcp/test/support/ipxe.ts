import type { BootServerAt, Booting } from './edk2.ts';
import { addressAt, cString, ipxeBootFile, siaddrOf, valueOf, yiaddrOf, type WireOption } from './readers.ts';

/**
 * iPXE's DHCP client, as far as offers go: written down from the requirements sheet (B-10, B-15, B-22; E rows 19 to 23),
 * apart from the code under test. It reads options leniently: the first instance counts, nothing is joined.
 */
export interface IpxeBooting extends Booting {
  /** Whether it waited for a proxy's offer. */
  readonly waited: boolean;
}

export function ipxe(offers: readonly Uint8Array[], ask: BootServerAt): IpxeBooting | undefined {
  const received = offers.filter((offer) => option(offer, 53)?.[0] === 2 && option(offer, 54)?.length === 4);
  const address = received.find((offer) => yiaddrOf(offer) !== '0.0.0.0');
  if (address === undefined) return undefined;
  if (saysNoProxy(address)) return { ...booting(address), waited: false };
  const proxy = received.find(isPxe);
  if (proxy === undefined) return ipxeBootFile(address) === '' ? undefined : { ...booting(address), waited: true };
  if (hasBootData(proxy)) return { ...booting(proxy), waited: true };
  const identifier = addressAt(option(proxy, 54) ?? new Uint8Array(4), 0);
  const answer = ask(identifier);
  return answer !== undefined && takesFrom4011(answer, identifier) ? { ...booting(answer), waited: true } : undefined;
}

/** What iPXE takes from port 4011: an OFFER or ACK with the identifier that it asked, and with something to boot. */
export function takesFrom4011(answer: Uint8Array, identifier: string): boolean {
  const type = option(answer, 53)?.[0];
  const named = option(answer, 54);
  return (type === 2 || type === 5) && named !== undefined && addressAt(named, 0) === identifier && hasBootData(answer);
}

/** 175.176 counts only in an offer with an address. */
function saysNoProxy(offer: Uint8Array): boolean {
  const features = option(offer, 175) ?? new Uint8Array(0);
  for (let at = 0; at + 1 < features.length; at += 2 + (features[at + 1] ?? 0)) {
    if (features[at] === 176) return features[at + 1] === 1 && features[at + 2] === 1;
  }
  return false;
}

const isPxe = (offer: Uint8Array) => cString(option(offer, 60)).startsWith('PXEClient');

/** A next server and a file, or a menu (43.9). Without siaddr even a URL is not looked at. */
function hasBootData(reply: Uint8Array): boolean {
  return (siaddrOf(reply) !== '0.0.0.0' && ipxeBootFile(reply) !== '') || menuOf(reply);
}

function menuOf(reply: Uint8Array): boolean {
  const bytes = option(reply, 43) ?? new Uint8Array(0);
  for (let at = 0; at < bytes.length && bytes[at] !== 255; at += 2 + (bytes[at + 1] ?? 0)) {
    if (bytes[at] === 9) return true;
  }
  return false;
}

const booting = (reply: Uint8Array): Booting => ({ file: ipxeBootFile(reply), server: siaddrOf(reply) });

/** The first instance of an option, with nothing asked about the rest. */
function option(reply: Uint8Array, code: number): Uint8Array | undefined {
  const options: WireOption[] = [];
  for (let at = 240; at < reply.length && reply[at] !== 255;) {
    if (reply[at] === 0) {
      at += 1;
      continue;
    }
    const length = reply[at + 1] ?? 0;
    options.push({ code: reply[at] ?? 0, value: reply.subarray(at + 2, at + 2 + length) });
    at += 2 + length;
  }
  return valueOf(options, code);
}
