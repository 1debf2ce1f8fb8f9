import { addressAt, cString, edk2BootFile, fileOf, readStrictly, siaddrOf, valueOf, yiaddrOf } from './readers.ts';

/**
 * EDK2's two network boot clients, as far as offers go: written down from the requirements sheet (B-10 to B-12; E rows 1
 * to 6, 10, 15, 18), apart from the code under test. A reply that the strict reader refuses was never received.
 */
export interface Booting {
  readonly file: string;
  /** Where a file without a URL comes from. */
  readonly server: string;
}

type OfferType = 'dhcp-only' | 'dhcp-pxe10' | 'dhcp-binl' | 'proxy-pxe10' | 'proxy-binl';

/** A port 4011: what it answers to a request sent to this address. */
export type BootServerAt = (server: string) => Uint8Array | undefined;

/** What EDK2's PXE client boots of the offers that it collected. `keepsProxyPxe10`: whether its build is of those that do. */
export function edk2Pxe(offers: readonly Uint8Array[], ask: BootServerAt, keepsProxyPxe10 = true): Booting | undefined {
  const received = offers.filter(isReadable).filter((offer) => messageTypeOf(offer) === 2);
  const first = (type: OfferType) =>
    type === 'proxy-pxe10' && !keepsProxyPxe10 ? undefined : received.find((offer) => offerType(offer) === type);
  const plain = first('dhcp-only');
  const ready = first('dhcp-pxe10') ?? (plain && first('proxy-pxe10'));
  if (ready !== undefined) return takesFileAtHand(ready) ? booting(ready) : undefined;
  const binl = first('dhcp-binl') ?? (plain && first('proxy-binl'));
  if (binl !== undefined) {
    const answer = ask(binlServer(binl));
    return answer !== undefined && isReadable(answer) && acknowledges(answer) ? booting(answer) : undefined;
  }
  const withFile = received.find((offer) => offerType(offer) === 'dhcp-only' && edk2BootFile(offer) !== '');
  return withFile === undefined ? undefined : booting(withFile);
}

/** What EDK2's HTTP Boot client boots: an offer of its own class with a URL that needs no resolver, or names one. */
export function edk2Http(offers: readonly Uint8Array[]): string | undefined {
  const received = offers.filter(isReadable).filter((offer) => messageTypeOf(offer) === 2);
  const urls = received.filter(isHttpOffer).filter((offer) => isUsableUrl(edk2BootFile(offer), hasResolver(offer)));
  const whole = urls.find((offer) => yiaddrOf(offer) !== '0.0.0.0');
  const proxy = urls.find((offer) => yiaddrOf(offer) === '0.0.0.0');
  const hasAddress = received.some((offer) => yiaddrOf(offer) !== '0.0.0.0');
  const chosen = whole ?? (hasAddress ? proxy : undefined);
  return chosen === undefined ? undefined : edk2BootFile(chosen);
}

function isReadable(reply: Uint8Array): boolean {
  try {
    return readStrictly(reply).length > 0;
  } catch {
    return false;
  }
}

const option = (reply: Uint8Array, code: number) => valueOf(readStrictly(reply), code);
const messageTypeOf = (reply: Uint8Array) => option(reply, 53)?.[0];
const vendorClassOf = (reply: Uint8Array) => cString(option(reply, 60));

function offerType(offer: Uint8Array): OfferType {
  const from = yiaddrOf(offer) === '0.0.0.0' ? 'proxy' : 'dhcp';
  if (!vendorClassOf(offer).startsWith('PXEClient')) return 'dhcp-only';
  return vendorTags(offer).some(({ tag }) => tag >= 6 && tag <= 10) ? `${from}-pxe10` : `${from}-binl`;
}

/** The tags of option 43; an overrun ends them. */
function vendorTags(reply: Uint8Array): readonly { readonly tag: number; readonly value: Uint8Array }[] {
  const bytes = option(reply, 43) ?? new Uint8Array(0);
  const tags: { tag: number; value: Uint8Array }[] = [];
  for (let at = 0; at < bytes.length;) {
    const tag = bytes[at] ?? 0;
    if (tag === 255) break;
    const length = tag === 0 ? -1 : (bytes[at + 1] ?? 0);
    if (tag !== 0) tags.push({ tag, value: bytes.subarray(at + 2, at + 2 + length) });
    at += 2 + length;
  }
  return tags;
}

/** Bit 3 of tag 6: no discovery where there is a boot file. */
function takesFileAtHand(offer: Uint8Array): boolean {
  const control = vendorTags(offer).find(({ tag }) => tag === 6)?.value[0] ?? 0;
  return (control & 8) !== 0 && edk2BootFile(offer) !== '';
}

/** The siaddr of the header, else option 54. */
function binlServer(offer: Uint8Array): string {
  const next = siaddrOf(offer);
  return next === '0.0.0.0' ? addressAt(option(offer, 54) ?? new Uint8Array(4), 0) : next;
}

function acknowledges(answer: Uint8Array): boolean {
  return messageTypeOf(answer) === 5 && vendorClassOf(answer).startsWith('PXEClient') && edk2BootFile(answer) !== '';
}

/** B-08b: siaddr, else option 54. */
function booting(reply: Uint8Array): Booting {
  return { file: edk2BootFile(reply), server: binlServer(reply) };
}

function isHttpOffer(offer: Uint8Array): boolean {
  return vendorClassOf(offer).startsWith('HTTPClient') && (option(offer, 67) !== undefined || fileOf(offer) !== '');
}

const hasResolver = (offer: Uint8Array) => option(offer, 6) !== undefined;

/** An absolute URL whose host is an address, or a name with a resolver; the path says that it is an image (B-13). */
function isUsableUrl(text: string, resolver: boolean): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, pathname } = new URL(text);
  const isAddress = /^\d+\.\d+\.\d+\.\d+$/.test(hostname);
  return protocol === 'http:' && (isAddress || resolver) && /\.(?:efi|iso|img)$/i.test(pathname);
}
