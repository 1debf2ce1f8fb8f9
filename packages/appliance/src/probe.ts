import { setTimeout as delay } from 'node:timers/promises';
import { formatIPv4, neighbourAt, openDatagrams, type Datagrams, type IPv4, type Mac } from '@sower/net';

/** Finds out whether somebody uses an address that nobody was given. */
export interface Prober {
  /** Who answers for the address; undefined for nobody, and where there was no time to ask. At most 300 ms. */
  occupantOf(address: IPv4): Promise<Mac | undefined>;
  close(): Promise<void>;
}

/** The outside world, as the prober needs it. */
export interface Surroundings {
  /** Makes the kernel ask for the owner of an address. */
  stir(address: IPv4): void;
  neighbourAt(address: IPv4): Promise<Mac | undefined>;
  wait(ms: number): Promise<void>;
  /** A monotonic clock in milliseconds. */
  now(): number;
}

/** By then a host on this link has answered ARP; a client waits for more than a second. */
const ANSWER_MS = 300;
/** An answer counts for so long. */
const FRESH_MS = 60_000;
/** More new addresses than this in a second: there is no time to ask for a minute. */
const MOST_PER_SECOND = 8;
const SUSPENDED_MS = 60_000;

/** Asks for an address once a minute; where many machines come at once, not at all: their offers must not wait. */
export function createProber(around: Surroundings): Omit<Prober, 'close'> {
  const asked = new Map<IPv4, { readonly at: number; readonly occupant: Promise<Mac | undefined> }>();
  let recent: readonly number[] = [];
  let suspendedUntil = 0;

  const ask = async (address: IPv4): Promise<Mac | undefined> => {
    around.stir(address);
    await around.wait(ANSWER_MS);
    return await around.neighbourAt(address);
  };
  const isTooMuch = (): boolean => {
    const now = around.now();
    recent = [...recent, now].filter((time) => now - time < 1000).slice(-MOST_PER_SECOND - 1);
    if (recent.length > MOST_PER_SECOND) suspendedUntil = now + SUSPENDED_MS;
    return now < suspendedUntil;
  };

  return {
    occupantOf(address) {
      const last = asked.get(address);
      if (last !== undefined && around.now() - last.at < FRESH_MS) return last.occupant;
      if (isTooMuch()) return Promise.resolve(undefined);
      for (const [other, { at }] of asked) if (around.now() - at >= FRESH_MS) asked.delete(other);
      const occupant = ask(address);
      asked.set(address, { at: around.now(), occupant });
      return occupant;
    },
  };
}

/** Nobody reads what is sent there (RFC 863); the kernel has to find out who it is for. */
const DISCARD = 9;

/**
 * A prober of the links of this host (A-35a): a byte to an address makes the kernel ask for its owner. Its socket is
 * opened for the first address.
 */
export function openProber(onError: (error: Error) => void): Prober {
  let socket: Promise<Datagrams> | undefined;
  const open = () => openDatagrams({ address: '0.0.0.0', port: 0 }, { onMessage: () => undefined, onError });
  const stir = async (address: IPv4) => {
    socket ??= open();
    const datagrams = await socket;
    // Nobody there is no fault: that is the answer.
    datagrams.send(Uint8Array.of(0), { address: formatIPv4(address), port: DISCARD });
  };
  const prober = createProber({
    stir: (address) => void stir(address).catch(onError),
    neighbourAt,
    wait: (ms) => delay(ms),
    now: () => performance.now(),
  });
  return { ...prober, close: async () => (await socket)?.close() };
}
