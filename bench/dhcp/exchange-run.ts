import type { Spread } from '../report/statistics.ts';

/** What came of exchanges (DISCOVER, OFFER, REQUEST, ACK) that were begun at a fixed rate. */
export interface ExchangeRun {
  readonly begun: number;
  readonly completed: number;
  /** From the DISCOVER to the ACK, milliseconds; of the completed ones. */
  readonly ms: Spread;
}
