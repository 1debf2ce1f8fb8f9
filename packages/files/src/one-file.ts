import { realpath } from 'node:fs/promises';
import { openRegular, orRefused } from './regular.ts';
import type { Source } from './source.ts';

/**
 * One file, under each of these names and no other. The path is the operator's own word, not a client's, so its links may
 * lead anywhere. It is resolved at each opening: what was renamed into its place is what the next client gets.
 */
export function oneFile(path: string, names: readonly string[]): Source {
  return {
    async open(name) {
      if (!names.includes(name)) return { refused: 'missing', detail: `only ${names.join(', ')}` };
      return await orRefused(async () => openRegular(await realpath(path)));
    },
  };
}
