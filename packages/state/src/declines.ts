import type { Mac } from '@sower/net';

const HOUR_MS = 3_600_000;
const PER_HOUR = 3;
/** Clients remembered; beyond it the one that declined longest ago is forgotten. */
const CLIENTS = 1024;

/** How often each client declined in the last hour. */
export class Declines {
  readonly #times = new Map<Mac, readonly number[]>();

  /** Counts one decline; false when the client has used up its hour. */
  allow(mac: Mac, now: number): boolean {
    const recent = (this.#times.get(mac) ?? []).filter((time) => time > now - HOUR_MS);
    if (recent.length >= PER_HOUR) return false;
    this.#times.delete(mac);
    const [oldest] = this.#times.keys();
    if (this.#times.size >= CLIENTS && oldest !== undefined) this.#times.delete(oldest);
    this.#times.set(mac, [...recent, now]);
    return true;
  }
}
