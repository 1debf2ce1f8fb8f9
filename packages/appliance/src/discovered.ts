import type { Discovered } from '@sower/http';
import type { Mac } from '@sower/net';

/** The longest list of strangers that is kept. */
const CAP = 1000;

/** MACs outside the inventory that asked for a script under `unknown: discover`, the latest last. In memory only. */
export interface Strangers {
  saw(mac: Mac, address: string): void;
  list(): readonly Discovered[];
}

export function createStrangers(now: () => number): Strangers {
  const seen = new Map<Mac, Discovered>();
  return {
    saw(mac, address) {
      seen.delete(mac);
      seen.set(mac, { mac, address, seen: now() });
      const oldest = seen.size > CAP ? seen.keys().next().value : undefined;
      if (oldest !== undefined) seen.delete(oldest);
    },
    list: () => [...seen.values()],
  };
}
