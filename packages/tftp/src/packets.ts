import type { OpenFile } from '@sower/files';
import { DATA_HEADER, writeDataHeader } from './wire/packet.ts';

/** Read and made into packets at once: what nobody else should have to wait for. */
const BYTES_AT_ONCE = 1024 * 1024;
/** The same for small blocks, which cost by the packet. */
const PACKETS_AT_ONCE = 4096;

/** Bytes of the DATA packets that a file of `size` bytes makes: the last of them is short, maybe empty (C-18). */
function packetsSize(size: number, blksize: number): number {
  return size + DATA_HEADER * (Math.floor(size / blksize) + 1);
}

/**
 * A file as its DATA packets of one block size, one after the other, so that a window is one piece of memory and every
 * client that asks for this size shares it (C-33). Positions and lengths are in bytes of whole packets. Takes the file over.
 */
export function packetised(file: OpenFile, blksize: number): OpenFile {
  const each = blksize + DATA_HEADER;
  const size = packetsSize(file.size, blksize);
  const step = Math.min(Math.max(1, Math.floor(BYTES_AT_ONCE / blksize)), PACKETS_AT_ONCE) * each;
  return {
    size,
    modified: file.modified,
    version: `${file.version} in blocks of ${blksize}`,
    async read(position, length) {
      const end = Math.min(position + length, size);
      const packets = Buffer.allocUnsafeSlow(Math.max(0, end - position));
      for (let at = position; at < end; at += step) {
        const stop = Math.min(at + step, end);
        const first = at / each;
        const payload = await file.read(first * blksize, Math.ceil((stop - at) / each) * blksize);
        interleave(packets.subarray(at - position, stop - position), payload, blksize, first + 1);
      }
      return packets;
    },
    close: () => file.close(),
  };
}

function interleave(packets: Uint8Array, payload: Uint8Array, blksize: number, first: number): void {
  const each = blksize + DATA_HEADER;
  for (let index = 0; index * each < packets.length; index += 1) {
    writeDataHeader(packets, index * each, first + index);
    packets.set(payload.subarray(index * blksize, (index + 1) * blksize), index * each + DATA_HEADER);
  }
}
