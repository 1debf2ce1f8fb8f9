import { contains, formatIPv4, type IPv4, type Mac } from '@sower/net';
import { choose, mayHave, reservationIn, type SubnetPlan } from './allocate.ts';
import { Declines } from './declines.ts';
import { importLeases, type ImportOutcome } from './import-leases.ts';
import { boundLease, decodeLease, encodeLease, leaseKey, shiftLease, type Lease } from './lease.ts';
import type { BindOutcome, ClientDetails, Clock, DeclineOutcome, LeaseReport, Leases, LeaseView } from './leases.ts';
import type { Ledger } from './ledger.ts';
import { StoreUnwritable, type Store } from './store.ts';
import { covers } from './stored.ts';
import { Turns } from './turns.ts';

const SECOND = 1000;
const HOLD_MS = 60 * SECOND;
/** On disk a lease lasts a quarter longer than granted, so that a boot chain's next requests need no sync (G-06). */
const DISK_SLACK = 1.25;
const QUARANTINE_MS = { dynamic: 24 * 3600 * SECOND, reserved: 600 * SECOND };
const QUARANTINE_SHARE = 0.25;

/** The book over a filled ledger: decisions at once, writes one after the other for each address. */
export class LeaseBook implements Leases {
  readonly #ledger: Ledger;
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #report: (report: LeaseReport) => void;
  readonly #turns = new Turns<IPv4>();
  readonly #declines = new Declines();

  constructor(ledger: Ledger, store: Store, clock: Clock, report: (report: LeaseReport) => void) {
    this.#ledger = ledger;
    this.#store = store;
    this.#clock = clock;
    this.#report = report;
  }

  get visited(): number {
    return this.#ledger.visited;
  }

  get retained(): number {
    return this.#ledger.retained;
  }

  retain(subnets: ReadonlySet<string>): void {
    this.#ledger.retain(subnets);
  }

  view(plan: SubnetPlan, mac: Mac): LeaseView {
    this.#ledger.expire();
    return {
      known: this.#ledger.known(plan.subnet, mac),
      offer: (requested) => this.#offer(plan, mac, requested),
      mayHave: (address) => this.#mayHave(plan, mac, address),
    };
  }

  hold(plan: SubnetPlan, mac: Mac, address: IPv4, seconds = HOLD_MS / SECOND): void {
    this.#ledger.expire();
    if (!this.#mayHave(plan, mac, address)) return;
    this.#ledger.hold(plan.key, mac, address, this.#ledger.now() + seconds * SECOND);
  }

  occupied(plan: SubnetPlan, by: Mac, address: IPv4, seconds: number): void {
    this.#ledger.expire();
    if (!this.#open(address, by)) return;
    this.#ledger.hold(plan.key, by, address, this.#ledger.now() + seconds * SECOND);
  }

  extendHold(address: IPv4): void {
    this.#ledger.extendHold(address, this.#ledger.now() + HOLD_MS);
  }

  dropHold(plan: SubnetPlan, mac: Mac): void {
    this.#ledger.dropHold(plan.key, mac);
  }

  async bind(plan: SubnetPlan, mac: Mac, address: IPv4, seconds: number, details: ClientDetails): Promise<BindOutcome> {
    this.#ledger.expire();
    if (!this.#mayHave(plan, mac, address)) return 'conflict';
    this.#ledger.claim(address, mac);
    try {
      const former = this.#ledger.known(plan.subnet, mac);
      const outcome = await this.#turns.take(address, () => this.#commit(plan, mac, address, seconds, details));
      if (outcome === 'stored') {
        this.#ledger.dropHold(plan.key, mac);
        if (former !== undefined && former !== address) await this.#leave(plan, mac, former);
      }
      return outcome;
    } finally {
      this.#ledger.unclaim(address);
    }
  }

  async release(plan: SubnetPlan, mac: Mac, address: IPv4): Promise<void> {
    if (!contains(plan.subnet, address)) return;
    if (this.#ledger.isHeld(address, mac)) this.#ledger.dropHold(plan.key, mac);
    await this.#turns.take(address, () => this.#end(address, mac));
  }

  decline(plan: SubnetPlan, mac: Mac, address: IPv4): Promise<DeclineOutcome> {
    return this.#turns.take(address, async () => {
      const ledger = this.#ledger;
      ledger.expire();
      const own = ledger.isHeld(address, mac) || ledger.leaseOf(address, mac) !== undefined;
      if (!own || !contains(plan.subnet, address) || !this.#mayQuarantine(plan, mac, address)) return 'ignored';
      ledger.dropHold(plan.key, mac);
      const since = ledger.now();
      const expires = since + QUARANTINE_MS[reservationIn(plan, mac) === address ? 'reserved' : 'dynamic'];
      const lease: Lease = { ...boundLease(plan.key, mac, address), state: 'quarantined', since, expires };
      try {
        return (await this.#write(lease, expires)) === 'stored' ? 'quarantined' : 'ignored';
      } catch (error) {
        ledger.record(address, { ...ledger.stored(address), lease, covered: 0 });
        throw error;
      }
    });
  }

  holderOf(address: IPv4): Mac | undefined {
    return this.#ledger.holderOf(address);
  }

  *all(): Generator<Lease> {
    const drift = this.#drift();
    for (const lease of this.#ledger.leases()) yield shiftLease(lease, drift);
  }

  import(leases: readonly Lease[]): Promise<ImportOutcome> {
    const drift = this.#drift();
    const own = leases.map((lease) => shiftLease(lease, -drift));
    return importLeases(this.#ledger, this.#store, own, drift);
  }

  async close(): Promise<void> {
    await this.#turns.over();
  }

  #offer(plan: SubnetPlan, mac: Mac, requested: IPv4 | undefined): IPv4 | undefined {
    const ledger = this.#ledger;
    const known = ledger.known(plan.subnet, mac);
    const current = known !== undefined && ledger.leaseOf(known, mac) !== undefined ? known : undefined;
    const wishes = [current, ledger.heldFor(plan.key, mac), known, requested];
    return choose(plan, mac, wishes, this.#open, ledger.places(plan));
  }

  #mayHave(plan: SubnetPlan, mac: Mac, address: IPv4): boolean {
    return mayHave(plan, mac, address, this.#open);
  }

  readonly #open = (address: IPv4, mac: Mac): boolean => this.#ledger.open(address, mac);

  async #commit(
    plan: SubnetPlan,
    mac: Mac,
    address: IPv4,
    seconds: number,
    { clientId, hostname }: ClientDetails,
  ): Promise<BindOutcome> {
    const ledger = this.#ledger;
    if (!ledger.open(address, mac)) return 'conflict';
    const stored = ledger.stored(address);
    const before = stored.lease?.mac === mac ? stored.lease : undefined;
    const since = ledger.now();
    const lease: Lease = {
      ...boundLease(plan.key, mac, address),
      since,
      expires: since + seconds * SECOND,
      clientId: clientId ?? before?.clientId,
      hostname: hostname ?? before?.hostname,
    };
    if (covers(stored, lease)) {
      ledger.record(address, { ...stored, lease });
      return 'stored';
    }
    return this.#write(lease, since + seconds * SECOND * DISK_SLACK);
  }

  /** The client has another address now. If the store refuses, the former one stays blocked until it runs out. */
  async #leave(plan: SubnetPlan, mac: Mac, former: IPv4): Promise<void> {
    try {
      await this.#turns.take(former, async () => {
        if (this.#ledger.known(plan.subnet, mac) !== former) await this.#end(former, mac);
      });
    } catch (error) {
      if (!(error instanceof StoreUnwritable)) throw error;
    }
  }

  async #end(address: IPv4, mac: Mac): Promise<void> {
    const lease = this.#ledger.leaseOf(address, mac);
    const now = this.#ledger.now();
    if (lease !== undefined) await this.#write({ ...lease, state: 'released', since: now, expires: now }, now);
  }

  #mayQuarantine(plan: SubnetPlan, mac: Mac, address: IPv4): boolean {
    const text = formatIPv4(address);
    if (!this.#declines.allow(mac, this.#ledger.now())) {
      this.#report({ why: 'decline-flood', mac, address: text });
      return false;
    }
    const { pool } = plan;
    if (reservationIn(plan, mac) === address || pool === undefined) return true;
    const most = Math.max(1, Math.floor((pool.last - pool.first + 1) * QUARANTINE_SHARE));
    if (this.#ledger.quarantinedIn(pool) < most) return true;
    this.#report({ why: 'quarantine-full', subnet: plan.key, address: text });
    return false;
  }

  /** Writes a lease to last until `covered` on disk. A conflict (another writer's record) is taken over as the truth. */
  async #write(lease: Lease, covered: number): Promise<BindOutcome> {
    const { address } = lease;
    const key = leaseKey(address);
    const drift = this.#drift();
    const { version } = this.#ledger.stored(address);
    const written = await this.#store.write(
      key,
      version,
      encodeLease(shiftLease({ ...lease, expires: covered }, drift)),
    );
    if (written.outcome === 'stored') {
      this.#ledger.record(address, { lease, version: written.version, covered });
    } else {
      const theirs = decodeLease(key, written.current?.value);
      const truth = theirs === undefined ? undefined : shiftLease(theirs, -drift);
      this.#ledger.record(address, { lease: truth, version: written.current?.version, covered: 0 });
    }
    return written.outcome;
  }

  /**
   * How far the wall clock has moved away from the ledger's since the start: records carry wall-clock time. In
   * whole seconds, because the two clocks are not read in the same moment: a lease must not move with each reading.
   */
  #drift(): number {
    return Math.round((this.#clock.now() - this.#ledger.now()) / SECOND) * SECOND;
  }
}
