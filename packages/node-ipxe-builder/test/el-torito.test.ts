import { describe, expect, test } from 'vitest';
import { bootEntries } from '../src/index.ts';

/** An image of 20 sectors with a boot record in the 18th and its catalogue, from hex, in the 20th. */
function image(...entries: readonly string[]): Buffer {
  const bytes = Buffer.alloc(20 * 2048);
  bytes.write('\0CD001\x01EL TORITO SPECIFICATION', 17 * 2048, 'latin1');
  bytes.writeUInt32LE(19, 17 * 2048 + 71);
  for (const [index, entry] of entries.entries()) bytes.write(entry, 19 * 2048 + index * 32, 'hex');
  return bytes;
}

const VALIDATION_BIOS = '0100';
const VALIDATION_UEFI = '01ef';
const BOOTABLE = '88';
const NOT_BOOTABLE = '00';
const LAST_SECTION_UEFI = '91ef';
const SECTION_MAC = '9002';

describe('boot entries of a CD (El Torito 1.0)', () => {
  test.each([
    ['BIOS alone', image(VALIDATION_BIOS, BOOTABLE), ['bios']],
    ['UEFI alone', image(VALIDATION_UEFI, BOOTABLE), ['uefi']],
    ['both', image(VALIDATION_BIOS, BOOTABLE, LAST_SECTION_UEFI, BOOTABLE), ['bios', 'uefi']],
    ['one that is switched off', image(VALIDATION_BIOS, NOT_BOOTABLE, LAST_SECTION_UEFI, BOOTABLE), ['uefi']],
    ['a platform that is none of ours', image(VALIDATION_BIOS, BOOTABLE, SECTION_MAC, BOOTABLE), ['bios']],
    ['an empty catalogue', image(), []],
    ['a catalogue behind the end', image().subarray(0, 19 * 2048), []],
    ['no boot record', Buffer.alloc(20 * 2048), []],
    ['nothing', Buffer.alloc(0), []],
  ])('%s', (_, bytes, firmware) => {
    expect(bootEntries(bytes)).toEqual(firmware);
  });
});
