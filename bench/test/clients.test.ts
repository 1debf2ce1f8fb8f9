import { decode, macOf, OPTIONS } from '@sower/dhcp';
import { describe, expect, test } from 'vitest';
import { answerOf, discover, request } from '../dhcp/packets.ts';
import { siteMachine } from '../rig/site.ts';
import { acknowledgement, loaderFrom, readRequest, takePacket } from '../storm/loader.ts';

const MAC = Uint8Array.of(2, 0, 0, 1, 2, 3);

/** An OFFER of 10.65.0.1 by 10.64.0.1 with the boot file in the header, as dnsmasq sends it, or in option 67. */
function offer(file: string, place: 'header' | 'option'): Uint8Array {
  const bytes = new Uint8Array(320);
  bytes.set([2, 1, 6, 0, 0xaa, 0xbb, 0xcc, 0xdd]);
  bytes.set([10, 65, 0, 1, 10, 64, 0, 1], 16);
  if (place === 'header') bytes.set(Buffer.from(file), 108);
  const named = place === 'option' ? [67, file.length + 1, ...Buffer.from(`${file}\0`)] : [];
  bytes.set([0x63, 0x82, 0x53, 0x63, 53, 1, 2, 0, 54, 4, 10, 64, 0, 1, ...named, 255], 236);
  return bytes;
}

const SAID = {
  kind: 'offer',
  xid: 0xaabbccdd,
  address: 0x0a410001,
  server: 0x0a400001,
  identifier: 0x0a400001,
} as const;

describe('the simulated machines: DHCP', () => {
  test.each([
    ['host', undefined, undefined],
    ['firmware', 'PXEClient:Arch:00007:UNDI:003000', undefined],
    ['ipxe', 'PXEClient:Arch:00007:UNDI:003010', 'iPXE'],
  ] as const)('a DISCOVER of %s is one', (asker, vendorClass, userClass) => {
    const message = decode(discover(0x01020304, MAC, asker));
    if (!('op' in message)) throw new Error('malformed');
    expect(message).toMatchObject({ xid: 0x01020304, broadcast: true, giaddr: 0 });
    expect(macOf(message)).toBe('02:00:00:01:02:03');
    expect(message.options.get(OPTIONS.messageType)).toBe(1);
    expect(message.options.get(OPTIONS.vendorClass)).toBe(vendorClass);
    expect(String(message.options.get(OPTIONS.userClasses) ?? '')).toContain(userClass ?? '');
  });

  test('a REQUEST takes what was offered', () => {
    const message = decode(request({ ...SAID, file: '' }, MAC, 'host'));
    if (!('op' in message)) throw new Error('malformed');
    expect(message.xid).toBe(0xaabbccdd);
    expect(message.options.get(OPTIONS.messageType)).toBe(3);
    expect(message.options.get(OPTIONS.requestedAddress)).toBe(0x0a410001);
    expect(message.options.get(OPTIONS.serverId)).toBe(0x0a400001);
  });

  test.each([
    ['the header', offer('a/loader.efi', 'header'), 'a/loader.efi'],
    ['option 67', offer('a/loader.efi', 'option'), 'a/loader.efi'],
    ['nowhere', offer('', 'header'), ''],
  ])('an OFFER with its boot file in %s', (_, bytes, file) => {
    expect(answerOf(bytes)).toEqual({ ...SAID, file });
  });

  test.each([
    ['a request', discover(1, MAC, 'host')],
    ['a short packet', new Uint8Array(239)],
    ['one without option 53', offer('', 'header').fill(0, 240)],
    ['an option that goes beyond the end', offer('', 'header').fill(200, 250)],
  ])('%s is no answer', (_, bytes) => {
    expect(answerOf(bytes)).toBeUndefined();
  });
});

describe('the simulated machines: TFTP', () => {
  const data = (block: number, length: number) => {
    const packet = new Uint8Array(4 + length);
    packet.set([0, 3, block >>> 8, block & 255]);
    return packet;
  };
  const fresh = () => loaderFrom({ ...SAID, file: 'f' });
  const OACK = Buffer.from('\0\x06blksize\x001468\0windowsize\x004\0', 'latin1');

  test('the request is the one that EDK2 sends', () => {
    expect(Buffer.from(readRequest('f')).toString('latin1')).toBe('\0\x01f\0octet\0blksize\x001468\0windowsize\x004\0');
  });

  test('with windows of 4: an ACK of the OACK, of each fourth block and of the last', () => {
    const loader = fresh();
    const blocks = [1, 2, 3, 4, 5, 6].map((block) => data(block, block === 6 ? 10 : 1468));
    const wants = [OACK, ...blocks].map((packet) => takePacket(loader, packet));
    expect(wants).toEqual(['ack', 'nothing', 'nothing', 'nothing', 'ack', 'nothing', 'end']);
    expect(loader.bytes).toBe(5 * 1468 + 10);
    expect(acknowledgement(loader)).toEqual(Uint8Array.of(0, 4, 0, 6));
  });

  test('without an OACK each block of 512 bytes has its ACK', () => {
    const loader = fresh();
    expect([data(1, 512), data(2, 0)].map((packet) => takePacket(loader, packet))).toEqual(['ack', 'end']);
  });

  test('a gap is told once, with the ACK of what came before it; what came twice is not', () => {
    const loader = fresh();
    const packets = [OACK, data(1, 1468), data(3, 1468), data(4, 1468), data(1, 1468)];
    expect(packets.map((packet) => takePacket(loader, packet))).toEqual([
      'ack',
      'nothing',
      'ack',
      'nothing',
      'nothing',
    ]);
    expect(acknowledgement(loader)).toEqual(Uint8Array.of(0, 4, 0, 1));
  });

  test('an ERROR is a refusal', () => {
    expect(takePacket(fresh(), Uint8Array.of(0, 5, 0, 1, 0))).toBe('refused');
  });
});

test.each([
  [0, '52:54:00:65:00:01', '10.65.0.1'],
  [254, '52:54:00:65:00:ff', '10.65.0.255'],
  [999, '52:54:00:65:03:e8', '10.65.3.232'],
])('machine %i of the site', (index, mac, address) => {
  expect(siteMachine(index)).toEqual({ mac, address });
});
