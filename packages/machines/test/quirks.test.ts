import { describe, expect, test } from 'vitest';
import { BEHAVIOURS, clientOf, next, QUIRKS, type BootOptions, type Quirk } from '@sower/machines';
import { dataOf, mac, onlyMachine, valid } from './facts.ts';

const UUID = '00112233-4455-6677-8899-aabbccddeeff';
/** The UUID as option 97 has it, first three fields the other way round, and as people write it. */
const SWAPPED = Uint8Array.from([
  0x33, 0x22, 0x11, 0, 0x55, 0x44, 0x77, 0x66, 0x88, 0x99, 170, 187, 204, 221, 238, 255,
]);
const STRAIGHT = Uint8Array.from([
  0, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 170, 187, 204, 221, 238, 255,
]);
const said: BootOptions = {
  mac: mac('52:54:00:aa:bb:01'),
  vendorClass: 'PXEClient:Arch:00007:UNDI:003000',
  userClasses: ['lab', 'iPXE'],
  archs: [7],
  ipxeFeatures: undefined,
  uuid: SWAPPED,
};
const quirk = (match: Quirk['match']): Quirk => ({ match, behaviour: 'no-boot-file', source: 'a test' });
const applies = (match: Quirk['match'], changes: Partial<BootOptions> = {}) =>
  clientOf({ ...said, ...changes }, [quirk(match)]).quirks.has('no-boot-file');

describe('whom a quirk is for', () => {
  test.each<[string, Quirk['match'], boolean]>([
    ['its address block', { oui: ['00:00:00', '52:54:00'] }, true],
    ['another block', { oui: ['52:54:01'] }, false],
    ['how its option 60 begins', { vendorClass: ['PXEClient:Arch:00007'] }, true],
    ['what stands inside option 60', { vendorClass: ['Arch:00007'] }, false],
    ['one of its user classes', { userClass: ['iPXE'] }, true],
    ['a part of a user class', { userClass: ['PXE'] }, false],
    ['its architecture', { arch: [9, 7] }, true],
    ['another architecture', { arch: [0, 'none'] }, false],
    ['B-09 its UUID', { uuid: [UUID] }, true],
    ['B-09 its UUID in capitals', { uuid: [UUID.toUpperCase()] }, true],
    ['another UUID', { uuid: [UUID.replace('0011', '0012')] }, false],
    ['two conditions that hold', { oui: ['52:54:00'], arch: [7] }, true],
    ['two conditions of which one holds', { oui: ['52:54:00'], arch: [11] }, false],
  ])('%s', (_, match, expected) => {
    expect(applies(match)).toBe(expected);
  });

  test.each<[string, Quirk['match'], Partial<BootOptions>, boolean]>([
    ['B-09 a UUID in the order that people write', { uuid: [UUID] }, { uuid: STRAIGHT }, true],
    [
      'a text in the UUID',
      { uuid: ['RPi5'] },
      { uuid: Uint8Array.from('xxRPi5xxxxxxxxxx', (c) => c.charCodeAt(0)) },
      true,
    ],
    ['no UUID', { uuid: [UUID] }, { uuid: undefined }, false],
    ['no option 60', { vendorClass: [''] }, { vendorClass: undefined }, false],
    ['no architecture, where that is meant', { arch: [0, 'none'] }, { archs: [] }, true],
    ['no architecture, where it is not', { arch: [0] }, { archs: [] }, false],
    ['a list of architectures of which one is another', { arch: [7] }, { archs: [7, 16] }, false],
  ])('%s', (_, match, changes, expected) => {
    expect(applies(match, changes)).toBe(expected);
  });
});

describe('the quirks that are known', () => {
  test('each says what it does and how we know', () => {
    const names = BEHAVIOURS.map(([name]) => name);
    for (const { behaviour, source, match } of QUIRKS) {
      expect(names).toContain(behaviour);
      expect(source).not.toBe('');
      expect(Object.keys(match)).not.toEqual([]);
    }
  });

  test.each<[string, Partial<BootOptions>, readonly string[]]>([
    ['BIOS', { archs: [0] }, ['skip-discovery']],
    ['UEFI', { archs: [7] }, []],
    [
      'B-24 one of the first Raspberry Pis',
      { mac: mac('b8:27:eb:00:00:01'), archs: [0] },
      ['raspberry-pi', 'raspberry-pi-padded', 'skip-discovery'],
    ],
    ['B-24 a later one', { mac: mac('dc:a6:32:00:00:01'), archs: [] }, ['raspberry-pi']],
    ['B-04 one with EDK2', { mac: mac('dc:a6:32:00:00:01'), archs: [11] }, []],
    ['an operating system on one', { mac: mac('b8:27:eb:00:00:01'), archs: [], vendorClass: 'dhcpcd' }, []],
  ])('%s', (_, changes, expected) => {
    expect([...clientOf({ ...said, ...changes }).quirks].toSorted()).toEqual([...expected]);
  });
});

describe('quirks of a data file', () => {
  const written = (rule: string) => valid(`appliance: { quirks: [${rule}] }`).appliance.quirks;

  test('every field, in lists or alone', () => {
    const rule = `{ match: { oui: [B8-27-EB, 00:11:22], vendorClass: HTTPClient, userClass: [a, b], arch: [7, none], uuid: ${UUID} }, behaviour: no-answer, source: seen in rack 4 }`;
    expect(written(rule)).toEqual([
      {
        match: {
          oui: ['b8:27:eb', '00:11:22'],
          vendorClass: ['HTTPClient'],
          userClass: ['a', 'b'],
          arch: [7, 'none'],
          uuid: [UUID],
        },
        behaviour: 'no-answer',
        source: 'seen in rack 4',
      },
    ]);
  });

  const machine = onlyMachine(dataOf('version: 1.7.0, type: join, config: { token: t }'));
  test.each([
    ['no-boot-file', { kind: 'nothing', why: 'quirk-no-boot-file' }],
    ['no-answer', { kind: 'ignore', why: 'quirk-no-answer' }],
  ])('%s', (behaviour, expected) => {
    const { appliance } = valid(`appliance: { quirks: [{ match: { arch: 7 }, behaviour: ${behaviour} }] }`);
    const client = clientOf(said, appliance.quirks);
    expect(next(client, machine, appliance, { loaderFetches: 0 })).toEqual(expected);
    const other = clientOf({ ...said, archs: [11] }, appliance.quirks);
    expect(next(other, machine, appliance, { loaderFetches: 0 })).not.toEqual(expected);
  });
});
