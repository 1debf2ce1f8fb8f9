/** What one cell of the TFTP table asks for: so many machines at once, each the whole file. */
export interface TftpCell {
  readonly title: string;
  /** Bytes of the file. */
  readonly size: number;
  readonly clients: number;
  readonly blksize: number;
  /** 1: the machines do not ask for a window (RFC 7440). */
  readonly windowsize: number;
  /** How often in a run, so that a short cell is no matter of chance. */
  readonly times: number;
}

const MIB = 2 ** 20;

/** At most 512 MiB a run. */
export const TFTP_CELLS: readonly TftpCell[] = [
  cell('1 MiB ×1, 1468', MIB, 1, 1468, 1, 20),
  cell('1 MiB ×10, 1468', MIB, 10, 1468, 1, 10),
  cell('1 MiB ×100, 512', MIB, 100, 512, 1, 1),
  cell('1 MiB ×100, 1468', MIB, 100, 1468, 1, 2),
  cell('1 MiB ×100, 1468 w16', MIB, 100, 1468, 16, 3),
  cell('64 MiB ×1, 1468', 64 * MIB, 1, 1468, 1, 1),
  cell('64 MiB ×1, 1468 w16', 64 * MIB, 1, 1468, 16, 3),
  cell('50 MiB ×10, 1468 w16', 50 * MIB, 10, 1468, 16, 1),
  cell('iPXE: 1 MiB ×100, 1432', MIB, 100, 1432, 1, 2),
  cell('EDK2: 1 MiB ×100, 1468 w4', MIB, 100, 1468, 4, 3),
  cell('300 KB ×1000, 1432', 300_000, 1000, 1432, 1, 1),
];

function cell(
  title: string,
  size: number,
  clients: number,
  blksize: number,
  windowsize: number,
  times: number,
): TftpCell {
  return { title, size, clients, blksize, windowsize, times };
}
