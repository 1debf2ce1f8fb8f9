import { inRange, type AddressRange, type IPv4 } from '@sower/net';
import type { Places, SubnetPlan } from './allocate.ts';
import { FreeSet } from './free-set.ts';

interface Pool {
  readonly range: AddressRange;
  readonly excluded: SubnetPlan['excluded'];
  readonly reservedBy: SubnetPlan['reservedBy'];
  readonly free: FreeSet;
}

/** Which addresses of each subnet's pool are free. */
export class Pools {
  readonly #pools = new Map<string, Pool>();

  get size(): number {
    return this.#pools.size;
  }

  /** Bitmap words read so far. */
  get reads(): number {
    let sum = 0;
    for (const { free } of this.#pools.values()) sum += free.reads;
    return sum;
  }

  /** The places of a plan's pool; made anew, less the `busy` ones, when its range, exclusions or reservations are others. */
  places({ key, pool: range, excluded, reservedBy }: SubnetPlan, busy: () => Iterable<IPv4>): Places | undefined {
    if (range === undefined) return undefined;
    const pool = this.#pools.get(key);
    const same = pool?.range.first === range.first && pool.range.last === range.last;
    if (same && pool.excluded === excluded && pool.reservedBy === reservedBy) return pool.free;
    const free = new FreeSet(range.last - range.first + 1);
    for (const address of busy()) if (inRange(range, address)) free.mark(address - range.first, true);
    this.#pools.set(key, { range, excluded, reservedBy, free });
    return free;
  }

  mark(address: IPv4, taken: boolean): void {
    for (const { range, free } of this.#pools.values()) {
      if (inRange(range, address)) free.mark(address - range.first, taken);
    }
  }

  /** Forgets the pools of all other subnets. */
  retain(subnets: ReadonlySet<string>): void {
    for (const key of this.#pools.keys()) if (!subnets.has(key)) this.#pools.delete(key);
  }
}
