import type { DhcpFigures } from '../dhcp/measure.ts';
import type { HttpFigure } from '../http/measure.ts';
import type { StormFigure } from '../storm/measure.ts';
import type { TftpFigure } from '../tftp/measure.ts';

export const SECTIONS = ['dhcp', 'tftp', 'storm', 'http'] as const;
export type Section = (typeof SECTIONS)[number];

/** What was measured; a section that was not asked for is absent. */
export interface Results {
  readonly dhcp?: readonly DhcpFigures[];
  readonly tftp?: readonly TftpFigure[];
  readonly storm?: readonly StormFigure[];
  readonly http?: readonly HttpFigure[];
}
