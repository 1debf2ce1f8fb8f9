/** A kind of firmware that a CD's boot catalogue has something for. */
export type Firmware = 'bios' | 'uefi';

const SECTOR = 2048;
/** The boot record of a CD is its 18th sector; the catalogue's sector is written at byte 71 (El Torito 1.0, figure 7). */
const BOOT_RECORD = 17 * SECTOR;
const SIGNATURE = 'CD001\x01EL TORITO SPECIFICATION';
const ENTRY = 32;

/** Platform identifiers of catalogue sections: 0 is a PC's BIOS, 0xEF is UEFI (UEFI 2.10, 13.3.2.1). */
const FIRMWARE: Readonly<Record<number, Firmware>> = { 0: 'bios', 0xef: 'uefi' };

const BOOTABLE = 0x88;
const SECTION_HEADERS = new Set([0x90, 0x91]);

/** The firmware for which an image has a bootable entry in its El Torito catalogue, in its order; none when it has no catalogue. */
export function bootEntries(image: Uint8Array): readonly Firmware[] {
  const bytes = Buffer.from(image.buffer, image.byteOffset, image.byteLength);
  if (bytes.toString('latin1', BOOT_RECORD + 1, BOOT_RECORD + 1 + SIGNATURE.length) !== SIGNATURE) return [];
  const catalogue = bytes.readUInt32LE(BOOT_RECORD + 71) * SECTOR;
  const found: Firmware[] = [];
  let firmware: Firmware | undefined;
  for (let at = catalogue; at + ENTRY <= Math.min(bytes.length, catalogue + SECTOR); at += ENTRY) {
    const kind = bytes[at] ?? 0;
    // the first entry validates the catalogue and names the platform of the next one, as a section's header does
    if (at === catalogue || SECTION_HEADERS.has(kind)) firmware = FIRMWARE[bytes[at + 1] ?? -1];
    else if (kind === BOOTABLE && firmware !== undefined) found.push(firmware);
  }
  return found;
}
