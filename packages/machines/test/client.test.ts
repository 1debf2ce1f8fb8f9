import { describe, expect, test } from 'vitest';
import { ARCHS, archOf, clientOf, type BootOptions } from '@sower/machines';
import { mac } from './facts.ts';

const nobody: BootOptions = {
  mac: mac('52:54:00:aa:bb:01'),
  vendorClass: undefined,
  userClasses: [],
  archs: [],
  ipxeFeatures: undefined,
  uuid: undefined,
};
const ascii = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

describe('who asks', () => {
  test.each<[string, Partial<BootOptions>, string, number | undefined]>([
    ['B-01 EDK2 HTTP', { vendorClass: 'HTTPClient:Arch:00016:UNDI:003000', archs: [16] }, 'http', 16],
    ['B-01 wins over B-02', { vendorClass: 'HTTPClient', userClasses: ['sower'], archs: [16] }, 'http', 16],
    [
      'B-02 our own script',
      { vendorClass: 'PXEClient:Arch:00007', userClasses: ['sower'], ipxeFeatures: [19], archs: [7] },
      'ours',
      7,
    ],
    ['B-02 among several user classes', { userClasses: ['iPXE', 'sower'] }, 'ours', undefined],
    [
      'B-03 iPXE ROM',
      { vendorClass: 'PXEClient:Arch:00000:UNDI:002001', userClasses: ['iPXE'], ipxeFeatures: [19], archs: [0] },
      'ipxe',
      0,
    ],
    ['B-03 gPXE', { vendorClass: 'PXEClient', userClasses: ['gPXE'], archs: [0] }, 'ipxe', 0],
    [
      'B-03 FlexBoot says it by option 175 only',
      { vendorClass: 'PXEClient', ipxeFeatures: [19], archs: [7] },
      'ipxe',
      7,
    ],
    [
      'B-03 another user class is not iPXE',
      { vendorClass: 'PXEClient', userClasses: ['ipxe-like'], archs: [7] },
      'pxe',
      7,
    ],
    [
      'B-04 Pi by address block',
      { mac: mac('b8:27:eb:00:00:01'), vendorClass: 'PXEClient:Arch:00000:UNDI:002001', archs: [0] },
      'rpi',
      0,
    ],
    ['B-04 Pi by its UUID', { vendorClass: 'PXEClient', uuid: ascii('RPi4xxxxxxxxxxxx') }, 'rpi', undefined],
    ['B-04 Pi with arch 41', { mac: mac('dc:a6:32:00:00:01'), vendorClass: 'PXEClient', archs: [41] }, 'rpi', 41],
    [
      'B-04 a Pi with EDK2 is an ordinary client',
      { mac: mac('dc:a6:32:00:00:01'), vendorClass: 'PXEClient:Arch:00011', archs: [11] },
      'pxe',
      11,
    ],
    ['B-04 a UUID that is no Pi', { vendorClass: 'PXEClient', archs: [0], uuid: ascii('RPixxxxxxxxxxxxx') }, 'pxe', 0],
    ['B-05 EDK2 PXE', { vendorClass: 'PXEClient:Arch:00007:UNDI:003000', archs: [7] }, 'pxe', 7],
    ['B-06 an operating system', { vendorClass: 'MSFT 5.0' }, 'plain', undefined],
    ['B-30 U-Boot', { vendorClass: 'U-Boot.armv8', archs: [22] }, 'plain', 22],
    ['B-29 Apple’s BSDP', { vendorClass: 'AAPLBSDPC/i386/MacBook1,1' }, 'plain', undefined],
    ['B-06 nothing said', {}, 'plain', undefined],
    ['B-06 PXEClient not at the start', { vendorClass: 'xPXEClient' }, 'plain', undefined],
    ['B-07 the first known of a list', { vendorClass: 'PXEClient', archs: [65_535, 16, 7] }, 'pxe', 16],
    ['B-07 spelt out in option 60', { vendorClass: 'PXEClient:Arch:00011:UNDI:003010' }, 'pxe', 11],
    ['B-07 option 93 counts before option 60', { vendorClass: 'PXEClient:Arch:00000', archs: [7] }, 'pxe', 7],
    ['B-07 an unknown code', { vendorClass: 'PXEClient', archs: [65_535] }, 'pxe', undefined],
  ])('%s', (_, said, expected, arch) => {
    const client = clientOf({ ...nobody, ...said });
    expect(client.class).toBe(expected);
    expect(client.arch?.code).toBe(arch);
  });
});

test.each<[string, Partial<BootOptions>, boolean]>([
  ['names HTTP', { ipxeFeatures: [17, 19, 33] }, true],
  ['names others', { ipxeFeatures: [33] }, false],
  ['names none', { ipxeFeatures: [] }, false],
  ['says nothing of features', { userClasses: ['iPXE'] }, true],
])('B-23 an iPXE that %s', (_, said, expected) => {
  expect(clientOf({ ...nobody, ...said }).speaksHttp).toBe(expected);
});

describe('B-07 the table of architectures', () => {
  test('holds all registered codes once, in order', () => {
    expect(ARCHS.map(({ code }) => code)).toEqual(Array.from({ length: 42 }, (_, code) => code));
  });

  test.each([
    [0, 'bios', 'tftp', 'bios'],
    [6, 'uefi', 'tftp', undefined],
    [7, 'uefi', 'tftp', 'x64'],
    [8, 'uefi', 'tftp', undefined],
    [9, 'uefi', 'tftp', 'x64'],
    [11, 'uefi', 'tftp', 'arm64'],
    [15, 'uefi', 'http', undefined],
    [16, 'uefi', 'http', 'x64'],
    [19, 'uefi', 'http', 'arm64'],
    [20, 'bios', 'http', undefined],
    [41, 'rpi', 'tftp', undefined],
  ])('B-07 code %i is %s by %s with the loaders of %s', (code, firmware, transport, loaders) => {
    expect(archOf(code)).toMatchObject({ code, firmware, transport, loaders });
  });

  test.each([-1, 42, 65_535, 1.5])('B-07 code %d is not registered', (code) => {
    expect(archOf(code)).toBeUndefined();
  });
});
