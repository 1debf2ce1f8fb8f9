/** What may be put into a script or a kernel line as it is (D-15): no white space, quotes, `;`, `|`, `&`, `$` or braces. */
export const INSERTABLE = /^[A-Za-z0-9._:/,=@%+-]+$/;

/** A value on its way into a script. Throws RangeError for anything outside the whitelist: the inventory refuses it first. */
export function inserted(value: string): string {
  if (!INSERTABLE.test(value)) throw new RangeError('a value for a boot script holds a character that iPXE would read');
  return value;
}

/** Text for an `echo` line: whatever iPXE could read as more than text becomes `?`. */
export function said(text: string): string {
  return text.slice(0, 200).replaceAll(/[^A-Za-z0-9 ._:/,=@%+()-]/g, '?');
}
