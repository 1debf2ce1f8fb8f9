import { createHash } from 'node:crypto';
import type { OpenFile } from './source.ts';

/**
 * A file that exists only in memory: generated once, of fixed length (C-27).
 * `modified` is ms since 1970. The version follows from the content, so equal bytes have equal ETags.
 */
export function bytes(content: Uint8Array, modified: number): OpenFile {
  return {
    size: content.length,
    modified,
    version: createHash('sha256').update(content).digest('hex').slice(0, 32),
    read: (position, length) => Promise.resolve(content.subarray(position, position + length)),
    close: () => Promise.resolve(),
  };
}
