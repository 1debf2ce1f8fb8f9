import { step, transfer, type Effect, type TransferEvent } from '../src/transfer.ts';

/** What the network does to a packet: the delays in ms at which copies arrive; none when it is lost. */
export type Network = (kind: Kind, count: number, block: number) => readonly number[];

type Kind = 'oack' | 'data' | 'ack';

/** How a client answers a block that is not the next one: each time (EDK2), or once for each pass of the sender (RFC 7440 section 4). */
export type Manners = 'edk2' | 'rfc7440';

export interface Run {
  readonly size: number;
  readonly blksize: number;
  readonly windowsize: number;
  readonly network: Network;
  readonly manners: Manners;
}

export interface Trace {
  readonly outcome: string | undefined;
  /** The server's words about it; empty when the client acknowledged everything. */
  readonly detail: string;
  /** The blocks in the order in which the client took them: 1, 2, 3, … when all is well. */
  readonly taken: readonly number[];
  readonly dataPackets: number;
  readonly timers: number;
  readonly advances: number;
  readonly ms: number;
}

interface Due {
  readonly at: number;
  readonly run: () => void;
}

/** Plays one transfer against a client written for this test, on a clock that jumps from event to event. */
export function simulate({ size, blksize, windowsize, network, manners }: Run): Trace {
  const agenda: Due[] = [];
  let now = 0;
  const timers: { server?: Due; client?: Due } = {};
  const later = (ms: number, run: () => void) => {
    let at = agenda.length;
    while (at > 0 && (agenda[at - 1]?.at ?? 0) > now + ms) at -= 1;
    agenda.splice(at, 0, { at: now + ms, run });
  };
  const takeNext = (): Due | undefined => {
    const [head] = agenda;
    const timed = [timers.server, timers.client].filter((due) => due !== undefined);
    const timer = timed.toSorted((a, b) => a.at - b.at)[0];
    if (timer === undefined || (head !== undefined && head.at <= timer.at)) return agenda.shift();
    if (timer === timers.server) delete timers.server;
    else delete timers.client;
    return timer;
  };
  const counts = { oack: 0, data: 0, ack: 0 };
  const carry = (kind: Kind, block: number, deliver: () => void) => {
    counts[kind] += 1;
    for (const delay of network(kind, counts[kind], block)) later(delay, deliver);
  };

  const last = Math.floor(size / blksize) + 1;
  const taken: number[] = [];
  let pending = 0;
  let stray: number | undefined;
  const client = {
    ack() {
      const wire = taken.length % 65536;
      carry('ack', wire, () => server({ type: 'packet', packet: { type: 'ack', block: wire }, now }));
    },
    wait() {
      const again = () => {
        client.ack();
        client.wait();
      };
      timers.client = { at: now + 4000, run: again };
    },
    data(wire: number) {
      if (taken.length < last && wire === (taken.length + 1) % 65536) {
        taken.push(taken.length + 1);
        pending += 1;
        stray = undefined;
        client.wait();
        if (taken.length === last) delete timers.client;
        if (pending === windowsize || taken.length === last) {
          pending = 0;
          client.ack();
        }
        return;
      }
      const newPass = stray === undefined || wire <= stray;
      stray = wire;
      pending = 0;
      if (newPass || manners === 'edk2') client.ack();
    },
  };

  let state = transfer(size, {
    accepted: windowsize > 1 ? [['windowsize', String(windowsize)]] : [],
    terms: { blksize, windowsize, timeout: undefined },
  });
  let ending: { readonly outcome: string; readonly detail: string } | undefined;
  let fired = 0;
  let advances = 0;
  const perform = (effect: Effect) => {
    if (effect.do === 'oack') carry('oack', 0, () => client.ack());
    if (effect.do === 'data') {
      for (let block = effect.first; block <= effect.last; block += 1)
        carry('data', block, () => client.data(block % 65536));
    }
    if (effect.do === 'wait') {
      const expire = () => {
        fired += 1;
        server({ type: 'timer', now });
      };
      timers.server = { at: now + effect.ms, run: expire };
    }
    if (effect.do === 'end') {
      ending = effect;
      delete timers.server;
    }
  };
  const server = (event: TransferEvent) => {
    const { base } = state;
    const [next, effects] = step(state, event);
    state = next;
    if (next.base > base) advances += 1;
    effects.forEach(perform);
  };

  server({ type: 'start', now });
  for (;;) {
    const settled = ending !== undefined && (taken.length === last || agenda.length === 0);
    const due = settled ? undefined : takeNext();
    if (due === undefined || due.at > 3_600_000) break;
    now = due.at;
    due.run();
  }
  return {
    outcome: ending?.outcome,
    detail: ending?.detail ?? '',
    taken,
    dataPackets: counts.data,
    timers: fired,
    advances,
    ms: now,
  };
}
