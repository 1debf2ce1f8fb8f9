import { ANY, ipv4 } from '@sower/net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decode } from '../src/wire/decode.ts';
import { encode } from '../src/wire/encode.ts';
import type { Message } from '../src/wire/message.ts';
import { option, Options, type OptionBytes } from '../src/wire/option-set.ts';
import { OPTIONS } from '../src/wire/options.ts';
import { read } from './support/ask.ts';
import { ip, subnet } from './support/facts.ts';
import { ascii, DISCOVER, END, packet, quad, tlv } from './support/packets.ts';
import { codesOf, readStrictly, valueOf } from './support/readers.ts';

const BLANK: Message = {
  op: 'reply',
  htype: 1,
  hlen: 6,
  hops: 0,
  xid: 0xdeadbeef,
  secs: 0,
  broadcast: false,
  ciaddr: ANY,
  yiaddr: ANY,
  siaddr: ANY,
  giaddr: ANY,
  chaddr: Uint8Array.of(2, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
  sname: '',
  file: '',
  cookie: true,
  options: Options.of([]),
};

const reply = (list: readonly OptionBytes[], fields: Partial<Message> = {}): Message => ({
  ...BLANK,
  ...fields,
  options: Options.of(list),
});
const raw = (code: number, length: number): OptionBytes => ({ code, bytes: new Uint8Array(length).fill(code) });

describe('bytes', () => {
  test('A-40 A-41 an OFFER, byte for byte, padded to 300', () => {
    const message = reply([option(OPTIONS.messageType, 2), option(OPTIONS.serverId, ip('10.0.0.1'))], {
      broadcast: true,
      yiaddr: ip('10.0.0.50'),
      siaddr: ip('10.0.0.1'),
      giaddr: ip('10.0.0.9'),
      sname: 'me',
      file: 'a.efi',
    });
    const expected = packet({
      op: 2,
      flags: 0x8000,
      yiaddr: '10.0.0.50',
      siaddr: '10.0.0.1',
      giaddr: '10.0.0.9',
      sname: ascii('me'),
      file: ascii('a.efi'),
      options: [...tlv(53, [2]), ...tlv(54, quad('10.0.0.1')), END],
    });
    expect(Buffer.from(encode(message, 1472).bytes).toString('hex')).toBe(Buffer.from(expected).toString('hex'));
  });

  test.each<[string, OptionBytes, readonly number[]]>([
    ['1', option(OPTIONS.subnetMask, ip('255.255.255.0')), tlv(1, [255, 255, 255, 0])],
    ['3', option(OPTIONS.routers, [ip('10.0.0.1'), ip('10.0.0.2')]), tlv(3, [10, 0, 0, 1, 10, 0, 0, 2])],
    ['51', option(OPTIONS.leaseTime, 0xffffffff), tlv(51, [255, 255, 255, 255])],
    ['57', option(OPTIONS.maxMessageSize, 1472), tlv(57, [5, 0xc0])],
    ['A-47 12 without NUL', option(OPTIONS.hostName, 'node'), tlv(12, ascii('node'))],
    ['A-47 67 with NUL', option(OPTIONS.bootFile, 'a.efi'), tlv(67, [...ascii('a.efi'), 0])],
    ['77', option(OPTIONS.userClasses, ['iPXE', 'x']), tlv(77, [4, ...ascii('iPXE'), 1, ...ascii('x')])],
    ['81', option(OPTIONS.clientName, { flags: 4, name: 'a.b' }), tlv(81, [4, 255, 255, 1, 97, 1, 98, 0])],
    ['93', option(OPTIONS.architectures, [7, 16]), tlv(93, [0, 7, 0, 16])],
    ['119', option(OPTIONS.domainSearch, ['a', 'b']), tlv(119, [1, 97, 0, 1, 98, 0])],
    [
      '121',
      option(OPTIONS.routes, [{ to: subnet('172.16.16.0/20'), router: ip('10.0.0.2') }]),
      tlv(121, [20, 172, 16, 16, 10, 0, 0, 2]),
    ],
    [
      '125',
      option(OPTIONS.vendorInformation, [{ enterprise: 9, bytes: Uint8Array.of(5) }]),
      tlv(125, [0, 0, 0, 9, 1, 5]),
    ],
    ['175', option(OPTIONS.ipxe, [{ code: 176, bytes: Uint8Array.of(1) }]), tlv(175, [0xb0, 1, 1])],
  ])('option %s', (_, entry, expected) => {
    const { bytes } = encode(reply([entry]), 1472);
    expect([...bytes.subarray(240, 240 + expected.length + 1)]).toEqual([...expected, END]);
  });

  test.each([
    ['file', 108, 127],
    ['sname', 44, 63],
  ] as const)('A-47 %s keeps its last NUL', (field, at, most) => {
    const { bytes } = encode(reply([], { [field]: 'x'.repeat(200) }), 1472);
    expect(Buffer.from(bytes.subarray(at, at + most + 1)).toString()).toBe(`${'x'.repeat(most)}\0`);
  });
});

describe('order and size', () => {
  test('A-43 the order, whatever the order given; 67 last but 82', () => {
    const codes = [82, 67, 66, 175, 43, 97, 60, 200, 119, 121, 42, 81, 12, 15, 6, 28, 3, 1, 59, 58, 51, 54, 53];
    const { bytes } = encode(reply(codes.map((code) => raw(code, 4))), 1472);
    const order = [53, 54, 51, 58, 59, 1, 3, 28, 6, 15, 12, 81, 42, 121, 200, 119, 60, 97, 43, 175, 66, 67, 82];
    expect([...read(bytes).options.codes]).toEqual(order);
  });

  test('A-43 options that have no rank keep the order they were given in', () => {
    const { bytes } = encode(reply([210, 118, 61, 150, 56, 12, 209, 53].map((code) => raw(code, 4))), 1472);
    expect([...read(bytes).options.codes]).toEqual([53, 12, 210, 118, 61, 150, 56, 209]);
  });

  test('A-44 short of space: the ones to keep are kept whole, the others dropped and named, never overload', () => {
    const keep = [53, 54, 51, 1, 3, 6, 60, 43, 67, 82].map((code) => raw(code, code === 53 ? 1 : 4));
    const many = Array.from({ length: 40 }, (_, index) => raw(160 + index, 60));
    const { bytes, dropped } = encode(reply([...many, ...keep]), 548);
    expect(bytes.length).toBeLessThanOrEqual(548);
    const codes = codesOf(readStrictly(bytes));
    expect(codes).toEqual(expect.arrayContaining(keep.map(({ code }) => code)));
    expect(codes).not.toContain(52);
    expect([...codes, ...dropped].toSorted((a, b) => a - b)).toEqual(
      [...many, ...keep].map(({ code }) => code).toSorted((a, b) => a - b),
    );
    expect(dropped.length).toBeGreaterThan(0);
  });

  test('F-D 32 A-51 a 252-byte 82 keeps its place', () => {
    const big = raw(82, 252);
    const { bytes } = encode(reply([raw(53, 1), raw(54, 4), raw(12, 60), raw(15, 60), big]), 548);
    const options = readStrictly(bytes);
    expect(codesOf(options)).toEqual([53, 54, 82]);
    expect(valueOf(options, 82)).toEqual(big.bytes);
  });

  test('A-41 an empty option is never sent', () => {
    const { bytes, dropped } = encode(reply([raw(12, 0), raw(53, 1)]), 1472);
    expect(codesOf(readStrictly(bytes))).toEqual([53]);
    expect(dropped).toEqual([12]);
  });

  test.each([
    [121, true],
    [119, true],
    [61, true],
    [67, false],
    [43, false],
    [200, false],
  ])('A-46 300 bytes in option %i are split: %s', (code, sent) => {
    const value = raw(code, 300);
    const { bytes, dropped } = encode(reply([value]), 1472);
    expect(read(bytes).options.joined(code)).toEqual(sent ? value.bytes : undefined);
    expect(dropped).toEqual(sent ? [] : [code]);
    if (sent) expect(codesOf(readStrictly(bytes))).toEqual([code, code]);
  });

  const anyOption = fc
    .record({ code: fc.integer({ min: 1, max: 254 }), bytes: fc.uint8Array({ minLength: 1, maxLength: 300 }) })
    .filter(({ code }) => code !== 52);
  const distinct = (max: number) => fc.uniqueArray(anyOption, { selector: ({ code }) => code, maxLength: max });

  test('A-41 A-42 a reply never exceeds its limit, and a strict reader takes it up to END', () => {
    fc.assert(
      fc.property(distinct(60), fc.integer({ min: 300, max: 1472 }), (list, limit) => {
        const { bytes } = encode(reply(list), limit);
        expect(bytes.length).toBeGreaterThanOrEqual(300);
        expect(bytes.length).toBeLessThanOrEqual(limit);
        const ends = walkToEnd(bytes);
        expect(ends).toBe(true);
      }),
    );
  });

  const byte = fc.integer({ min: 0, max: 255 });
  const u32 = fc.integer({ min: 0, max: 0xffffffff });
  const asciiText = (max: number) =>
    fc.string({ maxLength: max, unit: fc.constantFrom('a', 'b', '/', '.', ':', '-', '0') });
  const anyMessage = fc.record({
    op: fc.constantFrom('request' as const, 'reply' as const),
    htype: fc.integer({ min: 1, max: 255 }),
    hlen: fc.integer({ min: 1, max: 16 }),
    hops: fc.integer({ min: 0, max: 16 }),
    xid: u32,
    secs: fc.integer({ min: 0, max: 0xffff }),
    broadcast: fc.boolean(),
    ciaddr: u32.map(ipv4),
    yiaddr: u32.map(ipv4),
    siaddr: u32.map(ipv4),
    giaddr: u32.map(ipv4),
    chaddr: fc.array(byte, { minLength: 16, maxLength: 16 }).map((bytes) => Uint8Array.from(bytes)),
    sname: asciiText(63),
    file: asciiText(127),
    cookie: fc.constant(true),
  });

  test('decode reads back what encode wrote', () => {
    const small = anyOption.filter(({ bytes }) => bytes.length <= 60);
    const list = fc.uniqueArray(small, { selector: ({ code }) => code, maxLength: 15 });
    fc.assert(
      fc.property(anyMessage, list, (fields, options) => {
        const decoded = decode(encode({ ...fields, options: Options.of(options) }, 1472).bytes);
        expect(decoded).toMatchObject(fields);
        const message = read(encode({ ...fields, options: Options.of(options) }, 1472).bytes);
        const found = [...message.options.codes].map((code) => ({ code, bytes: message.options.joined(code) }));
        const byCode = (a: { code: number }, b: { code: number }) => a.code - b.code;
        expect(found.toSorted(byCode)).toEqual(options.toSorted(byCode));
      }),
    );
  });
});

/** Walks the options of a reply without looking at their lengths' sense. */
function walkToEnd(bytes: Uint8Array): boolean {
  let at = 240;
  while (at < bytes.length && bytes[at] !== END) at += 2 + (bytes[at + 1] ?? 0);
  return at < bytes.length;
}

describe('value codecs', () => {
  const address = fc.integer({ min: 0, max: 0xffffffff }).map(ipv4);
  const label = fc.string({ minLength: 1, maxLength: 20, unit: fc.constantFrom('a', 'b', 'z', '0', '9') });
  const name = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join('.'));
  const blob = fc.uint8Array({ maxLength: 30 });

  test('what is written is read back', () => {
    const check = <T>(row: Parameters<typeof option<T>>[0], values: fc.Arbitrary<T>) => {
      fc.assert(
        fc.property(values, (value) => {
          const message = read(packet({ options: [...DISCOVER, ...tlvOf(option(row, value)), END] }));
          expect(message.options.get(row)).toEqual(value);
        }),
        { numRuns: 50 },
      );
    };
    const tlvOf = ({ code, bytes }: OptionBytes) => tlv(code, [...bytes]);
    check(OPTIONS.subnetMask, address);
    check(OPTIONS.routers, fc.array(address, { minLength: 1, maxLength: 10 }));
    check(OPTIONS.leaseTime, fc.integer({ min: 0, max: 0xffffffff }));
    check(OPTIONS.maxMessageSize, fc.integer({ min: 0, max: 0xffff }));
    check(OPTIONS.bootFile, name);
    check(OPTIONS.architectures, fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 1, maxLength: 9 }));
    check(OPTIONS.domainSearch, fc.array(name, { minLength: 1, maxLength: 2 }));
    check(OPTIONS.userClasses, fc.array(label, { minLength: 1, maxLength: 4 }));
    check(OPTIONS.clientName, fc.record({ flags: fc.constantFrom(0, 4), name }));
    check(
      OPTIONS.ipxe,
      fc.array(fc.record({ code: fc.integer({ min: 1, max: 254 }), bytes: blob }), { minLength: 1, maxLength: 6 }),
    );
    check(
      OPTIONS.vendorInformation,
      fc.array(fc.record({ enterprise: fc.integer({ min: 0, max: 0xffffffff }), bytes: blob }), {
        minLength: 1,
        maxLength: 5,
      }),
    );
    check(
      OPTIONS.relayAgent,
      fc.record({
        circuitId: fc.option(blob, { nil: undefined }),
        remoteId: fc.option(blob, { nil: undefined }),
        linkSelection: address,
        unicast: fc.option(fc.boolean(), { nil: undefined }),
        serverOverride: fc.option(address, { nil: undefined }),
        sourcePort: fc.boolean(),
      }),
    );
  });
});
