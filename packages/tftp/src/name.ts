import { isUtf8 } from 'node:buffer';
import type { Refused } from '@sower/files';

const LENGTH_MAX = 1024;

const CONTROL = /\p{Cc}/u;

/** Seen from PXELINUX and some ROMs: an option's END byte or its padding stuck to the name (C-25). */
const TAIL = /[^ -~]+$/;

/**
 * The relative names to look up for the file name of a request (one character per byte), in order, or why there is none (C-24, C-25).
 * Percent signs mean nothing here. Names that no file of ours can have are `missing`: shim and others probe with garbage.
 */
export function namesToTry(file: string): readonly string[] | Refused {
  if (file.length > LENGTH_MAX) return { refused: 'missing', detail: `name of ${file.length} bytes` };
  const whole = normalise(file);
  const trimmed = normalise(file.replace(TAIL, ''));
  if (typeof trimmed !== 'string' && trimmed.refused === 'forbidden') return trimmed;
  const names = [whole, trimmed].filter((name) => typeof name === 'string');
  return names.length === 0 && typeof whole !== 'string' ? whole : [...new Set(names)];
}

function normalise(file: string): string | Refused {
  const bytes = Buffer.from(file, 'latin1');
  if (!isUtf8(bytes)) return { refused: 'missing', detail: 'name is not UTF-8' };
  const name = bytes.toString('utf8');
  if (CONTROL.test(name)) return { refused: 'missing', detail: 'control character in the name' };
  const segments = name
    .replaceAll('\\', '/')
    .replace(/^[A-Za-z]:/, '')
    .split('/')
    .filter((segment) => segment !== '' && segment !== '.');
  if (segments.includes('..')) return { refused: 'forbidden', detail: '".." in the name' };
  if (segments.length === 0) return { refused: 'missing', detail: 'the name is empty' };
  return segments.join('/');
}
