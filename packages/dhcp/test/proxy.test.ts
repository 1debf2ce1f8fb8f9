import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { BootFields } from '../src/rules/facts.ts';
import { replyTo } from './support/ask.ts';
import { edk2Http, edk2Pxe } from './support/edk2.ts';
import { boot, facts, ip } from './support/facts.ts';
import { ipxe, takesFrom4011 } from './support/ipxe.ts';
import { ascii, d0, DISCOVER, END, packet, quad, REQUEST, request, tlv } from './support/packets.ts';
import { beside, foreignOffer, from4011, fromProxy, PXE_CLIENT } from './support/proxied.ts';
import { addressAt, codesOf, cString, fileOf, readStrictly, siaddrOf, valueOf, yiaddrOf } from './support/readers.ts';

const URI = 'http://10.0.0.1/boot.ipxe';
const IMAGE = 'http://10.0.0.1/x64/ipxe.efi';
const UUID = [0, ...Array.from({ length: 16 }, (_, index) => index + 1)];
const hexOf = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString('hex');
const skipping = (fields: BootFields): BootFields => ({ ...fields, menu: 'skip-discovery' });
const bytesOf = (outcome: { readonly bytes?: Uint8Array; readonly why: string }) =>
  outcome.bytes ?? expect.fail(outcome.why);

describe('B-10 reply matrix, proxy OFFER', () => {
  test.each<[string, BootFields, string, readonly number[]]>([
    ['pxe BIOS', skipping(boot('pxe', 'undionly.kpxe')), 'PXEClient', [43, 53, 54, 60, 97]],
    ['pxe UEFI', boot('pxe'), 'PXEClient', [53, 54, 60, 97]],
    ['ipxe', boot('ipxe', URI), 'PXEClient', [53, 54, 60, 97]],
    ['ours', boot('ours', URI), 'PXEClient', [53, 54, 60, 97]],
    ['http', boot('http', IMAGE), 'HTTPClient', [53, 54, 60, 67, 97]],
    ['rpi', boot('rpi', 'bootcode.bin'), 'PXEClient', [43, 53, 54, 60, 97]],
  ])('%s', (_, fields, vendorClass, codes) => {
    const offer = bytesOf(fromProxy(d0(tlv(97, UUID)), beside(fields)));
    const options = readStrictly(offer);
    expect(codesOf(options).toSorted((a, b) => a - b)).toEqual(codes);
    expect(cString(valueOf(options, 60))).toBe(vendorClass);
    expect([yiaddrOf(offer), siaddrOf(offer), fileOf(offer)]).toEqual(['0.0.0.0', '10.0.0.1', fields.file]);
    expect(addressAt(valueOf(options, 54) ?? new Uint8Array(4), 0)).toBe('10.0.0.1');
  });

  test('B-14 what goes to BIOS, byte for byte', () => {
    const offer = bytesOf(fromProxy(d0(tlv(97, UUID)), beside(skipping(boot('pxe', 'undionly.kpxe')))));
    const uuid = hexOf(Uint8Array.from(UUID));
    expect(hexOf(offer)).toContain(`6382536335010236040a0000013c09505845436c69656e746111${uuid}2b04060108ffff`);
    expect(hexOf(offer.subarray(10, 12))).toBe('8000');
    expect(hexOf(offer.subarray(20, 24))).toBe('0a000001');
  });

  test('A-48 a URL that `file` cannot hold goes into 67', () => {
    const long = `http://10.0.0.1/${'a'.repeat(120)}`;
    const offer = bytesOf(fromProxy(d0(), beside(boot('ipxe', long))));
    expect([fileOf(offer), cString(valueOf(readStrictly(offer), 67))]).toEqual(['', long]);
  });

  test('A-19 61 comes back as it was sent', () => {
    const offer = bytesOf(fromProxy(d0(tlv(61, [1, 2, 0, 0, 0, 0, 1])), beside(boot('pxe'))));
    expect(hexOf(valueOf(readStrictly(offer), 61))).toBe('01020000000001');
  });

  test('B-11 the same machine as plain client, PXE and HTTP firmware: silence, and two different offers', () => {
    expect(fromProxy(d0(), beside(undefined))).toEqual({ why: 'nothing-to-boot' });
    const [pxe, http] = [boot('pxe'), boot('http', IMAGE)].map((fields) => bytesOf(fromProxy(d0(), beside(fields))));
    const both = [foreignOffer(), pxe ?? expect.fail(), http ?? expect.fail()];
    expect(edk2Http(both)).toBe(IMAGE);
    expect(edk2Pxe(both, () => bytesOf(from4011(request(), beside(boot('pxe')))))?.file).toBe('snponly.efi');
  });

  test.each([
    ['a choice of the other server', request([...tlv(54, quad('10.0.0.2')), ...tlv(50, quad('10.0.0.77'))])],
    ['even a choice of ours', request([...tlv(54, quad('10.0.0.1')), ...tlv(50, quad('10.0.0.77'))])],
    ['a renewal', request([], { ciaddr: '10.0.0.77' })],
    ['INFORM', packet({ options: [...tlv(53, [8]), END], ciaddr: '10.0.0.77' })],
    ['DECLINE', packet({ options: [...tlv(53, [4]), ...tlv(50, quad('10.0.0.77')), END] })],
    ['RELEASE', packet({ options: [...tlv(53, [7]), END], ciaddr: '10.0.0.77' })],
    ['BOOTP', packet({ options: [END] })],
  ])('B-14 silence to %s', (_, payload) => {
    expect(fromProxy(payload, beside(boot('pxe')))).toEqual({ why: 'not-for-a-proxy' });
  });

  test('A-50 A-51 a relay of this network is answered with its 82, a stranger is not', () => {
    const agent = tlv(82, [1, 2, 7, 7]);
    const { reply, bytes } = fromProxy(d0(agent, { giaddr: '10.0.0.9' }), beside(boot('pxe')));
    expect(reply?.to).toEqual({ address: ip('10.0.0.9'), port: 'server' });
    expect(codesOf(readStrictly(bytes ?? expect.fail())).at(-1)).toBe(82);
    expect(fromProxy(d0(agent, { giaddr: '203.0.113.9' }), beside(boot('pxe')))).toEqual({ why: 'relay-not-allowed' });
  });
});

describe('port 4011', () => {
  const EDK2 = { address: '10.0.0.77', port: 4011 };
  const IPXE = { address: '10.0.0.77', port: 68 };
  const asked = (more: readonly number[] = [], type = 3) =>
    packet({ ciaddr: '10.0.0.77', options: [...tlv(53, [type]), ...PXE_CLIENT, ...more, END] });

  test.each([
    ['EDK2', EDK2],
    ['iPXE', IPXE],
  ])('B-15 %s is answered where it asked from', (_, from) => {
    expect(from4011(asked(), beside(boot('pxe')), from)).toMatchObject({
      why: 'boot-acknowledged',
      reply: { to: from },
    });
  });

  test.each([
    ['DISCOVER', 1, 2, 'boot-offered'],
    ['REQUEST', 3, 5, 'boot-acknowledged'],
    ['INFORM', 8, 5, 'boot-acknowledged'],
  ])('B-08b B-15 B-25 A-48 %s: an answer with file, 67, siaddr, sname and 66', (_, type, answer, why) => {
    const outcome = from4011(asked(tlv(97, UUID), type), beside(boot('pxe')));
    const reply = bytesOf(outcome);
    const options = readStrictly(reply);
    expect(outcome.why).toBe(why);
    expect([...(valueOf(options, 53) ?? [])]).toEqual([answer]);
    expect([fileOf(reply), cString(valueOf(options, 67))]).toEqual(['snponly.efi', 'snponly.efi']);
    expect([siaddrOf(reply), cString(reply.subarray(44, 108)), cString(valueOf(options, 66))]).toEqual([
      '10.0.0.1',
      '10.0.0.1',
      '10.0.0.1',
    ]);
    expect(cString(valueOf(options, 60))).toBe('PXEClient');
    expect(hexOf(valueOf(options, 97))).toBe(hexOf(Uint8Array.from(UUID)));
    expect(codesOf(options).filter((code) => [1, 3, 6, 43, 51, 58, 59].includes(code))).toEqual([]);
    expect(takesFrom4011(reply, '10.0.0.1')).toBe(true);
  });

  test('B-15 a request without a source goes back to ciaddr', () => {
    const outcome = from4011(asked(), beside(boot('pxe')), { address: '0.0.0.0', port: 68 });
    expect(outcome.reply?.to).toEqual({ address: '10.0.0.77', port: 68 });
  });

  const item = (bytes: readonly number[]) => tlv(43, [...tlv(71, bytes), 255]);
  test.each([
    ['the entry that there is', [0, 0, 0, 0], 'boot-acknowledged'],
    ['another entry', [0, 1, 0, 0], 'unknown-boot-item'],
    ['a signed entry', [0, 0, 0x80, 0], 'unknown-boot-item'],
    ['three bytes', [0, 0, 0], 'unknown-boot-item'],
    ['two bytes', [0, 0], 'unknown-boot-item'],
    ['one byte', [0], 'unknown-boot-item'],
  ])('B-20 F-D 41 43.71 is %s', (_, bytes, why) => {
    const outcome = from4011(asked(item(bytes)), beside(boot('pxe')));
    expect(outcome.why).toBe(why);
    if (outcome.bytes === undefined) return;
    expect(hexOf(valueOf(readStrictly(outcome.bytes), 43))).toBe('470400000000ff');
  });

  test.each([
    ['RELEASE', packet({ ciaddr: '10.0.0.77', options: [...tlv(53, [7]), END] }), EDK2, 'not-for-the-boot-server'],
    ['our own answer', packet({ op: 2, options: [...tlv(53, [5]), END] }), EDK2, 'not-for-the-boot-server'],
    ['BOOTP', packet({ options: [END] }), EDK2, 'not-for-the-boot-server'],
    ['an address elsewhere', asked(), { address: '203.0.113.9', port: 4011 }, 'address-not-allowed'],
    ['our own address', asked(), { address: '10.0.0.1', port: 4011 }, 'address-not-allowed'],
    ['port 0', asked(), { address: '10.0.0.77', port: 0 }, 'address-not-allowed'],
    ['nobody', packet({ options: [...REQUEST, END] }), { address: '0.0.0.0', port: 68 }, 'address-not-allowed'],
  ])('F-D 48 A-50 silence to %s', (_, payload, from, why) => {
    expect(from4011(payload, beside(boot('pxe')), from)).toEqual({ why });
  });

  test.each([
    ['F-D 48 a client that does not boot', undefined],
    ['B-11 an HTTP client', boot('http', IMAGE)],
  ])('silence to %s', (_, fields) => {
    expect(from4011(asked(), beside(fields))).toEqual({ why: 'nothing-to-boot' });
  });
});

describe('B-10 models of the real clients, over whatever they may say', () => {
  const name = fc.stringMatching(/^[a-z0-9][a-z0-9./-]{0,99}$/);
  const image = name.map((path) => `http://10.0.0.1:10000/${path}.efi`);
  const asking = fc
    .record({
      uuid: fc.option(fc.uint8Array({ minLength: 16, maxLength: 16 }), { nil: undefined }),
      clientId: fc.option(fc.uint8Array({ minLength: 2, maxLength: 60 }), { nil: undefined }),
      size: fc.option(fc.constantFrom(0, 575, 576, 1472, 65_280), { nil: undefined }),
      list: fc.option(fc.uint8Array({ minLength: 1, maxLength: 40 }), { nil: undefined }),
      flags: fc.constantFrom(0, 0x8000),
    })
    .map(({ uuid, clientId, size, list, flags }) => {
      const options = [
        ...(uuid === undefined ? [] : tlv(97, [0, ...uuid])),
        ...(clientId === undefined ? [] : tlv(61, [...clientId])),
        ...(size === undefined ? [] : tlv(57, [size >>> 8, size & 255])),
        ...(list === undefined ? [] : tlv(55, [...list])),
      ];
      return (type: readonly number[]) => packet({ flags, options: [...type, ...options, ...PXE_CLIENT, END] });
    });
  const at4011 = (payload: Uint8Array, fields: BootFields) => (server: string) =>
    server === '10.0.0.1' ? from4011(payload, beside(fields)).bytes : undefined;

  test('EDK2 PXE boots our file from us: full mode without port 4011, proxy mode by way of it, of either age', () => {
    fc.assert(
      fc.property(asking, name, fc.boolean(), (ask, file, keeps) => {
        const fields = boot('pxe', file);
        const expected = { file, server: '10.0.0.1' };
        const never = () => expect.fail('port 4011 is not needed');
        const full = replyTo(ask(DISCOVER), facts({ boot: fields }));
        expect(edk2Pxe([full], never, keeps)).toEqual(expected);
        const offers = [bytesOf(fromProxy(ask(DISCOVER), beside(fields))), foreignOffer()];
        for (const order of [offers, offers.toReversed()]) {
          expect(edk2Pxe(order, at4011(ask(REQUEST), fields), keeps)).toEqual(expected);
        }
      }),
    );
  });

  test('EDK2 PXE that was told PXEClient by the other server finds our port 4011 (B-16)', () => {
    fc.assert(
      fc.property(asking, name, (ask, file) => {
        const other = foreignOffer([...tlv(60, ascii('PXEClient')), ...tlv(54, quad('10.0.0.2'))]);
        const pointed = Uint8Array.from(other);
        pointed.set(quad('10.0.0.1'), 20);
        expect(edk2Pxe([pointed], at4011(ask(REQUEST), boot('pxe', file)))?.file).toBe(file);
      }),
    );
  });

  test('B-12 EDK2 HTTP Boot boots our URL in either mode, and never takes a PXE offer for its own', () => {
    fc.assert(
      fc.property(asking, image, (ask, file) => {
        const fields = boot('http', file);
        expect(edk2Http([replyTo(ask(DISCOVER), facts({ boot: fields }))])).toBe(file);
        expect(edk2Http([bytesOf(fromProxy(ask(DISCOVER), beside(fields))), foreignOffer()])).toBe(file);
        expect(edk2Http([bytesOf(fromProxy(ask(DISCOVER), beside(boot('pxe')))), foreignOffer()])).toBeUndefined();
      }),
    );
  });

  test('B-22 iPXE boots its script in either mode: at once from us alone, without port 4011 beside another server', () => {
    const never = () => expect.fail('port 4011 is not needed');
    fc.assert(
      fc.property(asking, fc.constantFrom<BootFields['class']>('ipxe', 'ours'), image, (ask, kind, file) => {
        const fields = boot(kind, file);
        const full = ipxe([replyTo(ask(DISCOVER), facts({ boot: fields }))], never);
        expect(full).toEqual({ file, server: '10.0.0.1', waited: false });
        const beside67 = ipxe([foreignOffer(), bytesOf(fromProxy(ask(DISCOVER), beside(fields)))], never);
        expect(beside67).toEqual({ file, server: '10.0.0.1', waited: true });
      }),
    );
  });
});
