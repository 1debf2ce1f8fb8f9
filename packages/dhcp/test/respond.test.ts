import { formatIPv4, ipv4 } from '@sower/net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sizeLimit } from '../src/rules/content.ts';
import type { Facts } from '../src/rules/facts.ts';
import { intentOf } from '../src/rules/intent.ts';
import { respond } from '../src/rules/respond.ts';
import { decode } from '../src/wire/decode.ts';
import { encode } from '../src/wire/encode.ts';
import { ask, read } from './support/ask.ts';
import { binding, boot, facts, ip, NETWORK, subnet } from './support/facts.ts';
import { ascii, d0, END, packet, quad, request, tlv } from './support/packets.ts';
import { addressAt, codesOf, readStrictly, valueOf, yiaddrOf } from './support/readers.ts';

const OURS = tlv(54, quad('10.0.0.1'));
const wants = (address: string) => tlv(50, quad(address));
const type = (number: number, more: readonly number[] = [], fields = {}) =>
  packet({ ...fields, options: [...tlv(53, [number]), ...more, END] });

const quiet: Facts['network'] = { ...NETWORK, authoritative: false };
const KNOWN = binding('10.0.0.50', ['10.0.0.50', '10.0.0.51']);
const LOST = binding('10.0.0.50', ['10.0.0.51']);
const UNKNOWN = binding(undefined, ['10.0.0.50']);
const FULL = binding(undefined, []);

const HAS = { ciaddr: '10.0.0.50' };
const RELAYED = { giaddr: '10.0.0.9' };

interface Expected {
  readonly why: string;
  /** Message type of the reply; undefined for silence. */
  readonly reply?: 2 | 5 | 6;
  readonly to?: string;
  readonly change?: object;
}

const bindTo = (address: string) => ({ kind: 'bind', address: ip(address), seconds: 43_200 });

/** One row a cell of table A.3: payload, facts, whether it was a broadcast. */
const ROWS: readonly (readonly [string, Uint8Array, Facts, boolean, Expected])[] = [
  [
    'DISCOVER',
    d0(),
    facts(),
    true,
    { why: 'offered', reply: 2, to: '255.255.255.255 client', change: { kind: 'hold', address: ip('10.0.0.50') } },
  ],
  ['DISCOVER, relay', d0([], RELAYED), facts(), false, { why: 'offered', reply: 2, to: '10.0.0.9 server' }],
  ['DISCOVER, none free', d0(), facts({ binding: FULL }), true, { why: 'no-free-address' }],
  [
    'DISCOVER, asks for a free one',
    d0(wants('10.0.0.51')),
    facts({ binding: KNOWN }),
    true,
    { why: 'offered', reply: 2, change: { kind: 'hold', address: ip('10.0.0.51') } },
  ],
  [
    'selecting, free',
    request([...OURS, ...wants('10.0.0.50')]),
    facts(),
    true,
    { why: 'bound', reply: 5, to: '255.255.255.255 client', change: bindTo('10.0.0.50') },
  ],
  [
    'selecting, relay',
    request([...OURS, ...wants('10.0.0.50')], RELAYED),
    facts(),
    false,
    { why: 'bound', reply: 5, to: '10.0.0.9 server' },
  ],
  [
    'selecting, taken',
    request([...OURS, ...wants('10.0.0.99')]),
    facts(),
    true,
    { why: 'nak-address-taken', reply: 6, to: '255.255.255.255 client' },
  ],
  [
    'selecting, taken, not authoritative',
    request([...OURS, ...wants('10.0.0.99')]),
    facts({ network: quiet }),
    true,
    { why: 'nak-address-taken', reply: 6 },
  ],
  [
    'selecting, taken, relay',
    request([...OURS, ...wants('10.0.0.99')], RELAYED),
    facts(),
    false,
    { why: 'nak-address-taken', reply: 6, to: '10.0.0.9 server' },
  ],
  [
    'foreign',
    request([...tlv(54, quad('10.0.0.66')), ...wants('10.0.0.50')]),
    facts(),
    true,
    { why: 'other-server-chosen', change: { kind: 'drop-hold' } },
  ],
  [
    'init-reboot, known and the same',
    request(wants('10.0.0.50')),
    facts({ binding: KNOWN }),
    true,
    { why: 'rebooted', reply: 5, to: '255.255.255.255 client', change: bindTo('10.0.0.50') },
  ],
  [
    'init-reboot, known and another',
    request(wants('10.0.0.51')),
    facts({ binding: KNOWN }),
    true,
    { why: 'nak-other-address', reply: 6 },
  ],
  [
    'init-reboot, known and another, not authoritative',
    request(wants('10.0.0.51')),
    facts({ binding: KNOWN, network: quiet }),
    true,
    { why: 'nak-other-address', reply: 6 },
  ],
  [
    'A-59 init-reboot, known but given away since',
    request(wants('10.0.0.50')),
    facts({ binding: LOST }),
    true,
    { why: 'nak-address-taken', reply: 6 },
  ],
  [
    'init-reboot, unknown',
    request(wants('10.0.0.50')),
    facts({ binding: UNKNOWN }),
    true,
    { why: 'nak-unknown-client', reply: 6 },
  ],
  [
    'A-25 init-reboot, unknown, not authoritative',
    request(wants('10.0.0.50')),
    facts({ binding: UNKNOWN, network: quiet }),
    true,
    { why: 'unknown-client' },
  ],
  [
    'init-reboot, address of another network',
    request(wants('192.168.7.7')),
    facts({ binding: UNKNOWN }),
    true,
    { why: 'nak-unknown-client', reply: 6 },
  ],
  [
    'init-reboot, address of another network, not authoritative',
    request(wants('192.168.7.7')),
    facts({ binding: UNKNOWN, network: quiet }),
    true,
    { why: 'unknown-client' },
  ],
  [
    'renewing, known',
    request([], HAS),
    facts({ binding: KNOWN }),
    false,
    { why: 'renewed', reply: 5, to: '10.0.0.50 client', change: bindTo('10.0.0.50') },
  ],
  [
    'A-59 renewing, known but given away since',
    request([], HAS),
    facts({ binding: LOST }),
    false,
    { why: 'nak-address-taken', reply: 6, to: '255.255.255.255 client' },
  ],
  [
    'renewing, unknown, free',
    request([], HAS),
    facts({ binding: UNKNOWN }),
    false,
    { why: 'recreated', reply: 5, to: '10.0.0.50 client', change: bindTo('10.0.0.50') },
  ],
  [
    'renewing, unknown, taken',
    request([], HAS),
    facts({ binding: FULL }),
    false,
    { why: 'nak-unknown-client', reply: 6 },
  ],
  [
    'renewing, unknown, not authoritative',
    request([], HAS),
    facts({ binding: UNKNOWN, network: quiet }),
    false,
    { why: 'nak-unknown-client', reply: 6 },
  ],
  [
    'renewing, known with another address',
    request([], { ciaddr: '10.0.0.51' }),
    facts({ binding: KNOWN }),
    false,
    { why: 'nak-other-address', reply: 6 },
  ],
  [
    'rebinding, known',
    request([], HAS),
    facts({ binding: KNOWN }),
    true,
    { why: 'rebound', reply: 5, to: '10.0.0.50 client' },
  ],
  [
    'rebinding, known, relay',
    request([], { ...HAS, ...RELAYED }),
    facts({ binding: KNOWN }),
    false,
    { why: 'rebound', reply: 5, to: '10.0.0.9 server' },
  ],
  ['rebinding, unknown, free', request([], HAS), facts({ binding: UNKNOWN }), true, { why: 'recreated', reply: 5 }],
  [
    'A-25 rebinding, unknown, taken',
    request([], HAS),
    facts({ binding: FULL }),
    true,
    { why: 'nak-unknown-client', reply: 6 },
  ],
  [
    'A-25 rebinding, unknown, not authoritative',
    request([], HAS),
    facts({ binding: UNKNOWN, network: quiet }),
    true,
    { why: 'unknown-client' },
  ],
  [
    'rebinding, known with another address, not authoritative',
    request([], { ciaddr: '10.0.0.51' }),
    facts({ binding: KNOWN, network: quiet }),
    true,
    { why: 'unknown-client' },
  ],
  [
    'A-50 F-D 30 renewing, ciaddr 8.8.8.8',
    request([], { ciaddr: '8.8.8.8' }),
    facts(),
    false,
    { why: 'address-not-allowed' },
  ],
  [
    'A-50 F-D 30 rebinding, ciaddr 8.8.8.8',
    request([], { ciaddr: '8.8.8.8' }),
    facts(),
    true,
    { why: 'address-not-allowed' },
  ],
  [
    'A-50 rebinding, ciaddr is the broadcast address',
    request([], { ciaddr: '10.0.0.255' }),
    facts(),
    true,
    { why: 'address-not-allowed' },
  ],
  [
    'DECLINE of its own',
    type(4, [...OURS, ...wants('10.0.0.50')]),
    facts({ binding: KNOWN }),
    true,
    { why: 'declined', change: { kind: 'decline', address: ip('10.0.0.50') } },
  ],
  [
    'F-D 27 DECLINE of a free one',
    type(4, [...OURS, ...wants('10.0.0.51')]),
    facts({ binding: KNOWN }),
    true,
    { why: 'declined-not-theirs' },
  ],
  [
    'F-D 27 DECLINE by an unknown client',
    type(4, [...OURS, ...wants('10.0.0.50')]),
    facts(),
    true,
    { why: 'declined-not-theirs' },
  ],
  [
    'RELEASE of its own',
    type(7, OURS, HAS),
    facts({ binding: KNOWN }),
    false,
    { why: 'released', change: { kind: 'release', address: ip('10.0.0.50') } },
  ],
  [
    'F-D 28 RELEASE of another’s',
    type(7, OURS, { ciaddr: '10.0.0.51' }),
    facts({ binding: KNOWN }),
    false,
    { why: 'released-not-theirs' },
  ],
  [
    'INFORM',
    type(8, [], { ciaddr: '10.0.0.77' }),
    facts(),
    true,
    { why: 'informed', reply: 5, to: '10.0.0.77 client' },
  ],
  [
    'A-49 INFORM through a relay goes past it',
    type(8, [], { ciaddr: '10.0.0.77', ...RELAYED }),
    facts(),
    false,
    { why: 'informed', reply: 5, to: '10.0.0.77 client' },
  ],
  [
    'A-50 F-D 30 INFORM from 8.8.8.8',
    type(8, [], { ciaddr: '8.8.8.8' }),
    facts(),
    true,
    { why: 'address-not-allowed' },
  ],
  [
    'A-50 INFORM that says it has our address',
    type(8, [], { ciaddr: '10.0.0.1' }),
    facts(),
    true,
    { why: 'address-not-allowed' },
  ],
];

describe('A-20 table A.3', () => {
  test.each(ROWS)('%s', (_, payload, given, broadcast, expected) => {
    const { outcome, reply } = ask(payload, given, { broadcast });
    expect(outcome.why).toBe(expected.why);
    expect(reply === undefined ? undefined : valueOf(readStrictly(reply), 53)?.[0]).toBe(expected.reply);
    if (expected.to !== undefined) {
      const { to } = outcome.reply ?? expect.fail('no reply');
      expect(`${formatIPv4(to.address)} ${to.port}`).toBe(expected.to);
    }
    if (expected.change === undefined) expect(outcome.change === undefined || expected.reply !== undefined).toBe(true);
    else expect(outcome.change).toEqual(expected.change);
  });

  test('only an ACK with a lease changes anything durably, and every such ACK does', () => {
    for (const [, payload, given, broadcast] of ROWS) {
      const { outcome, reply } = ask(payload, given, { broadcast });
      const options = reply === undefined ? [] : readStrictly(reply);
      const leased = valueOf(options, 53)?.[0] === 5 && valueOf(options, 51) !== undefined;
      expect(outcome.change?.kind === 'bind').toBe(leased);
    }
  });
});

describe('headers and identities', () => {
  test('A-23 OFFER and ACK agree on 54, yiaddr and everything that boots; a retransmission is answered alike', () => {
    const given = facts({ boot: boot('pxe') });
    const offer = ask(d0(), given).reply ?? expect.fail();
    const ack =
      ask(request([...OURS, ...wants('10.0.0.50'), ...tlv(55, [1, 3, 6, 66, 67])]), given).reply ?? expect.fail();
    const differing = [...offer.keys()].filter((at) => offer[at] !== ack[at]);
    expect(differing).toEqual([242]); // the value of option 53
    expect(ask(d0(), given).reply).toEqual(offer);
  });

  test('A-22 A-23 the ACK carries the identifier that the client named', () => {
    const { reply } = ask(request([...tlv(54, quad('10.9.9.1')), ...wants('10.0.0.50')]), facts());
    expect(addressAt(valueOf(readStrictly(reply ?? expect.fail()), 54) ?? expect.fail(), 0)).toBe('10.9.9.1');
  });

  test('A-40 header: ciaddr, hops and secs only where they belong, chaddr whole', () => {
    const chaddr = Array.from({ length: 16 }, (_, index) => index + 1);
    const base = { chaddr, xid: 0x01020304, hops: 4, secs: 9, flags: 0x8000 };
    const reply = ask(d0([], { ...base, ...HAS }), facts()).reply ?? expect.fail();
    expect(Buffer.from(reply.subarray(0, 12)).toString('hex')).toBe('020106000102030400008000');
    expect([addressAt(reply, 12), yiaddrOf(reply)]).toEqual(['0.0.0.0', '10.0.0.50']);
    expect([...reply.subarray(28, 44)]).toEqual(chaddr);
    const renewed = ask(request([], HAS), facts({ binding: KNOWN }), { broadcast: false }).reply ?? expect.fail();
    expect([addressAt(renewed, 12), yiaddrOf(renewed)]).toEqual(['10.0.0.50', '10.0.0.50']);
  });

  test.each([
    ['direct', {}, 0, '255.255.255.255', [53, 54, 56, 61]],
    ['relayed', RELAYED, 0x80, '10.0.0.9', [53, 54, 56, 61, 82]],
  ])('A-26 a NAK carries only what it may, %s', (_, fields, flags, to, codes) => {
    const more = [...tlv(61, [1, 2, 3]), ...tlv(82, [1, 1, 7])];
    const given = facts({ boot: boot('pxe') });
    const { outcome, reply = expect.fail() } = ask(request([...OURS, ...wants('10.0.0.99'), ...more], fields), given);
    expect(codesOf(readStrictly(reply))).toEqual(codes);
    expect(reply[10]).toBe(flags);
    expect([...reply.subarray(12, 24)].every((byte) => byte === 0)).toBe(true);
    expect([...reply.subarray(44, 236)].every((byte) => byte === 0)).toBe(true);
    expect(outcome.reply?.to.address).toBe(ip(to));
  });

  test('A-26 a client on a routed subnet gets its NAK at its address', () => {
    const routed = facts({ server: ip('10.77.0.1'), binding: FULL });
    expect(ask(request([], HAS), routed, { broadcast: false }).outcome.reply?.to).toEqual({
      address: ip('10.0.0.50'),
      port: 'client',
    });
  });

  test('A-20 INFORM: no address, no times, no binding', () => {
    const { outcome, reply = expect.fail() } = ask(
      type(8, tlv(82, [1, 1, 7]), { ciaddr: '10.0.0.77', ...RELAYED, hops: 1 }),
      facts(),
    );
    expect(outcome.change).toBeUndefined();
    const codes = codesOf(readStrictly(reply));
    expect(codes).toEqual(expect.arrayContaining([1, 3, 6]));
    for (const code of [51, 58, 59, 82]) expect(codes).not.toContain(code);
    expect([addressAt(reply, 12), yiaddrOf(reply), addressAt(reply, 24), reply[3]]).toEqual([
      '10.0.0.77',
      '0.0.0.0',
      '0.0.0.0',
      0,
    ]);
  });
});

describe('relays', () => {
  test.each(['255.255.255.255', '127.0.0.1', '224.0.0.1', '10.0.0.1', '203.0.113.9'])(
    'A-50 F-D 31 giaddr %s gets nothing',
    (giaddr) => {
      expect(ask(d0([], { giaddr }), facts()).outcome).toEqual({ why: 'relay-not-allowed' });
    },
  );

  test('A-50 a listed relay outside the subnet is answered', () => {
    const given = facts({ knowsRelay: (giaddr) => giaddr === ip('203.0.113.9') });
    expect(ask(d0([], { giaddr: '203.0.113.9' }), given).outcome.reply?.to).toEqual({
      address: ip('203.0.113.9'),
      port: 'server',
    });
  });

  test('A-49 82.19 asks for the port that the relay sent from', () => {
    expect(ask(d0(tlv(82, [19, 0]), RELAYED), facts()).outcome.reply?.to).toEqual({
      address: ip('10.0.0.9'),
      port: 'source',
    });
  });

  test('A-51 82 comes back byte by byte as the last option, also in two parts', () => {
    const half = Array.from({ length: 200 }, (_, index) => index);
    const { reply = expect.fail() } = ask(
      d0([...tlv(82, half), ...tlv(82, half), ...tlv(57, [5, 0xdc])], RELAYED),
      facts(),
    );
    expect(codesOf(readStrictly(reply)).slice(-2)).toEqual([82, 82]);
    expect([...(read(reply).options.joined(82) ?? [])]).toEqual([...half, ...half]);
  });

  test('A-51 F-D 32 no relay, no echo; and no echo of a 82 too short to be one', () => {
    expect(codesOf(readStrictly(ask(d0(tlv(82, [1, 1, 7])), facts()).reply ?? expect.fail()))).not.toContain(82);
    expect(codesOf(readStrictly(ask(d0(tlv(82, [1]), RELAYED), facts()).reply ?? expect.fail()))).not.toContain(82);
  });

  test.each([
    ['10.0.0.0', true],
    ['10.5.0.0', false],
  ])('A-51 118 naming %s comes back: %s', (address, echoed) => {
    const codes = codesOf(readStrictly(ask(d0(tlv(118, quad(address))), facts()).reply ?? expect.fail()));
    expect(codes.includes(118)).toBe(echoed);
  });
});

describe('A-58 BOOTP', () => {
  const reserved = facts({ binding: binding(undefined, ['10.0.0.50'], '10.0.0.50'), boot: boot('pxe') });
  const bootp = (fields = {}) => packet({ options: [END], ...fields });

  test('a reservation: 300 bytes without 53, 54, 51, the address for ever', () => {
    const { outcome, reply = expect.fail() } = ask(bootp(), reserved);
    expect(outcome.change).toEqual({ kind: 'bind', address: ip('10.0.0.50'), seconds: 0xffffffff });
    expect(reply).toHaveLength(300);
    const codes = codesOf(readStrictly(reply));
    expect(codes).toEqual(expect.arrayContaining([1, 3, 28, 67]));
    for (const code of [51, 53, 54, 58, 59]) expect(codes).not.toContain(code);
    expect(yiaddrOf(reply)).toBe('10.0.0.50');
  });

  test('more options than 64 bytes hold: those that matter, and never more than 300 bytes', () => {
    const extras = Array.from({ length: 8 }, (_, at) => ({ code: 200 + at, bytes: new Uint8Array(20), force: true }));
    const { reply = expect.fail() } = ask(bootp(), { ...reserved, extras });
    expect(reply).toHaveLength(300);
    expect(codesOf(readStrictly(reply))).toEqual(expect.arrayContaining([1, 3]));
  });

  test.each([
    ['F-D 02 236 bytes, no vend', bootp().subarray(0, 236)],
    ['F-D 03 239 bytes, cookie cut', bootp().subarray(0, 239)],
    ['F-D 05 another cookie', bootp({ cookie: [0x63, 0x82, 0x53, 0x64] })],
  ])('A-01 %s: served all the same', (_, payload) => {
    expect(ask(payload, reserved).outcome.why).toBe('bootp-served');
    expect(ask(payload, facts()).outcome).toEqual({ why: 'bootp-not-served' });
  });

  test('its address somebody else has: silence', () => {
    expect(ask(bootp(), facts({ binding: binding(undefined, [], '10.0.0.50') })).outcome).toEqual({
      why: 'no-free-address',
    });
  });

  test('A-50 F-D 30 ciaddr 8.8.8.8: silence', () => {
    expect(ask(bootp({ ciaddr: '8.8.8.8' }), reserved).outcome).toEqual({ why: 'address-not-allowed' });
  });
});

describe('A-27 rapid commit', () => {
  const rapid = facts({ network: { ...NETWORK, rapidCommit: true } });
  test.each([
    ['off, 80 present', d0(tlv(80, [])), facts(), 'offered', 2, false],
    ['on, 80 present', d0(tlv(80, [])), rapid, 'bound-at-once', 5, true],
    ['on, 80 absent', d0(), rapid, 'offered', 2, false],
    ['on, 80 of a byte', d0(tlv(80, [1])), rapid, 'offered', 2, false],
  ])('%s', (_, payload, given, why, expected, isRapid) => {
    const { outcome } = ask(payload, given);
    const { options } = outcome.reply ?? expect.fail('no reply');
    expect([outcome.why, options.joined(53)?.[0], options.joined(80)?.length]).toEqual([
      why,
      expected,
      isRapid ? 0 : undefined,
    ]);
    expect(outcome.change?.kind).toBe(isRapid ? 'bind' : 'hold');
  });

  test('the empty option is on the wire', () => {
    const { reply = expect.fail() } = ask(d0(tlv(80, [])), rapid);
    expect(Buffer.from(reply).toString('hex')).toContain('5000');
    expect([...(read(reply).options.joined(80) ?? expect.fail('no 80'))]).toEqual([]);
  });
});

describe('A-34 lease times', () => {
  const times = (payload: Uint8Array, lease: number) => {
    const { outcome, reply = expect.fail() } = ask(payload, facts({ network: { ...NETWORK, lease } }));
    const options = readStrictly(reply);
    const seconds = (code: number) => Buffer.from(valueOf(options, code) ?? expect.fail(`no ${code}`)).readUInt32BE();
    return { times: [seconds(51), seconds(58), seconds(59)], outcome };
  };
  const asks = (seconds: number) =>
    tlv(51, [seconds >>> 24, (seconds >>> 16) & 255, (seconds >>> 8) & 255, seconds & 255]);

  test.each([
    ['no wish', [], 3600, [3600, 1800, 3150]],
    ['1', asks(1), 3600, [120, 60, 105]],
    ['2', asks(2), 3600, [120, 60, 105]],
    ['120', asks(120), 3600, [120, 60, 105]],
    ['600', asks(600), 3600, [600, 300, 525]],
    ['2^32-1', asks(0xffffffff), 3600, [3600, 1800, 3150]],
    ['1 in a network of 60 s', asks(1), 60, [60, 30, 52]],
    ['2^32-1 in a network that allows it', asks(0xffffffff), 0xffffffff, [0xffffffff, 0x7fffffff, 3_758_096_383]],
  ])('asked for %s: OFFER and ACK say the same', (_, wish, lease, expected) => {
    expect(times(d0(wish), lease).times).toEqual(expected);
    const { times: acked, outcome } = times(request([...OURS, ...wants('10.0.0.50'), ...wish]), lease);
    expect(acked).toEqual(expected);
    expect(outcome.change).toMatchObject({ kind: 'bind', seconds: expected[0] });
  });

  test('58 of a renewal is spread by the transaction, within 5 % of the lease, always 58 < 59 < 51', () => {
    const renewals = Array.from({ length: 101 }, (_, xid) => {
      const { reply = expect.fail() } = ask(request([], { ...HAS, xid }), facts({ binding: KNOWN }), {
        broadcast: false,
      });
      return Buffer.from(valueOf(readStrictly(reply), 58) ?? expect.fail()).readUInt32BE();
    });
    expect(new Set(renewals).size).toBe(101);
    expect(Math.min(...renewals)).toBe(19_440); // 43,200 × 0.45
    expect(Math.max(...renewals)).toBe(23_760); // 43,200 × 0.55
  });
});

describe('any request', () => {
  const option = fc.tuple(fc.integer({ min: 0, max: 255 }), fc.uint8Array({ maxLength: 30 }));
  const address = fc.constantFrom('0.0.0.0', '10.0.0.50', '10.0.0.1', '8.8.8.8', '255.255.255.255', '10.0.0.9');
  const anyRequest = fc
    .record({
      kind: fc.integer({ min: 0, max: 18 }),
      options: fc.array(option, { maxLength: 25 }),
      ciaddr: address,
      giaddr: address,
      requested: fc.option(address, { nil: undefined }),
      server: fc.option(address, { nil: undefined }),
    })
    .map(({ kind, options, ciaddr, giaddr, requested, server }) =>
      packet({
        ciaddr,
        giaddr,
        options: [
          ...tlv(53, [kind]),
          ...(requested === undefined ? [] : tlv(50, quad(requested))),
          ...(server === undefined ? [] : tlv(54, quad(server))),
          ...options.flatMap(([code, value]) => tlv(code, [...value])),
          END,
        ],
      }),
    );
  const anyFacts = fc
    .record({
      known: fc.option(fc.constantFrom('10.0.0.50', '10.0.0.51'), { nil: undefined }),
      may: fc.subarray(['10.0.0.50', '10.0.0.51']),
      authoritative: fc.boolean(),
      boot: fc.option(fc.constantFrom('http', 'ours', 'ipxe', 'rpi', 'pxe'), { nil: undefined }),
    })
    .map(({ known, may, authoritative, boot: kind }) =>
      facts({
        binding: binding(known, may),
        network: { ...NETWORK, authoritative },
        boot: kind === undefined ? undefined : boot(kind, 'http://10.0.0.1/x.efi'),
      }),
    );

  test('A-20 A-42 A-50 respond always ends; replies fit, suit a strict reader, and go only where they may', () => {
    fc.assert(
      fc.property(anyRequest, anyFacts, fc.boolean(), (payload, given, broadcast) => {
        const message = decode(payload);
        if ('malformed' in message) return;
        const intent = intentOf(message, { broadcast, isOurs: (id) => given.isOurs(id) });
        if (intent.kind === 'ignored') return;
        const { why, reply } = respond({ message, intent }, given);
        expect(why).toMatch(/^[a-z-]+$/);
        if (reply === undefined) return;
        const limit = sizeLimit(message);
        const { bytes } = encode(reply, limit);
        expect(bytes.length).toBeLessThanOrEqual(limit);
        expect(readStrictly(bytes).length).toBeGreaterThan(0);
        expect([ipv4(0xffffffff), ip('10.0.0.50'), ip('10.0.0.9')]).toContain(reply.to.address);
      }),
      { numRuns: 500 },
    );
  });

  test('F-D 45 a unicast REQUEST from nowhere with every option from 1 to 254', () => {
    const everything = Array.from({ length: 254 }, (_, index) => tlv(index + 1, [1, 2, 3, 4])).flat();
    const { outcome } = ask(request(everything, { ciaddr: '198.51.100.7' }), facts(), { broadcast: false });
    expect(outcome.reply).toBeUndefined();
  });

  test('F-D 38 B-11 what a client calls itself changes nothing without boot facts', () => {
    const codes = codesOf(
      readStrictly(ask(d0(tlv(60, ascii('PXEClient:Arch:99999:UNDI:abcdef'))), facts()).reply ?? expect.fail()),
    );
    for (const code of [43, 60, 66, 67, 97, 175]) expect(codes).not.toContain(code);
  });

  test('a network of two addresses has no broadcast address to avoid', () => {
    const given = facts({ network: { ...NETWORK, subnet: subnet('10.0.0.50/31') }, binding: KNOWN });
    expect(ask(request([], HAS), given).outcome.why).toBe('rebound');
  });
});
