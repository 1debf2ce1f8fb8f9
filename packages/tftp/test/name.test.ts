import { expect, test } from 'vitest';
import { namesToTry } from '../src/name.ts';

const shown = (file: string) => {
  const names = namesToTry(file);
  return 'refused' in names ? names.refused : names.join(' | ');
};

test.each([
  ['plain', 'ipxe.efi', 'ipxe.efi'],
  ['a leading slash', '/ipxe.efi', 'ipxe.efi'],
  ['C-37 tftp://host//x, as iPXE asks for it', '//ipxe.efi', 'ipxe.efi'],
  ['doubled slashes inside (shim)', 'boot//grubx64.efi', 'boot/grubx64.efi'],
  ['dot segments', './boot/./x', 'boot/x'],
  ['backslashes (Windows)', '\\Boot\\BCD', 'Boot/BCD'],
  ['a trailing slash', 'boot/', 'boot'],
  ['F-T 08 absolute', '/etc/passwd', 'etc/passwd'],
  ['F-T 08 a drive letter', 'C:\\Windows\\win.ini', 'Windows/win.ini'],
  ['F-T 08 a share', '\\\\srv\\share\\f', 'srv/share/f'],
  ['F-T 08 a URL', 'file:///etc/passwd', 'file:/etc/passwd'],
  ['F-T 08 a home', '~root/x', '~root/x'],
  ['F-T 07 dot-dot first', '../etc/passwd', 'forbidden'],
  ['F-T 07 dot-dot inside', 'a/../../etc/passwd', 'forbidden'],
  ['F-T 07 backslash dot-dot', '..\\..\\x', 'forbidden'],
  ['F-T 07 absolute dot-dot', '/../x', 'forbidden'],
  ['F-T 07 dot-dot behind a drive letter', 'C:..\\x', 'forbidden'],
  ['F-T 07 dot-dot with a stuck byte', '..\xff', 'forbidden'],
  ['F-T 07 four dots', '....//x', '..../x'],
  ['F-T 07 percent is a letter', '%2e%2e/x', '%2e%2e/x'],
  ['C-25 F-T 09 0xff stuck to the name', 'pxelinux.0\xff', 'pxelinux.0'],
  ['C-25 F-T 09 control bytes stuck to the name', 'pxelinux.0\r\n', 'pxelinux.0'],
  ['C-25 a name that ends in a letter beyond ASCII', Buffer.from('startü').toString('latin1'), 'startü | start'],
  ['F-T 09 a newline inside', 'a\nb', 'missing'],
  ['F-T 09 ESC', '\u001b[2Jx', 'missing'],
  ['F-T 09 invalid UTF-8 inside', 'a\xffb', 'missing'],
  ['F-T 09 right-to-left override', Buffer.from('a\u202eb').toString('latin1'), 'a\u202eb'],
  ['only slashes', '///', 'missing'],
  ['only garbage', '\xff\xfe', 'missing'],
  ['F-T 06 1,024 bytes', 'a'.repeat(1024), 'a'.repeat(1024)],
  ['F-T 06 1,025 bytes', 'a'.repeat(1025), 'missing'],
  ['F-T 06 500 segments', 'a/'.repeat(500), `${'a/'.repeat(499)}a`],
])('C-24 %s', (_, file, expected) => {
  expect(shown(file)).toBe(expected);
});
