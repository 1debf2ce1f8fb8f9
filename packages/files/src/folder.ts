import { realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { openRegular, orRefused } from './regular.ts';
import type { OpenFile, Refused, Source } from './source.ts';

const UNSAFE = /[\p{Cc}\\]/u;

/**
 * The regular files below one folder, read-only (C-24, D-10).
 * Links may lead anywhere inside the folder, never out of it. The folder itself may be a link, may be replaced, and may be absent.
 */
export function folder(root: string): Source {
  return {
    async open(name) {
      const unsafe = whyUnsafe(name);
      if (unsafe !== undefined) return { refused: 'forbidden', detail: unsafe };
      return await orRefused(async () => openInside(await realpath(root), name));
    },
  };
}

function whyUnsafe(name: string): string | undefined {
  if (UNSAFE.test(name)) return 'control character or backslash in the name';
  const bad = name.split('/').find((segment) => segment === '' || segment === '.' || segment === '..');
  return bad === undefined ? undefined : `segment "${bad}" in the name`;
}

async function openInside(root: string, name: string): Promise<OpenFile | Refused> {
  const path = await realpath(join(root, name));
  const inside = root.endsWith(sep) ? root : root + sep;
  if (!path.startsWith(inside)) return { refused: 'forbidden', detail: `leads out of the folder, to ${path}` };
  return await openRegular(path);
}
