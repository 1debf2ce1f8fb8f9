import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { negotiate, type Offer } from '../src/wire/options.ts';
import { decode, encode, printable, type Option } from '../src/wire/packet.ts';

const text = (value: string) => Buffer.from(value, 'latin1');
const rrq = (...fields: readonly string[]) => text(`\0\x01${fields.join('\0')}\0`);

describe('C-03 requests', () => {
  test('what EDK2 sends (captured)', () => {
    const bytes = Buffer.from(
      '0001697078652e656669006f63746574007473697a65003000626c6b73697a6500313436380077696e646f7773697a65003400',
      'hex',
    );
    const options: readonly Option[] = [
      ['tsize', '0'],
      ['blksize', '1468'],
      ['windowsize', '4'],
    ];
    expect(decode(bytes)).toEqual({ type: 'rrq', file: 'ipxe.efi', mode: 'octet', options });
    expect(Buffer.from(encode({ type: 'rrq', file: 'ipxe.efi', mode: 'octet', options }))).toEqual(bytes);
  });

  test.each([
    ['F-T 01 0 bytes', text('')],
    ['F-T 01 1 byte', text('\0')],
    ['F-T 01 2 bytes', text('\0\x01')],
    ['F-T 01 opcode 0', text('\0\0x\0octet\0')],
    ['F-T 01 opcode 7', text('\0\x07x\0octet\0')],
    ['F-T 01 opcode 0x0100', text('\x01\0x\0octet\0')],
    ['F-T 01 opcode 0xffff', text('\xff\xffx\0octet\0')],
    ['F-T 02 file name without NUL', text('\0\x01ipxe.efi')],
    ['F-T 02 mode missing', text('\0\x01ipxe.efi\0')],
    ['F-T 02 mode without NUL', text('\0\x01ipxe.efi\0octet')],
    ['F-T 05 1,501 bytes', rrq('x'.repeat(1492), 'octet')],
    ['F-T 05 65,507 bytes', rrq('x'.repeat(65_498), 'octet')],
    ['F-T 20 ACK of 3 bytes', text('\0\x04\0')],
  ])('%s is no packet', (_, bytes) => {
    expect(decode(bytes)).toBeUndefined();
  });

  test.each<[string, Buffer, readonly Option[]]>([
    ['an odd count', rrq('x', 'octet', 'blksize', '512', 'tsize'), [['blksize', '512']]],
    ['a value without NUL', text('\0\x01x\0octet\0blksize\x00512'), []],
    [
      'an empty name',
      rrq('x', 'octet', '', '', 'tsize', '0'),
      [
        ['', ''],
        ['tsize', '0'],
      ],
    ],
    ['trailing NULs', rrq('x', 'octet', '', '', ''), [['', '']]],
    ['none', rrq('x', 'octet'), []],
  ])('F-T 16 options: %s', (_, bytes, options) => {
    expect(decode(bytes)).toMatchObject({ type: 'rrq', file: 'x', options });
  });

  test('F-T 05 a request of 1,500 bytes is read', () => {
    expect(decode(rrq('x'.repeat(1491), 'octet'))).toMatchObject({ type: 'rrq', mode: 'octet' });
  });
});

describe('bytes of the other packets', () => {
  test.each([
    ['ACK', encode({ type: 'ack', block: 258 }), '00040102'],
    ['C-17 ACK beyond 65535', encode({ type: 'ack', block: 65_537 }), '00040001'],
    ['C-17 DATA beyond 65535', encode({ type: 'data', block: 65_536 * 3, payload: text('') }), '00030000'],
    ['DATA', encode({ type: 'data', block: 1, payload: text('hi') }), '000300016869'],
    [
      'C-23 ERROR',
      encode({ type: 'error', code: 1, message: 'File not found' }),
      '0005000146696c65206e6f7420666f756e6400',
    ],
    [
      'C-06 OACK (dnsmasq to EDK2, captured)',
      encode({
        type: 'oack',
        options: [
          ['blksize', '1468'],
          ['tsize', '850528'],
        ],
      }),
      '0006626c6b73697a650031343638007473697a650038353035323800',
    ],
  ])('%s', (_, bytes, hex) => {
    expect(Buffer.from(bytes).toString('hex')).toBe(hex);
  });

  test('C-23 an ERROR text is at most 64 printable bytes and a NUL', () => {
    const bytes = Buffer.from(encode({ type: 'error', code: 0, message: `\u001b[31m${'x'.repeat(100)}` }));
    expect(bytes.length).toBe(4 + 64 + 1);
    expect(bytes.subarray(4).toString('latin1')).toMatch(/^[ -~]{64}\0$/);
  });

  test.each([
    ['without NUL', '00050000', ''],
    ['EDK2 (captured)', '000500085573657220616200', 'User ab'],
    ['text without NUL', '000500004162', 'Ab'],
  ])('F-T 21 ERROR %s', (_, hex, message) => {
    expect(decode(Buffer.from(hex, 'hex'))).toMatchObject({ type: 'error', message });
  });

  test('F-T 20 an ACK with a byte too many is one', () => {
    expect(decode(Buffer.from('0004000100', 'hex'))).toEqual({ type: 'ack', block: 1 });
  });
});

test('F-T 01 no datagram makes the decoder throw', () => {
  fc.assert(
    fc.property(fc.constantFrom(0, 1, 2, 3, 4, 5, 6, 7), fc.uint8Array({ maxLength: 600 }), (opcode, tail) => {
      const packet = decode(Uint8Array.of(0, opcode, ...tail));
      const empty = packet?.type === 'oack' && packet.options.length === 0;
      if (packet !== undefined && !empty) expect(decode(encode(packet))?.type).toBe(packet.type);
    }),
  );
});

test('A-12 log texts are printable', () => {
  expect(printable('a\u001b[2Jb\nc\u00ff')).toBe('a\\x1b[2Jb\\x0ac\\xff');
});

const offer = { blksizeMax: 1468, windowMax: 32, size: 850_528 };
const answer = (asked: readonly Option[], limits: Offer = offer) =>
  negotiate(asked, limits)
    .accepted.map((option) => option.join('='))
    .join(' ');

describe('C-06 C-07 negotiation', () => {
  test.each([
    ['F-T 12 blksize', ['0', '7'], ['', '']],
    ['F-T 12 blksize', ['8', '511', '512', '1428', '1432', '1468'], ['8', '511', '512', '1428', '1432', '1468']],
    ['F-T 12 C-08 blksize over the MTU', ['1469', '65464'], ['1468', '1468']],
    ['F-T 12 blksize out of range', ['65465', '4294967296', '99999999999999999999'], ['', '', '']],
    ['F-T 12 blksize malformed', ['-1', '1e3', '0x200', ' 512', '', '512 ', '+512'], ['', '', '', '', '', '', '']],
    ['C-06 blksize with a leading zero', ['0512'], ['512']],
    ['F-T 13 tsize', ['0', '5'], ['850528', '850528']],
    ['F-T 13 tsize malformed', ['-1', 'abc'], ['', '']],
    ['F-T 14 C-12 timeout', ['1', '255'], ['1', '255']],
    ['F-T 14 timeout out of range', ['0', '256', '1.5'], ['', '', '']],
    ['F-T 15 C-13 windowsize', ['1', '4', '32'], ['1', '4', '32']],
    ['F-T 15 C-13 windowsize over the cap', ['33', '65535'], ['32', '32']],
    ['F-T 15 windowsize out of range', ['0', '65536', '-1'], ['', '', '']],
    ['F-T 16 C-38 multicast', [''], ['']],
    ['F-T 16 C-38 rollover', ['0'], ['']],
    ['F-T 16 C-38 utimeout', ['100000'], ['']],
  ])('%s %j → %j', (name, values, expected) => {
    const option = name.split(' ').find((word) => /^[a-z]+$/.test(word)) ?? '';
    const answers = values.map((value) => answer([[option, value]]));
    expect(answers).toEqual(expected.map((value) => (value === '' ? '' : `${option}=${value}`)));
  });

  test('C-06 request order, lower case, each once, only what was asked for', () => {
    const asked: readonly Option[] = [
      ['WindowSize', '4'],
      ['x'.repeat(200), '1'],
      ['BLKSIZE', '1024'],
      ['blksize', '512'],
      ['tsize', '0'],
    ];
    expect(answer(asked)).toBe('windowsize=4 blksize=1024 tsize=850528');
  });

  test('F-T 16 100 unknown options are no options', () => {
    expect(answer(Array.from({ length: 100 }, (_, n): Option => [`o${n}`, '1']))).toBe('');
  });

  test('without options RFC 1350 holds', () => {
    expect(negotiate([], offer)).toEqual({ accepted: [], terms: { blksize: 512, windowsize: 1, timeout: undefined } });
  });

  test.each([
    [0, 'tsize=0'],
    [2 ** 31, 'tsize=2147483648'],
    [2 ** 32 + 1, 'tsize=4294967297'],
    [undefined, ''],
  ])('C-11 F-T 13 a file of %j bytes: %j', (size, expected) => {
    expect(answer([['tsize', '0']], { ...offer, size })).toBe(expected);
  });
});
