import { expect } from 'vitest';
import { respondAsBootServer, type BootServerOutcome } from '../../src/rules/boot-server.ts';
import { sizeLimit } from '../../src/rules/content.ts';
import type { BootFields } from '../../src/rules/facts.ts';
import { intentOf } from '../../src/rules/intent.ts';
import { respondAsProxy, type ProxyFacts, type ProxyOutcome } from '../../src/rules/proxy.ts';
import { encode } from '../../src/wire/encode.ts';
import { read } from './ask.ts';
import { facts } from './facts.ts';
import { ascii, END, packet, quad, tlv } from './packets.ts';

/** Facts on a network where 10.0.0.2 gives the addresses and we are 10.0.0.1. */
export function beside(boot: BootFields | undefined): ProxyFacts {
  return facts({ boot });
}

/** What a proxy on port 67 says to one datagram. */
export function fromProxy(payload: Uint8Array, given: ProxyFacts): ProxyOutcome & { readonly bytes?: Uint8Array } {
  const message = read(payload);
  const intent = intentOf(message, { broadcast: true, isOurs: (id) => given.isOurs(id) });
  if (intent.kind === 'ignored') return expect.fail(`ignored: ${intent.why}`);
  const outcome = respondAsProxy({ message, intent }, given);
  const { reply } = outcome;
  return reply === undefined ? outcome : { ...outcome, bytes: encode(reply, sizeLimit(message)).bytes };
}

/** What port 4011 says to one datagram. */
export function from4011(
  payload: Uint8Array,
  given: ProxyFacts,
  from = { address: '10.0.0.77', port: 4011 },
): BootServerOutcome & { readonly bytes?: Uint8Array } {
  const message = read(payload);
  const outcome = respondAsBootServer(message, from, given);
  const { reply } = outcome;
  return reply === undefined ? outcome : { ...outcome, bytes: encode(reply, sizeLimit(message)).bytes };
}

/** The other server's OFFER: an address and nothing to boot. */
export function foreignOffer(more: readonly number[] = []): Uint8Array {
  const settings = [...tlv(54, quad('10.0.0.2')), ...tlv(51, [0, 0, 14, 16]), ...tlv(1, quad('255.255.255.0'))];
  return packet({ op: 2, yiaddr: '10.0.0.77', options: [...tlv(53, [2]), ...settings, ...more, END] });
}

export const PXE_CLIENT = tlv(60, ascii('PXEClient:Arch:00007:UNDI:003000'));
