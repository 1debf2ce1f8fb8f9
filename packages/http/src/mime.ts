/**
 * What UEFI HTTP Boot goes by, compared as a whole string: no parameters, ever (D-06). It runs `application/efi`, and mounts
 * the other two as a RAM disk, a virtual CD or a virtual disk, which it then boots.
 */
const FIRMWARE: ReadonlyMap<string, string> = new Map([
  ['efi', 'application/efi'],
  ['iso', 'application/vnd.efi-iso'],
  ['img', 'application/vnd.efi-img'],
]);

const OTHERS: ReadonlyMap<string, string> = new Map([['ipxe', 'text/plain']]);

/** The Content-Type of a file by its name's extension, in either case. */
export function typeOf(path: string): string {
  const extension = extensionOf(path);
  return FIRMWARE.get(extension) ?? OTHERS.get(extension) ?? 'application/octet-stream';
}

/** Whether firmware itself may fetch it; such a file always comes whole, never as 304. */
export function isFirmware(path: string): boolean {
  return FIRMWARE.has(extensionOf(path));
}

function extensionOf(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1).toLowerCase();
}
