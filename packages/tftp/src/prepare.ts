import { FileChanged, type OpenFile, type Refused } from '@sower/files';
import { contentOf, NETASCII_MAX, netasciiOf, type Content } from './content.ts';
import { namesToTry } from './name.ts';
import type { Outcome } from './report.ts';
import type { Asked } from './session.ts';
import type { Shared } from './shared.ts';
import { HEADERS, negotiate, WINDOW_MAX, type Negotiated } from './wire/options.ts';

/** A request that can be served: the content is the caller's to close. */
export interface Prepared {
  readonly content: Content;
  readonly negotiated: Negotiated;
}

/** A request that cannot, and why. */
export interface Unprepared {
  readonly outcome: Outcome;
  readonly detail: string;
}

/** Finds the file of a request, brings it into memory where it fits, and settles the options. Never rejects. */
export async function prepare(asked: Asked, shared: Shared): Promise<Prepared | Unprepared> {
  const { request, peer, local } = asked;
  try {
    const file = await find(asked, shared);
    if ('refused' in file) return { outcome: file.refused, detail: file.detail };
    const ceiling = shared.ceilings.of(peer.address, shared.clock.now()) ?? Infinity;
    const blksizeMax = Math.min(shared.mtu(local) - HEADERS, shared.maxBlksize(), ceiling);
    if (request.mode.toLowerCase() === 'octet') {
      const negotiated = negotiate(request.options, { blksizeMax, windowMax: WINDOW_MAX, size: file.size });
      return { content: await contentOf(file, negotiated.terms.blksize, shared.cache), negotiated };
    }
    const text = await netasciiOf(file, shared.cache);
    if (text === undefined) return { outcome: 'mode', detail: `netascii only up to ${NETASCII_MAX} bytes` };
    const negotiated = negotiate(request.options, { blksizeMax, windowMax: 1, size: undefined });
    return { content: await contentOf(text, negotiated.terms.blksize, shared.cache), negotiated };
  } catch (error) {
    return faultOf(error);
  }
}

/** What a fault of this machine means for a request: without descriptors it is dropped, so that the client tries again (C-30). */
export function faultOf(error: unknown): {
  readonly outcome: 'changed' | 'overload' | 'unreadable';
  readonly detail: string;
} {
  if (error instanceof FileChanged) return { outcome: 'changed', detail: error.message };
  const detail = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return { outcome: code === 'EMFILE' || code === 'ENFILE' ? 'overload' : 'unreadable', detail };
}

/** The first name that is there (C-25); the answer to the name as it was sent when none is. */
async function find({ request, peer, local }: Asked, shared: Shared): Promise<OpenFile | Refused> {
  const names = namesToTry(request.file);
  if ('refused' in names) return names;
  let answer: Refused | undefined;
  for (const name of names) {
    const found = await shared.find(name, peer, local);
    if (!('refused' in found)) return found;
    answer ??= found;
    if (found.refused !== 'missing') break;
  }
  return answer ?? { refused: 'missing', detail: 'no name to look for' };
}
