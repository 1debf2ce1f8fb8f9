import { describe, expect, test } from 'vitest';
import { archOf, next, type Behaviour, type Client, type ClientClass, type Machine } from '@sower/machines';
import { dataOf, onlyMachine, valid } from './facts.ts';

const VALUES = 'version: 1.7.0, type: join, config: { token: t }';
const settings = (text: string) => valid(`appliance: ${text}`).appliance;
const client = (name: ClientClass, code: number, ...quirks: Behaviour[]): Client => ({
  class: name,
  arch: archOf(code),
  speaksHttp: true,
  quirks: new Set(quirks),
});
const node = onlyMachine(dataOf(VALUES));
const rechained = onlyMachine(dataOf(VALUES, ', rechain: true'));
const off = onlyMachine(dataOf(VALUES, ', netboot: never'));
const special = onlyMachine(dataOf(VALUES, ', loader: special.efi'));
const image = onlyMachine(dataOf(VALUES, ', loader: ipxe.iso'));
const upper = onlyMachine(dataOf(VALUES, ', loader: DISK.IMG'));
const fresh = { loaderFetches: 0 };

const bios = { kind: 'loader', folder: 'bios', names: ['undionly.kpxe'], transport: 'tftp' };
const x64 = { kind: 'loader', folder: 'x64', names: ['snponly.efi', 'ipxe.efi'], transport: 'tftp' };
const arm64 = { kind: 'loader', folder: 'arm64', names: ['snponly.efi', 'ipxe-arm64.efi'], transport: 'tftp' };
const rpi = { kind: 'loader', folder: 'rpi', names: ['bootcode.bin', 'start4.elf'], transport: 'tftp' };
const script = { kind: 'script' };
const nothing = (why: string) => ({ kind: 'nothing', why });

describe('a known machine', () => {
  test.each<[string, Client, Machine, object]>([
    ['BIOS', client('pxe', 0), node, bios],
    ['UEFI x64', client('pxe', 7), node, x64],
    ['B-07 UEFI that says 9', client('pxe', 9), node, x64],
    ['UEFI arm64', client('pxe', 11), node, arm64],
    ['B-01 HTTP Boot x64', client('http', 16), node, { ...x64, transport: 'http' }],
    ['B-01 HTTP Boot arm64', client('http', 19), node, { ...arm64, transport: 'http' }],
    ['HTTP Boot of 32 bits', client('http', 15), node, nothing('http-boot-unsupported')],
    ['HTTP Boot of an unknown architecture', client('http', 999), node, nothing('http-boot-unsupported')],
    ['B-07 an unknown architecture', client('pxe', 999), node, nothing('no-loader-for-arch')],
    ['32-bit UEFI', client('pxe', 6), node, nothing('no-loader-for-arch')],
    ['B-04 a Raspberry Pi', client('rpi', 0), node, rpi],
    ['B-21 our own iPXE', client('ours', 7), node, script],
    ['B-21 a foreign iPXE', client('ipxe', 0), node, script],
    ['B-11 an operating system', client('plain', 7), node, nothing('not-a-boot-client')],
    ['its own loader', client('pxe', 7), special, { ...x64, names: ['special.efi'] }],
    ['B-13 an ISO for HTTP Boot', client('http', 16), image, { ...x64, names: ['ipxe.iso'], transport: 'http' }],
    ['B-13 an image for HTTP Boot', client('http', 19), upper, { ...arm64, names: ['DISK.IMG'], transport: 'http' }],
    ['B-13 an ISO is nothing for PXE, so it gets the usual', client('pxe', 7), image, x64],
    ['B-13 nor for BIOS', client('pxe', 0), image, bios],
    ['B-13 nor is an image', client('pxe', 11), upper, arm64],
    ['netboot never, firmware', client('pxe', 7), off, nothing('netboot-never')],
    ['netboot never, iPXE', client('ipxe', 0), off, nothing('netboot-never')],
    ['B-21 rechain: a foreign iPXE gets the loader', client('ipxe', 0), rechained, bios],
    ['B-21 rechain: ours never does', client('ours', 0), rechained, script],
    ['B-23 an iPXE without HTTP gets our build', { ...client('ipxe', 0), speaksHttp: false }, node, bios],
    ['B-23 even where we have none for it, the script', { ...client('ipxe', 6), speaksHttp: false }, node, script],
    ['B-21 rechain without a loader', client('ipxe', 6), rechained, script],
  ])('%s', (_, who, machine, expected) => {
    expect(next(who, machine, settings('{}'), fresh)).toEqual(expected);
  });

  test('B-23 an iPXE without HTTP gets our build once: what comes back is that build', () => {
    const rom = { ...client('ipxe', 0), speaksHttp: false };
    expect(next(rom, node, settings('{}'), { loaderFetches: 1 })).toEqual(script);
  });

  test.each([1, 2, 3])('B-21 rechain ends after %i loaders', (loaderFetches) => {
    expect(next(client('ipxe', 0), rechained, settings('{}'), { loaderFetches })).toEqual(script);
  });

  test('B-21 firmware gets its loader again, however often it came', () => {
    expect(next(client('pxe', 0), node, settings('{}'), { loaderFetches: 3 })).toEqual(bios);
  });

  test('B-21 rechain for all', () => {
    const all = settings('{ loaders: { rechain: true, bios: [a.kpxe, b.kpxe] } }');
    expect(next(client('ipxe', 0), node, all, fresh)).toEqual({ ...bios, names: ['a.kpxe', 'b.kpxe'] });
    expect(next(client('ipxe', 0), undefined, { ...all, unknown: 'discover' }, fresh)).toEqual(script);
  });
});

describe('an unknown MAC', () => {
  test.each<['ignore' | 'discover' | 'local', Client, object]>([
    ['ignore', client('pxe', 7), { kind: 'ignore', why: 'unknown-mac' }],
    ['ignore', client('plain', 7), { kind: 'ignore', why: 'unknown-mac' }],
    ['discover', client('pxe', 7), x64],
    ['discover', client('ipxe', 0), script],
    ['discover', client('plain', 7), nothing('not-a-boot-client')],
    ['local', client('pxe', 7), nothing('unknown-local')],
    ['local', client('http', 16), nothing('unknown-local')],
    ['local', client('ipxe', 0), script],
    ['local', client('ours', 7), script],
    ['local', client('plain', 7), nothing('not-a-boot-client')],
  ])('under `%s`: %o', (unknown, who, expected) => {
    expect(next(who, undefined, settings(`{ unknown: ${unknown} }`), fresh)).toEqual(expected);
  });
});
