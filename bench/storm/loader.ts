import type { Answer } from '../dhcp/packets.ts';

/** A loader on its way, by TFTP. */
export interface Loader {
  readonly address: number;
  readonly server: number;
  readonly file: string;
  /** The server's transfer port; 0 until it has answered. */
  port: number;
  blksize: number;
  windowsize: number;
  /** The next block, from 1. */
  next: number;
  pending: number;
  gapTold: boolean;
  bytes: number;
}

/** What EDK2 asks for. */
export const ASKED = { blksize: 1468, windowsize: 4 } as const;

export function loaderFrom({ address, server, file }: Answer): Loader {
  const fresh = { port: 0, blksize: 512, windowsize: 1, next: 1, pending: 0, gapTold: false, bytes: 0 };
  return { address, server, file, ...fresh };
}

export function readRequest(file: string): Uint8Array {
  const words = [file, 'octet', 'blksize', String(ASKED.blksize), 'windowsize', String(ASKED.windowsize)];
  return Buffer.from(`\0\x01${words.join('\0')}\0`, 'latin1');
}

/** The ACK of everything up to the block before the next one. */
export function acknowledgement({ next }: Loader): Uint8Array {
  const block = (next - 1) & 0xffff;
  return Uint8Array.of(0, 4, block >>> 8, block & 255);
}

/** Takes a packet of the server: whether it wants an ACK, is the end of the file, or says no. */
export function takePacket(loader: Loader, packet: Uint8Array): 'nothing' | 'ack' | 'end' | 'refused' {
  const opcode = packet[1];
  if (opcode === 5) return 'refused';
  if (opcode === 6 && loader.next === 1) {
    agree(loader, packet);
    return 'ack';
  }
  if (opcode !== 3) return 'nothing';
  const block = ((packet[2] ?? 0) << 8) | (packet[3] ?? 0);
  if (block !== (loader.next & 0xffff)) return gap(loader, block);
  const length = packet.length - 4;
  loader.next += 1;
  loader.pending += 1;
  loader.gapTold = false;
  loader.bytes += length;
  if (length < loader.blksize) return 'end';
  if (loader.pending < loader.windowsize) return 'nothing';
  loader.pending = 0;
  return 'ack';
}

/** A block too far means that one is missing: told once (RFC 7440 section 4). */
function gap(loader: Loader, block: number): 'nothing' | 'ack' {
  const behind = ((loader.next - block) & 0xffff) < 0x8000;
  if (behind || loader.gapTold) return 'nothing';
  loader.gapTold = true;
  loader.pending = 0;
  return 'ack';
}

function agree(loader: Loader, oack: Uint8Array): void {
  const words = Buffer.from(oack.subarray(2)).toString('latin1').split('\0');
  for (let at = 0; at + 1 < words.length; at += 2) {
    if (words[at] === 'blksize') loader.blksize = Number(words[at + 1]);
    if (words[at] === 'windowsize') loader.windowsize = Number(words[at + 1]);
  }
}
