import { spread } from '../report/statistics.ts';
import type { ExchangeRun } from './exchange-run.ts';

/** How perfdhcp is told to be a relay agent at `from` for ever new machines: so many exchanges, begun at that rate. */
export function perfdhcpWords(from: string, server: string, rate: number, exchanges: number): readonly string[] {
  const seconds = Math.ceil(exchanges / rate);
  const words = ['-4', '-l', from, '-r', rate, '-R', exchanges, '-n', exchanges, '-p', seconds + 1, '-W', 1_000_000];
  return [...words.map(String), '-x', 't', '-g', 'multi', server];
}

/**
 * Reads what perfdhcp prints with `-x t`. It tells the times of the two halves of an exchange apart and not whose they are, but
 * a REQUEST leaves as soon as its OFFER is there: so each is the other half of the last OFFER before it.
 */
export function readPerfdhcp(output: string): ExchangeRun {
  const [first = '', second = ''] = output.split('***Timestamps for packets: REQUEST-ACK***');
  const offers = pairs(first.split('***Timestamps for packets: DISCOVER-OFFER***')[1] ?? '');
  const acks = pairs(second).toSorted((a, b) => a.sent - b.sent);
  const begun = Number(/DISCOVER-OFFER\*\*\*\s+sent packets: (\d+)/.exec(output)?.[1] ?? 0);
  const waiting = offers.toSorted((a, b) => a.received - b.received);
  const took: number[] = [];
  let next = 0;
  for (const ack of acks) {
    while ((waiting[next + 1]?.received ?? Infinity) <= ack.sent && waiting.length - next > acks.length - took.length) {
      next += 1;
    }
    const offer = waiting[next];
    if (offer !== undefined) took.push(ack.received - offer.sent);
    next += 1;
  }
  return { begun, completed: acks.length, ms: spread(took) };
}

/** Sent and received, in milliseconds. */
function pairs(text: string): readonly { readonly sent: number; readonly received: number }[] {
  return Array.from(text.matchAll(/^sent \/ received: ([\d.]+) \/ ([\d.]+)$/gm), ([, sent, received]) => ({
    sent: Number(sent) * 1000,
    received: Number(received) * 1000,
  }));
}
