import { expect, test } from 'vitest';
import { describe as describeMessage } from '../src/wire/describe.ts';
import { read } from './support/ask.ts';
import { ascii, d0, packet, quad, tlv } from './support/packets.ts';

test('a line says type, client, transaction, addresses and options by name', () => {
  const more = [...tlv(93, [0, 7]), ...tlv(50, quad('10.0.0.5')), ...tlv(200, [1, 2]), ...tlv(82, [1, 1, 7])];
  expect(describeMessage(read(d0(more, { ciaddr: '10.0.0.4' })))).toBe(
    'DISCOVER 02:00:00:00:00:01 xid deadbeef ciaddr 10.0.0.4 parameterRequestList=1,3,6,66,67 architectures=7 ' +
      'requestedAddress=10.0.0.5 200=0102 relayAgent=circuit 07',
  );
});

test('a value that makes no sense is shown as bytes', () => {
  expect(describeMessage(read(d0(tlv(50, [1, 2, 3]))))).toContain(' 50=010203');
});

test('BOOTP and unknown types have a name', () => {
  expect(describeMessage(read(packet({ cookie: [0, 0, 0, 0] })))).toMatch(/^BOOTP 02:/);
  expect(describeMessage(read(packet({ options: tlv(53, [13]) })))).toMatch(/^UNKNOWN TYPE /);
});

test.each([12, 15, 17, 56, 60, 66, 67, 77, 81])(
  'A-12 F-D 36 control characters in option %i do not reach the line',
  (code) => {
    const evil = ascii('   x\n[INFO] fake\u001b[2Ja\0b\r');
    const payload = d0(tlv(code, code === 81 ? [0, 0, 0, ...evil] : evil), { file: ascii('f\n\u001b[31m') });
    const line = describeMessage(read(payload));
    expect(line).toMatch(/^[\u0020-\u007e]*$/);
    expect(line).toContain('file "f[31m"');
  },
);
