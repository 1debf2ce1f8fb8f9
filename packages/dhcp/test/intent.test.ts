import { describe, expect, test } from 'vitest';
import { intentOf } from '../src/rules/intent.ts';
import { read } from './support/ask.ts';
import { ip } from './support/facts.ts';
import { d0, END, packet, quad, request, tlv } from './support/packets.ts';

const OURS = tlv(54, quad('10.0.0.1'));
const OURS_ELSEWHERE = tlv(54, quad('10.9.9.1'));
const THEIRS = tlv(54, quad('10.0.0.66'));
const WANTS = tlv(50, quad('10.0.0.50'));
const HAS = { ciaddr: '10.0.0.51' };
const type = (number: number, more: readonly number[] = [], fields = {}) =>
  packet({ ...fields, options: [...tlv(53, [number]), ...more, END] });

const intent = (payload: Uint8Array, broadcast: boolean) =>
  intentOf(read(payload), { broadcast, isOurs: (id) => id === ip('10.0.0.1') || id === ip('10.9.9.1') });

const wanted = { address: ip('10.0.0.50') };
const had = { address: ip('10.0.0.51') };

describe('A-20 what a client wants', () => {
  test.each<[string, Uint8Array, boolean, object]>([
    ['DISCOVER', d0(), true, { kind: 'discover', requested: undefined }],
    ['DISCOVER with 50', d0(WANTS), true, { kind: 'discover', requested: ip('10.0.0.50') }],
    ['A-21 DISCOVER with ciaddr', d0([], HAS), true, { kind: 'discover' }],
    ['F-D 24 DISCOVER with 54', d0(THEIRS), true, { kind: 'discover' }],
    ['REQUEST selecting', request([...OURS, ...WANTS]), true, { kind: 'selecting', server: ip('10.0.0.1'), ...wanted }],
    [
      'A-22 selecting by another address of ours',
      request([...OURS_ELSEWHERE, ...WANTS]),
      true,
      { kind: 'selecting', server: ip('10.9.9.1') },
    ],
    ['A-21 F-D 25 selecting with ciaddr', request([...OURS, ...WANTS], HAS), true, { kind: 'selecting', ...wanted }],
    [
      'F-D 24 REQUEST for another server',
      request([...THEIRS, ...WANTS]),
      true,
      { kind: 'foreign', server: ip('10.0.0.66') },
    ],
    ['REQUEST for another server without 50', request(THEIRS), true, { kind: 'foreign' }],
    ['F-D 24 54 of three bytes is none', request([54, 3, 10, 0, 0, ...WANTS]), true, { kind: 'init-reboot' }],
    ['REQUEST init-reboot', request(WANTS), true, { kind: 'init-reboot', ...wanted }],
    ['A-21 F-D 25 init-reboot with ciaddr', request(WANTS, HAS), true, { kind: 'init-reboot', ...wanted }],
    ['REQUEST renewing', request([], HAS), false, { kind: 'renewing', ...had }],
    ['renewing that names us', request(OURS, HAS), false, { kind: 'renewing', ...had }],
    ['REQUEST rebinding', request([], HAS), true, { kind: 'rebinding', ...had }],
    ['rebinding through a relay', request([], { ...HAS, giaddr: '10.0.0.9' }), false, { kind: 'rebinding', ...had }],
    ['F-D 25 REQUEST with nothing', request(), true, { kind: 'ignored', why: 'request-without-address' }],
    ['DECLINE', type(4, [...OURS, ...WANTS]), true, { kind: 'decline', ...wanted }],
    ['F-D 27 DECLINE without 50', type(4, OURS), true, { kind: 'ignored', why: 'decline-without-address' }],
    [
      'F-D 27 DECLINE to another server',
      type(4, [...THEIRS, ...WANTS]),
      true,
      { kind: 'ignored', why: 'for-another-server' },
    ],
    ['RELEASE', type(7, OURS, HAS), false, { kind: 'release', ...had }],
    ['F-D 28 RELEASE without ciaddr', type(7, OURS), false, { kind: 'ignored', why: 'release-without-address' }],
    ['RELEASE to another server', type(7, THEIRS, HAS), true, { kind: 'ignored', why: 'for-another-server' }],
    ['INFORM', type(8, [], HAS), true, { kind: 'inform', ...had }],
    ['F-D 29 INFORM without ciaddr', type(8), true, { kind: 'ignored', why: 'inform-without-address' }],
    ['F-D 06 a reply', type(2, [], { op: 2 }), true, { kind: 'ignored', why: 'not-a-request' }],
    ...[2, 5, 6].map((number): [string, Uint8Array, boolean, object] => [
      `type ${number} from a client`,
      type(number),
      true,
      { kind: 'ignored', why: 'unsupported-type' },
    ]),
    ...[0, 9, 13, 14, 17, 18, 255].map((number): [string, Uint8Array, boolean, object] => [
      `F-D 13 type ${number}`,
      type(number),
      true,
      { kind: 'ignored', why: 'unsupported-type' },
    ]),
    ['A-02 no 53', packet({ options: [END] }), true, { kind: 'bootp' }],
    ['F-D 13 53 of length 0', packet({ options: [53, 0, END] }), true, { kind: 'bootp' }],
    ['F-D 05 A-02 no cookie', packet({ cookie: [0, 0, 0, 0] }), true, { kind: 'bootp' }],
  ])('%s', (_, payload, broadcast, expected) => {
    expect(intent(payload, broadcast)).toMatchObject(expected);
  });
});
