import { formatIPv4 } from '@sower/net';
import { describe, expect, test } from 'vitest';
import { intentOf } from '../src/rules/intent.ts';
import { linkOf } from '../src/rules/link.ts';
import { read } from './support/ask.ts';
import { ip } from './support/facts.ts';
import { d0, quad, request, tlv } from './support/packets.ts';

const SERVER = ip('10.0.0.1');

function linkText(payload: Uint8Array, broadcast: boolean): string {
  const message = read(payload);
  const intent = intentOf(message, { broadcast, isOurs: () => true });
  if (intent.kind === 'ignored') return expect.fail(intent.why);
  const { by, address } = linkOf({ message, intent, broadcast, server: SERVER });
  return `${by} ${formatIPv4(address)}`;
}

/** Every way in which the five things that can tell a link are there or not. */
const COMBINATIONS = Array.from({ length: 32 }, (_, bits) => ({
  linkSelection: (bits & 16) !== 0,
  subnetSelection: (bits & 8) !== 0,
  relay: (bits & 4) !== 0,
  ciaddr: (bits & 2) !== 0,
  unicast: (bits & 1) !== 0,
}));

describe('A-14 where a client is', () => {
  test.each(COMBINATIONS)(
    'A-14 82.5 $linkSelection, 118 $subnetSelection, giaddr $relay, ciaddr $ciaddr, unicast $unicast',
    ({ linkSelection, subnetSelection, relay, ciaddr, unicast }) => {
      const options = [
        ...(linkSelection ? tlv(82, [5, 4, ...quad('10.5.0.0')]) : []),
        ...(subnetSelection ? tlv(118, quad('10.6.0.0')) : []),
        // Without ciaddr a REQUEST has to name its address in 50.
        ...(ciaddr ? [] : tlv(50, quad('10.0.0.50'))),
      ];
      const payload = request(options, {
        ...(relay ? { giaddr: '10.7.0.1' } : {}),
        ...(ciaddr ? { ciaddr: '10.8.0.50' } : {}),
      });
      const inOrder: readonly (readonly [boolean, string])[] = [
        [linkSelection && relay, 'link-selection 10.5.0.0'],
        [subnetSelection, 'subnet-selection 10.6.0.0'],
        [relay, 'relay 10.7.0.1'],
        [ciaddr && unicast, 'client 10.8.0.50'],
        [true, 'interface 10.0.0.1'],
      ];
      expect(linkText(payload, !unicast)).toBe(inOrder.find(([applies]) => applies)?.[1]);
    },
  );

  test('A-14 A-21 the ciaddr of a DISCOVER, or beside 50, tells nothing', () => {
    const here = 'interface 10.0.0.1';
    expect(linkText(d0([], { ciaddr: '10.8.0.50' }), false)).toBe(here);
    expect(linkText(request(tlv(50, quad('10.0.0.50')), { ciaddr: '10.8.0.50' }), false)).toBe(here);
  });
});

describe('A-10 what a relay says of the request', () => {
  const relayed = (options: readonly number[]) => {
    const message = read(request(options, { ciaddr: '10.0.0.51', giaddr: '10.0.0.9' }));
    return intentOf(message, { broadcast: false, isOurs: () => true }).kind;
  };
  test.each([
    ['82.10: it was unicast', tlv(82, [10, 1, 0x80]), 'renewing'],
    ['82.10: it was broadcast', tlv(82, [10, 1, 0]), 'rebinding'],
    ['82.10 of two bytes', tlv(82, [10, 2, 0x80, 0]), 'rebinding'],
    ['nothing', [], 'rebinding'],
  ])('A-10 A-20 %s: %s', (_, options, kind) => {
    expect(relayed(options)).toBe(kind);
  });
});
