import { formatIPv4, ipv4, type IPv4, type Mac } from '@sower/net';
import type { SubnetPlan } from '../../src/allocate.ts';
import { lockState, openJournal, openLeases } from '../../src/index.ts';
import { address, client, must, plan } from '../support.ts';

const where = plan({ cidr: '10.0.0.0/16', pool: '10.0.1.1-10.0.200.254' });
const AT_ONCE = 20;

/** Binds one client after the other, 20 at a time, and prints each lease once it is acknowledged; until it is killed. */
export async function run(folder: string): Promise<void> {
  await lockState(folder, () => 'binding');
  const store = await openJournal({ folder, report: (report) => console.error(report), slack: 200 });
  const clock = { now: () => Date.now(), monotonic: () => performance.now() };
  const leases = await openLeases(store, clock, (report) => console.error(report));
  let next = [...leases.all()].length;

  const bindTo = async (plan: SubnetPlan, mac: Mac, at: IPv4): Promise<void> => {
    const outcome = await leases.bind(plan, mac, at, 3600, {});
    if (outcome === 'stored') process.stdout.write(`${mac} ${formatIPv4(at)}\n`);
  };
  const bindOne = async (): Promise<void> => {
    const mac = client(next);
    next += 1;
    const offer = must(leases.view(where, mac).offer(undefined));
    leases.hold(where, mac, offer);
    await bindTo(where, mac, offer);
    // Every third client moves, so that the journal also has records that no longer count.
    const reserved = ipv4(address('10.0.220.0') + (next % 200));
    if (next % 3 === 0) await bindTo({ ...where, reservedFor: () => reserved }, mac, reserved);
  };
  const worker = async (): Promise<never> => {
    for (;;) await bindOne();
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}
