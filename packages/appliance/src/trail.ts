import type { Client } from '@sower/machines';
import type { Mac } from '@sower/net';

/** Loader fetches count for so long without a script (B-21). */
const WINDOW_MS = 2 * 60 * 1000;
/** This many loaders and no script in the window is a loop (B-21). */
const LOOP = 3;
/** The oldest trails go first when more machines than this boot at once. */
const CAP = 10_000;

/** Where each machine has got to since it was powered on, as far as the boot decision needs it. In memory only. */
export interface Trails {
  /** A loader was fetched in full. Gives `loop` at the third one without a script. */
  loaderFetched(mac: Mac): 'fine' | 'loop';
  scriptFetched(mac: Mac): void;
  loaderFetches(mac: Mac): number;
  /** What it said it is in its DISCOVER. */
  introduced(mac: Mac, client: Client): void;
  /** What it said a moment ago: Raspberry Pi ROMs leave it out of the REQUEST (B-04). */
  introduction(mac: Mac): Client | undefined;
}

/** As long as an offer is held. */
const INTRODUCTION_MS = 60 * 1000;

export function createTrails(now: () => number): Trails {
  const fetches = new Map<Mac, readonly number[]>();
  const introductions = new Map<Mac, { readonly client: Client; readonly at: number }>();
  const recent = (mac: Mac) => (fetches.get(mac) ?? []).filter((time) => now() - time < WINDOW_MS);
  return {
    loaderFetched(mac) {
      const times = [...recent(mac), now()].slice(-LOOP);
      fetches.delete(mac);
      fetches.set(mac, times);
      const oldest = fetches.size > CAP ? fetches.keys().next().value : undefined;
      if (oldest !== undefined) fetches.delete(oldest);
      return times.length >= LOOP ? 'loop' : 'fine';
    },
    scriptFetched: (mac) => void fetches.delete(mac),
    loaderFetches: (mac) => recent(mac).length,
    introduced(mac, client) {
      introductions.delete(mac);
      introductions.set(mac, { client, at: now() });
      const oldest = introductions.size > CAP ? introductions.keys().next().value : undefined;
      if (oldest !== undefined) introductions.delete(oldest);
    },
    introduction(mac) {
      const last = introductions.get(mac);
      return last === undefined || now() - last.at > INTRODUCTION_MS ? undefined : last.client;
    },
  };
}
