import { formatIPv4 } from '@sower/net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decode, type MalformedReason } from '../src/wire/decode.ts';
import { clientKey, macOf, messageType } from '../src/wire/message.ts';
import { OPTIONS } from '../src/wire/options.ts';
import { read } from './support/ask.ts';
import { ascii, d0, DISCOVER, END, packet, quad, tlv } from './support/packets.ts';

describe('header', () => {
  test('every field is where RFC 2131 has it', () => {
    const message = read(
      packet({
        hops: 3,
        xid: 0x01020304,
        secs: 0x0506,
        flags: 0x8000,
        ciaddr: '10.0.0.2',
        yiaddr: '10.0.0.3',
        siaddr: '10.0.0.4',
        giaddr: '10.0.0.5',
        chaddr: [0x52, 0x54, 0, 0xaa, 0xbb, 1],
        sname: ascii('name'),
        file: ascii('file'),
        options: [...DISCOVER, END],
      }),
    );
    expect(message).toMatchObject({
      op: 'request',
      htype: 1,
      hlen: 6,
      hops: 3,
      xid: 0x01020304,
      secs: 0x0506,
      broadcast: true,
      sname: 'name',
      file: 'file',
      cookie: true,
    });
    expect([message.ciaddr, message.yiaddr, message.siaddr, message.giaddr].map(formatIPv4)).toEqual([
      '10.0.0.2',
      '10.0.0.3',
      '10.0.0.4',
      '10.0.0.5',
    ]);
    expect(macOf(message)).toBe('52:54:00:aa:bb:01');
    expect(message.chaddr).toHaveLength(16);
  });

  test.each<[string, Uint8Array, MalformedReason]>([
    ...[0, 1, 27, 235].map((n): [string, Uint8Array, MalformedReason] => [
      `F-D 01 ${n} bytes`,
      d0().subarray(0, n),
      'too-short',
    ]),
    ['F-D 07 op 0', d0([], { op: 0 }), 'bad-op'],
    ['F-D 07 op 255', d0([], { op: 255 }), 'bad-op'],
    ['F-D 08 hlen 0 without 61', d0([], { hlen: 0 }), 'no-client-identity'],
    ['F-D 22 hlen 0 with an empty 61', d0([61, 0], { hlen: 0 }), 'no-client-identity'],
    ['F-D 10 hlen 17', d0([], { hlen: 17 }), 'bad-hardware-length'],
    ['F-D 10 hlen 255', d0([], { hlen: 255 }), 'bad-hardware-length'],
    ['F-D 11 htype 0 hlen 6', d0([], { htype: 0 }), 'bad-hardware-type'],
    ['F-D 12 hops 17', d0([], { hops: 17 }), 'too-many-hops'],
    ['F-D 12 hops 255', d0([], { hops: 255 }), 'too-many-hops'],
  ])('A-01 %s is dropped', (_, payload, reason) => {
    expect(decode(payload)).toMatchObject({ malformed: reason });
  });

  test.each<[string, Uint8Array, string]>([
    [
      'F-D 09 hlen 0 htype 32 with a 61 of 20 bytes',
      d0(
        tlv(
          61,
          Array.from({ length: 20 }, () => 7),
        ),
        { hlen: 0, htype: 32 },
      ),
      `id/${'07'.repeat(20)}`,
    ],
    ['F-D 10 hlen 16', d0([], { hlen: 16, chaddr: Array.from({ length: 16 }, () => 1) }), `1/${'01'.repeat(16)}`],
    ['F-D 11 htype 255', d0([], { htype: 255 }), '255/020000000001'],
    ['hops 16', d0([], { hops: 16 }), '1/020000000001'],
    ['F-D 46 chaddr all ff', d0([], { chaddr: [255, 255, 255, 255, 255, 255] }), '1/ffffffffffff'],
  ])('A-01 %s is read', (_, payload, key) => {
    expect(clientKey(read(payload))).toBe(key);
  });

  test.each([
    ['F-D 05 cookie 63 82 53 64', [0x63, 0x82, 0x53, 0x64]],
    ['F-D 05 cookie 0', [0, 0, 0, 0]],
  ])('A-02 %s: no option is read', (_, cookie) => {
    const message = read(d0([], { cookie }));
    expect(message.cookie).toBe(false);
    expect(messageType(message)).toBeUndefined();
  });
});

describe('walking the options', () => {
  const zeros = (count: number) => Array.from({ length: count }, () => 0);
  test.each<[string, readonly number[], number | undefined]>([
    ['F-D 15 ends in a code without length', [...DISCOVER, 0x3c], undefined],
    ['F-D 16 an overrun ends the list', [...DISCOVER, 0x3c, 0xff, 1, 2, 3], undefined],
    ['F-D 17 no END, zeros to 576', [...DISCOVER, ...zeros(333)], undefined],
    ['F-D 18 300 pads in front', [...zeros(300), ...DISCOVER, END], undefined],
    ['F-D 18 pads between', [0, ...DISCOVER, 0, 0, ...tlv(12, ascii('a')), 0, END], undefined],
    ['F-D 20 500 empty options', [...DISCOVER, ...Array.from({ length: 500 }, () => [224, 0]).flat(), END], undefined],
    ['F-D 04 behind 60,000 pads', [...DISCOVER, ...zeros(60_000), END], undefined],
    ['F-D 19 54 behind END is not seen', [...DISCOVER, END, ...tlv(54, quad('10.0.0.1'))], undefined],
    ['54 in front of END is seen', [...DISCOVER, ...tlv(54, quad('10.0.0.1')), END], 0x0a000001],
  ])('A-03 %s', (_, options, serverId) => {
    const message = read(packet({ options, size: 240 + options.length }));
    expect(messageType(message)).toBe('discover');
    expect(message.options.get(OPTIONS.serverId)).toBe(serverId);
  });

  test('F-D 20 250 different options of one byte', () => {
    const codes = Array.from({ length: 250 }, (_, index) => index + 1);
    const { options } = read(packet({ options: [...codes.flatMap((code) => [code, 1, code]), END] }));
    expect([...options.codes]).toEqual(codes);
    expect(codes.map((code) => options.joined(code)?.[0])).toEqual(codes);
  });

  test('a datagram in a larger buffer is read within its bounds', () => {
    const inner = packet({ options: [...DISCOVER, 12, 9, 65], size: 245 });
    const outer = Buffer.alloc(600, 66);
    outer.set(inner, 100);
    const message = read(outer.subarray(100, 100 + inner.length));
    expect(message.options.has(12)).toBe(false);
  });
});

describe('overload', () => {
  const nested = [...tlv(52, [1]), ...tlv(12, ascii('deep')), END];
  test.each<[string, number[], string | undefined, string | undefined]>([
    ['A-04 52=1 opens file', tlv(52, [1]).slice(), 'f', undefined],
    ['A-04 52=2 opens sname', tlv(52, [2]).slice(), undefined, 's'],
    ['A-04 52=3 opens both', tlv(52, [3]).slice(), 'f', 's'],
    ['F-D 21 52=0', tlv(52, [0]).slice(), undefined, undefined],
    ['F-D 21 52=4', tlv(52, [4]).slice(), undefined, undefined],
    ['F-D 21 52=255', tlv(52, [255]).slice(), undefined, undefined],
    ['F-D 21 52 of two bytes', tlv(52, [3, 3]).slice(), undefined, undefined],
  ])('%s', (_, overload, fromFile, fromSname) => {
    const message = read(
      packet({
        options: [...DISCOVER, ...overload, END],
        file: [...tlv(15, ascii('f')), END],
        sname: [...tlv(17, ascii('s')), END],
      }),
    );
    expect(message.options.get(OPTIONS.domainName)).toBe(fromFile);
    expect(message.options.get(OPTIONS.rootPath)).toBe(fromSname);
    expect(message.file === '').toBe(fromFile !== undefined);
    expect(message.sname === '').toBe(fromSname !== undefined);
  });

  test('A-04 a 61 that hides in file is found', () => {
    const message = read(
      packet({ hlen: 0, htype: 32, options: [...DISCOVER, ...tlv(52, [1]), END], file: [...tlv(61, [0, 1, 2]), END] }),
    );
    expect(clientKey(message)).toBe('id/000102');
  });

  test('F-D 21 a 52 inside file opens nothing', () => {
    const message = read(
      packet({
        options: [...DISCOVER, ...tlv(52, [1]), END],
        file: [...tlv(52, [2]), END],
        sname: nested,
      }),
    );
    expect(message.options.has(12)).toBe(false);
  });

  test('F-D 21 options that overrun file or sname end there', () => {
    const overrun = (size: number) => [...tlv(17, ascii('ok')), 12, size];
    const message = read(
      packet({ options: [...DISCOVER, ...tlv(52, [3]), END], file: overrun(125), sname: overrun(61) }),
    );
    expect(message.options.joined(17)).toEqual(Uint8Array.from(ascii('okok')));
    expect(message.options.has(12)).toBe(false);
  });

  test('A-05 the order of joining is options, file, sname', () => {
    const message = read(
      packet({
        options: [...DISCOVER, ...tlv(52, [3]), ...tlv(12, ascii('a')), END],
        file: [...tlv(12, ascii('b')), END],
        sname: [...tlv(12, ascii('c')), END],
      }),
    );
    expect(message.options.get(OPTIONS.hostName)).toBe('abc');
  });
});

describe('repeated options', () => {
  test('A-05 43 in three parts, cut within a sub-option', () => {
    const parts = [...tlv(43, [6, 1]), ...tlv(43, [8, 9]), ...tlv(43, [2, 7, 7])];
    expect(read(d0(parts)).options.get(OPTIONS.vendorOptions)).toEqual([
      { code: 6, bytes: Uint8Array.of(8) },
      { code: 9, bytes: Uint8Array.of(7, 7) },
    ]);
  });

  test('A-05 of a fixed-length option the first of the right length counts', () => {
    const { options } = read(d0([...tlv(50, [1, 2, 3]), ...tlv(50, quad('10.0.0.7')), ...tlv(50, quad('10.0.0.8'))]));
    expect(options.get(OPTIONS.requestedAddress)).toBe(0x0a000007);
  });

  test('F-D 14 53 twice: the first counts', () => {
    expect(messageType(read(packet({ options: [...DISCOVER, ...tlv(53, [3]), END] })))).toBe('discover');
  });

  test('F-D 22 61 of three times 255 bytes', () => {
    const part = Array.from({ length: 255 }, (_, index) => index);
    const message = read(d0([...tlv(61, part), ...tlv(61, part), ...tlv(61, part)]));
    expect(message.options.get(OPTIONS.clientId)).toHaveLength(765);
  });

  test('A-38 61 of more than 1,024 bytes is none: it is kept with each lease', () => {
    const parts = (count: number) => Array.from({ length: count }, () => tlv(61, Array<number>(128).fill(1))).flat();
    const idOf = (count: number) => read(d0(parts(count))).options.get(OPTIONS.clientId)?.length;
    expect([idOf(8), idOf(9), idOf(400)]).toEqual([1024, undefined, undefined]);
    expect(decode(d0(parts(400), { hlen: 0 }))).toMatchObject({ malformed: 'no-client-identity' });
  });
});

describe('lengths', () => {
  const rows: readonly (readonly [string, keyof typeof OPTIONS, number, readonly number[]])[] = [
    ['F-D 23 50', 'requestedAddress', 4, [3, 5, 8]],
    ['51', 'leaseTime', 4, [3, 5]],
    ['F-D 13 53', 'messageType', 1, [0, 2]],
    ['F-D 24 54', 'serverId', 4, [3, 5]],
    ['F-D 34 57', 'maxMessageSize', 2, [1, 3]],
    ['F-D 39 93', 'architectures', 2, [0, 1, 3]],
    ['94', 'networkInterface', 3, [2, 4]],
    ['F-D 39 97', 'machineId', 17, [0, 16, 18]],
    ['118', 'subnetSelection', 4, [3, 5]],
    ['F-D 32 82', 'relayAgent', 2, [0, 1]],
    ['F-D 22 61', 'clientId', 1, [0]],
    ['12', 'hostName', 1, [0]],
    ['F-D 35 55', 'parameterRequestList', 1, [0]],
  ];
  test.each(rows)('A-06 %s: a wrong length is an absent option', (_, name, right, wrong) => {
    const option = OPTIONS[name];
    const value = (length: number) => Array.from({ length }, (_, index) => (index === 0 && length > 1 ? 0 : 1));
    const get = (length: number) => {
      const message = read(packet({ options: [option.code, length, ...value(length), END] }));
      return message.options.get<unknown>(option);
    };
    expect(get(right)).toBeDefined();
    for (const length of wrong) expect(get(length)).toBeUndefined();
  });
});

describe('values', () => {
  test.each<[string, readonly number[], readonly number[] | undefined]>([
    ['A-07 F-D 35 0, 255 and repetitions are skipped', [1, 0, 200, 255, 200, 3, 1], [1, 200, 3]],
    ['F-D 35 one code 200 times', Array.from({ length: 200 }, () => 6), [6]],
    [
      'F-D 35 255 entries',
      Array.from({ length: 255 }, (_, index) => index),
      Array.from({ length: 254 }, (_, index) => index + 1),
    ],
  ])('%s', (_, value, expected) => {
    const message = read(packet({ options: [...DISCOVER, ...tlv(55, value), END] }));
    expect(message.options.get(OPTIONS.parameterRequestList)).toEqual(expected);
  });

  test('A-08 two IAIDs under one DUID are two identities', () => {
    const id = (iaid: number) => read(d0(tlv(61, [255, 0, 0, 0, iaid, 0, 1, 9, 9]), { hlen: 0 }));
    expect(clientKey(id(1))).not.toBe(clientKey(id(2)));
  });

  test.each<[string, readonly number[], readonly string[] | undefined]>([
    ['bare iPXE', ascii('iPXE'), ['iPXE']],
    ['counted', [4, ...ascii('iPXE')], ['iPXE']],
    ['count too long', [5, ...ascii('iPXE')], ['\u0005iPXE']],
    ['one NUL', [0], undefined],
    ['255 NULs', Array.from({ length: 255 }, () => 0), undefined],
    ['two counted', [4, ...ascii('iPXE'), 3, ...ascii('foo')], ['iPXE', 'foo']],
  ])('A-09 F-D 40 77 %s', (_, value, expected) => {
    expect(read(d0(tlv(77, value))).options.get(OPTIONS.userClasses)).toEqual(expected);
  });

  test('A-10 82: every sub-option', () => {
    const value = [
      ...tlv(1, [1, 2]),
      ...tlv(2, [3]),
      ...tlv(5, quad('10.1.0.0')),
      ...tlv(10, [0x80]),
      ...tlv(11, quad('10.1.0.1')),
      ...tlv(19, []),
    ];
    const { options } = read(d0(tlv(82, value)));
    expect(options.get(OPTIONS.relayAgent)).toEqual({
      circuitId: Uint8Array.of(1, 2),
      remoteId: Uint8Array.of(3),
      linkSelection: 0x0a010000,
      unicast: true,
      serverOverride: 0x0a010001,
      sourcePort: true,
    });
    expect(options.joined(82)).toEqual(Uint8Array.from(value));
  });

  test('F-D 32, F-D 33 82: a sub-option that overruns or has a wrong length is absent', () => {
    const value = [...tlv(5, [1, 2, 3]), ...tlv(10, [0]), ...tlv(19, [0, 0, 0, 0]), 11, 200, 1];
    expect(read(d0(tlv(82, value))).options.get(OPTIONS.relayAgent)).toEqual({
      circuitId: undefined,
      remoteId: undefined,
      linkSelection: undefined,
      unicast: false,
      serverOverride: undefined,
      sourcePort: false,
    });
  });

  test.each<[string, readonly number[], unknown]>([
    ['F-D 41 inner overrun', [...tlv(19, [1]), 20, 9, 1], [{ code: 19, bytes: Uint8Array.of(1) }]],
    ['F-D 41 inner END first', [255, ...tlv(19, [1])], []],
    ['F-D 41 empty', [], undefined],
  ])('A-11 175 %s', (_, value, expected) => {
    expect(read(d0([175, value.length, ...value])).options.get(OPTIONS.ipxe)).toEqual(expected);
  });

  test.each<[string, readonly number[], unknown]>([
    [
      'two enterprises',
      [0, 0, 0, 9, 1, 5, 0, 0, 1, 0, 2, 6, 7],
      [
        { enterprise: 9, bytes: Uint8Array.of(5) },
        { enterprise: 256, bytes: Uint8Array.of(6, 7) },
      ],
    ],
    ['F-D 42 data length 255 with 5 left', [0, 0, 0, 9, 255, 1, 2, 3, 4, 5], []],
    ['F-D 42 enterprise number cut', [0, 0, 0, 9, 0, 0, 0], [{ enterprise: 9, bytes: new Uint8Array(0) }]],
  ])('A-11 125 %s', (_, value, expected) => {
    expect(read(d0(tlv(125, value))).options.get(OPTIONS.vendorInformation)).toEqual(expected);
  });

  test('A-06 B-08 97 with a type other than 0 is ignored', () => {
    const uuid = (type: number) => tlv(97, [type, ...Array.from({ length: 16 }, () => 9)]);
    expect(read(d0(uuid(0))).options.get(OPTIONS.machineId)).toHaveLength(17);
    expect(read(d0(uuid(1))).options.get(OPTIONS.machineId)).toBeUndefined();
  });

  const wire = (...labels: string[]) => labels.flatMap((label) => [label.length].concat(ascii(label)));
  test.each<[string, readonly number[], string | undefined]>([
    ['text', [0, 0, 0, ...ascii('a.b')], 'a.b'],
    ['wire form', [4, 0, 0, ...wire('host', 'lab'), 0], 'host.lab'],
    ['no terminator', [4, 0, 0, ...wire('host')], 'host'],
    ['nothing behind the flags', [4, 0, 0], ''],
    ['two bytes', [4, 0], undefined],
    ['label of 64', [4, 0, 0, 64, ...ascii('x'.repeat(64)), 0], undefined],
    ['label of 255', [4, 0, 0, 0xbf, 1], undefined],
    ['pointer c0 0c', [4, 0, 0, 0xc0, 0x0c], undefined],
    ['pointer to itself', [4, 0, 0, 0xc0, 0x00], undefined],
    [
      '120 labels',
      [4, 0, 0, ...wire(...Array.from({ length: 120 }, () => 'x')), 0],
      Array.from({ length: 120 }, () => 'x').join('.'),
    ],
  ])('A-13 F-D 37 81 %s', (_, value, expected) => {
    expect(read(d0(tlv(81, value))).options.get(OPTIONS.clientName)?.name).toBe(expected);
  });

  test.each<[string, readonly number[], readonly string[] | undefined]>([
    ['two names, one with a pointer', [...wire('eng', 'lab'), 0, ...wire('ops'), 0xc0, 4], ['eng.lab', 'ops.lab']],
    ['a loop of pointers', [...wire('a'), 0xc0, 0], undefined],
    ['pointer cut', [...wire('a'), 0xc0], undefined],
  ])('119 %s', (_, value, expected) => {
    expect(read(d0(tlv(119, value))).options.get(OPTIONS.domainSearch)).toEqual(expected);
  });

  test('121 routes with a default, and a prefix over 32 makes it absent', () => {
    const { options } = read(d0(tlv(121, [0, ...quad('10.0.0.1'), 20, 172, 16, 16, ...quad('10.0.0.2')])));
    expect(options.get(OPTIONS.routes)).toEqual([
      { to: { address: 0, prefix: 0 }, router: 0x0a000001 },
      { to: { address: 0xac101000, prefix: 20 }, router: 0x0a000002 },
    ]);
    expect(read(d0(tlv(121, [33, ...quad('10.0.0.1')]))).options.get(OPTIONS.routes)).toBeUndefined();
  });
});

describe('any bytes', () => {
  const readAll = (payload: Uint8Array) => {
    const message = decode(payload);
    if ('malformed' in message) return 0;
    return Object.values(OPTIONS).filter((option) => message.options.get<unknown>(option) !== undefined).length;
  };

  test('A-01 A-55 decode and every option reader end without an exception', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 700 }), (noise) => {
        expect(readAll(noise)).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  test('F-D 45 the same behind a sound header, with an option of every code', () => {
    const instance = fc.tuple(fc.integer({ min: 0, max: 255 }), fc.uint8Array({ maxLength: 40 }));
    fc.assert(
      fc.property(fc.array(instance, { maxLength: 60 }), fc.integer({ min: 0, max: 8 }), (options, cut) => {
        const wire = options.flatMap(([code, value]) => tlv(code, [...value]));
        const payload = packet({ options: wire });
        expect(readAll(payload.subarray(0, payload.length - cut))).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});
