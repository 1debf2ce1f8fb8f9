import type { IPv4, Mac } from '@sower/net';

/** The longest memory. */
const CAP = 10_000;

/**
 * Who was seen to use which address that another server gave: what its REQUEST said, or where it asked port 4011 from.
 * Anybody can say that, so it names machines in the log and counts their loaders, and refuses nobody anything.
 */
export interface Sightings {
  saw(mac: Mac, address: IPv4): void;
  at(address: IPv4): Mac | undefined;
}

export function createSightings(): Sightings {
  const seen = new Map<IPv4, Mac>();
  return {
    saw(mac, address) {
      seen.delete(address);
      seen.set(address, mac);
      const oldest = seen.size > CAP ? seen.keys().next().value : undefined;
      if (oldest !== undefined) seen.delete(oldest);
    },
    at: (address) => seen.get(address),
  };
}
