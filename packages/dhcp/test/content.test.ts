import { describe, expect, test } from 'vitest';
import { sizeLimit } from '../src/rules/content.ts';
import type { BootFields } from '../src/rules/facts.ts';
import { safeHostName } from '../src/rules/host-name.ts';
import { read, replyTo } from './support/ask.ts';
import { boot, facts, NETWORK } from './support/facts.ts';
import { ascii, d0, DISCOVER, END, packet, quad, request, tlv } from './support/packets.ts';
import {
  cString,
  codesOf,
  edk2BootFile,
  edk2Kind,
  fileOf,
  ipxeBootFile,
  ipxeWaitsForProxy,
  readStrictly,
  shimBootFile,
  siaddrOf,
  valueOf,
} from './support/readers.ts';

const URI = 'http://10.0.0.1/boot.ipxe';
const UUID = [0, ...Array.from({ length: 16 }, (_, index) => index + 1)];
const hexOf = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString('hex');
const offer = (fields: BootFields, more: readonly number[] = [], header = {}) =>
  replyTo(d0(more, header), facts({ boot: fields }));

describe('B-10 reply matrix, full mode', () => {
  const rows: readonly (readonly [string, BootFields, readonly number[], string])[] = [
    ['pxe', boot('pxe'), [66, 67], 'dhcp-with-boot-file'],
    ['http', boot('http', 'http://10.0.0.1/x64/ipxe.efi'), [60, 66, 67], 'http'],
    ['ipxe', boot('ipxe', URI), [66, 67, 175], 'dhcp-with-boot-file'],
    ['ours', boot('ours', URI), [66, 67, 175], 'dhcp-with-boot-file'],
    ['rpi', boot('rpi', 'bootcode.bin'), [43, 60, 66, 67], 'pxe10'],
  ];
  test.each(rows)('%s', (_, fields, codes, kind) => {
    const reply = offer(fields);
    const present = codesOf(readStrictly(reply)).filter((code) => [43, 60, 66, 67, 175].includes(code));
    expect(present.toSorted((a, b) => a - b)).toEqual(codes);
    expect(edk2Kind(reply)).toBe(kind);
    expect(siaddrOf(reply)).toBe('10.0.0.1');
  });

  test('B-08b siaddr is never 0 with a boot file, and is 0 without boot', () => {
    for (const [, fields] of rows) expect(siaddrOf(offer(fields))).not.toBe('0.0.0.0');
    expect(siaddrOf(replyTo(d0(), facts()))).toBe('0.0.0.0');
  });

  test.each(rows)('A-48 %s: EDK2, iPXE and shim read the same file; 66 says siaddr', (_, fields) => {
    const reply = offer(fields);
    expect([edk2BootFile(reply), ipxeBootFile(reply), shimBootFile(reply)]).toEqual([
      fields.file,
      fields.file,
      fields.file,
    ]);
    expect(cString(valueOf(readStrictly(reply), 66))).toBe('10.0.0.1');
  });

  test.each(rows)('A-47 %s: 66 and 67 end in a NUL that the length counts', (_, fields) => {
    const options = readStrictly(offer(fields));
    expect([...(valueOf(options, 66) ?? [])]).toEqual([...ascii('10.0.0.1'), 0]);
    expect([...(valueOf(options, 67) ?? [])]).toEqual([...ascii(fields.file), 0]);
  });

  test('A-23 the ACK boots the same as the OFFER', () => {
    for (const [, fields] of rows) {
      const ack = replyTo(
        request([...tlv(54, quad('10.0.0.1')), ...tlv(50, quad('10.0.0.50'))]),
        facts({ boot: fields }),
      );
      const bootBytes = (reply: Uint8Array) => [
        hexOf(reply.subarray(20, 24)),
        fileOf(reply),
        ...[43, 60, 66, 67, 175].map((code) => hexOf(valueOf(readStrictly(reply), code))),
      ];
      expect(bootBytes(ack)).toEqual(bootBytes(offer(fields)));
    }
  });

  test.each([
    [127, true],
    [128, false],
    [254, false],
  ])('A-48 a URI of %i bytes is in `file`: %s, and in 67', (length, inFile) => {
    const uri = `http://10.0.0.1/${'x'.repeat(length - 20)}.efi`;
    const reply = offer(boot('http', uri), tlv(57, [5, 0xc0]));
    expect(uri).toHaveLength(length);
    expect(fileOf(reply)).toBe(inFile ? uri : '');
    expect(edk2BootFile(reply)).toBe(uri);
  });

  test('B-11 the same machine as plain client, PXE and HTTP firmware gets three different answers', () => {
    const answers = [undefined, boot('pxe'), boot('http', URI)].map((fields) =>
      edk2Kind(replyTo(d0(), facts({ boot: fields }))),
    );
    expect(answers).toEqual(['dhcp-only', 'dhcp-with-boot-file', 'http']);
  });
});

describe('B-25 shim', () => {
  test('B-25 OFFER and ACK name the file with its folder and the server: the second stage is beside it', () => {
    const fields = boot('pxe', 'loaders/x64/shimx64.efi');
    const selecting = request([...tlv(54, quad('10.0.0.1')), ...tlv(50, quad('10.0.0.50'))]);
    for (const payload of [d0(), selecting]) {
      const reply = replyTo(payload, facts({ boot: fields }));
      const secondStage = `${shimBootFile(reply).replace(/[^/]*$/, '')}grubx64.efi`;
      expect([secondStage, siaddrOf(reply)]).toEqual(['loaders/x64/grubx64.efi', '10.0.0.1']);
    }
  });
});

describe('B.3 golden fragments', () => {
  test('B-22 iPXE: 175 says that no proxy follows, 67 counts its NUL, `file` says the same', () => {
    const reply = offer(boot('ipxe', URI));
    expect(hexOf(reply)).toContain('af03b00101');
    // 67, 26 bytes, "http://10.0.0.1/boot.ipxe", NUL
    expect(hexOf(reply)).toContain('431a687474703a2f2f31302e302e302e312f626f6f742e6970786500ff');
    expect(fileOf(reply)).toBe(URI);
    expect(ipxeWaitsForProxy(reply)).toBe(false);
    expect(ipxeWaitsForProxy(offer(boot('pxe')))).toBe(true);
  });

  test('B-12 HTTP Boot: 60 is HTTPClient without NUL', () => {
    const reply = offer(boot('http', 'http://10.0.0.1/x64/ipxe.efi'));
    expect(hexOf(reply)).toContain('3c0a48545450436c69656e74');
    expect(hexOf(reply)).toContain(`431d${Buffer.from('http://10.0.0.1/x64/ipxe.efi\0').toString('hex')}`);
  });

  test.each([
    // 06 01 03 | 0a 04 00 "PXE" | 09 14 00 00 11 "Raspberry Pi Boot" | ff
    ['any board', undefined, '2b200601030a0400505845091400001152617370626572727920506920426f6f74ff'],
    [
      'first boards',
      'raspberry-pi-padded',
      '2b230601030a0400505845091700001452617370626572727920506920426f6f74202020ff',
    ],
  ] as const)('B-24 Raspberry Pi, %s', (_, menu, fragment) => {
    const reply = offer({ ...boot('rpi'), ...(menu && { menu }) });
    expect(hexOf(reply)).toContain(fragment);
    expect(hexOf(reply)).toContain(`3c09${Buffer.from('PXEClient').toString('hex')}`);
  });
});

describe('echoes', () => {
  test.each([
    ['one byte', [9]],
    ['seven bytes', [1, 2, 0, 0, 0, 0, 1]],
    ['F-D 22 255 bytes', Array.from({ length: 255 }, (_, index) => index)],
  ])('A-19 61 comes back unaltered: %s', (_, id) => {
    const options = readStrictly(replyTo(d0([...tlv(61, id), ...tlv(57, [5, 0xc0])]), facts()));
    expect([...(valueOf(options, 61) ?? [])]).toEqual(id);
  });

  test('A-19 no 61, no echo', () => {
    expect(codesOf(readStrictly(replyTo(d0(), facts())))).not.toContain(61);
  });

  test.each([
    ['17 bytes of type 0', UUID, true],
    ['all zero', UUID.map(() => 0), true],
    ['type 1', [1, ...UUID.slice(1)], false],
    ['16 bytes', UUID.slice(1), false],
  ])('B-08 F-D 39 97 of %s: comes back %s', (_, uuid, echoed) => {
    const value = valueOf(readStrictly(offer(boot('pxe'), tlv(97, uuid))), 97);
    expect(value === undefined ? undefined : [...value]).toEqual(echoed ? uuid : undefined);
  });

  test('B-08a 93 and 94 do not come back', () => {
    const codes = codesOf(readStrictly(offer(boot('pxe'), [...tlv(93, [0, 7]), ...tlv(94, [1, 3, 0])])));
    expect(codes).not.toEqual(expect.arrayContaining([93]));
    expect(codes).not.toEqual(expect.arrayContaining([94]));
  });
});

describe('what is asked for', () => {
  const codes = (list: readonly number[] | undefined) => {
    const payload = packet({ options: [...DISCOVER, ...(list === undefined ? [] : tlv(55, list)), END] });
    return codesOf(readStrictly(replyTo(payload, facts({ hostname: 'node-1' }))));
  };
  test.each([
    ['A-45 a Pi that asks for 43, 60, 66, 67 gets 1, 3 and 28', [43, 60, 66, 67], [53, 54, 51, 58, 59, 1, 3, 28]],
    ['A-45 nothing asked: all', undefined, [53, 54, 51, 58, 59, 1, 3, 28, 6, 15, 12]],
    ['A-45 12 and 6', [12, 6], [53, 54, 51, 58, 59, 1, 3, 28, 6, 12]],
    ['A-07 a random code changes nothing', [15, 200], [53, 54, 51, 58, 59, 1, 3, 28, 15]],
  ])('%s', (_, list, expected) => {
    expect(codes(list)).toEqual(expected);
  });

  test('A-43 the whole order, with boot, identities and a relay', () => {
    const more = [...tlv(61, [1, 2]), ...tlv(97, UUID), ...tlv(82, [1, 1, 7]), ...tlv(57, [5, 0xc0])];
    const payload = packet({ giaddr: '10.0.0.9', options: [...DISCOVER, ...more, END] });
    const all = codesOf(readStrictly(replyTo(payload, facts({ hostname: 'n', boot: boot('rpi') }))));
    expect(all).toEqual([53, 54, 51, 58, 59, 1, 3, 28, 6, 15, 12, 61, 60, 97, 43, 66, 67, 82]);
  });

  test('A-43 A-45 configured options come in the order of the list, forced ones behind', () => {
    const extra = (code: number, force = false) => ({ code, bytes: Uint8Array.of(1, 2, 3, 4), force });
    const given = facts({ extras: [extra(200, true), extra(224), extra(119), extra(26), extra(7, true)] });
    const reply = replyTo(packet({ options: [...DISCOVER, ...tlv(55, [224, 26, 7]), END] }), given);
    expect(codesOf(readStrictly(reply)).slice(8)).toEqual([224, 26, 7, 200]);
  });

  test('A-44 forty large configured options: what fits, whole, and nothing that matters is lost', () => {
    const extras = Array.from({ length: 40 }, (_, at) => ({ code: 200 + at, bytes: new Uint8Array(100), force: true }));
    const options = readStrictly(offer(boot('ipxe', URI), tlv(57, [5, 0xdc])));
    const crowded = readStrictly(replyTo(d0(tlv(57, [5, 0xdc])), facts({ boot: boot('ipxe', URI), extras })));
    for (const { code } of options) expect(codesOf(crowded)).toContain(code);
    const sent = crowded.filter(({ code }) => code >= 200);
    expect(sent.length).toBeGreaterThan(5);
    expect(sent.every(({ value }) => value.length === 100)).toBe(true);
  });

  test('a network without router, DNS and domain sends none of them', () => {
    const network = { ...NETWORK, router: undefined, dns: [], domain: undefined };
    const reply = replyTo(packet({ options: [...DISCOVER, END] }), facts({ network }));
    expect(codesOf(readStrictly(reply))).toEqual([53, 54, 51, 58, 59, 1, 28]);
  });
});

describe('A-42 size', () => {
  test.each([
    ['no 57', [], 1500, 548],
    ['F-D 34 57=0', tlv(57, [0, 0]), 1500, 548],
    ['F-D 34 57=68', tlv(57, [0, 68]), 1500, 548],
    ['F-D 34 57=575', tlv(57, [2, 0x3f]), 1500, 548],
    ['F-D 34 57=576', tlv(57, [2, 0x40]), 1500, 548],
    ['F-D 34 57=1472', tlv(57, [5, 0xc0]), 1500, 1444],
    ['F-D 34 57=65280', tlv(57, [0xff, 0]), 1500, 1472],
    ['F-D 34 57=65535', tlv(57, [0xff, 0xff]), 9000, 1472],
    ['a tunnel of 1400', tlv(57, [0xff, 0]), 1400, 1372],
    ['F-D 34 57 of one byte', tlv(57, [9]), 1500, 548],
    ['F-D 34 57 of three bytes', tlv(57, [9, 9, 9]), 1500, 548],
  ])('%s', (_, more, mtu, limit) => {
    expect(sizeLimit(read(d0(more)), mtu)).toBe(limit);
  });

  test('BOOTP gets 300', () => {
    expect(sizeLimit(read(packet({ cookie: [0, 0, 0, 0] })), 1500)).toBe(300);
  });

  test('F-D 04 a datagram of 65,507 bytes is answered, but not in its size', () => {
    expect(replyTo(d0([], { size: 65_507 }), facts({ boot: boot('pxe') })).length).toBeLessThanOrEqual(548);
  });
});

describe('A-54 host names', () => {
  test.each([
    ['node-1', 'node-1'],
    ['Node.Lab.', 'node.lab'],
    ['', undefined],
    ['A'.repeat(255), 'a'.repeat(63)],
    ['a\0b', 'ab'],
    ['../../x', 'x'],
    ['$(reboot)', 'reboot'],
    ['${net0/mac}', 'net0mac'],
    ['-', undefined],
    ['...', undefined],
    ['\u00ff\u00fe', undefined],
    ['x\n[INFO] fake', 'xinfofake'],
    [`${'a'.repeat(62)}-b`, 'a'.repeat(62)],
  ])('F-D 36 %j becomes %j', (name, expected) => {
    expect(safeHostName(name)).toBe(expected);
  });
});
