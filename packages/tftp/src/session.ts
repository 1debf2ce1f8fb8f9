import type { Peer } from '@sower/net';
import { faultOf, prepare, type Unprepared } from './prepare.ts';
import type { Report } from './report.ts';
import { runTransfer, type Ended, type Running } from './running.ts';
import type { Shared } from './shared.ts';
import { printable, type Option, type Request } from './wire/packet.ts';

/** An accepted read request, from its arrival to its end. */
export interface Session {
  /** The same request came again: false when it should be served anew (C-21). */
  repeated(): boolean;
  /** Ends it now, whatever it is doing. */
  stop(outcome: 'aborted' | 'replaced'): void;
}

/** Who asked for what, and where. */
export interface Asked {
  readonly request: Request;
  readonly peer: Peer;
  readonly local: string;
}

/** A client that got further within this many ms is busy: its repeated request is an old one (C-21). */
const BUSY = 1000;

/** How much of a name is worth logging. */
const NAME_SHOWN = 256;

/** Serves one request; `onEnd` is called exactly once. */
export function startSession(asked: Asked, shared: Shared, onEnd: (report: Report) => void): Session {
  const begun = shared.clock.now();
  let size: number | undefined;
  let options: readonly Option[] = [];
  let running: Running | undefined;
  let over = false;

  const finish = (ended: Unprepared | Ended) => {
    if (over) return;
    over = true;
    const ms = Math.round(shared.clock.now() - begun);
    onEnd({ ...reportOf(asked), size, ms, options: numbersOf(options), ...ended });
  };

  const serve = async () => {
    const prepared = await prepare(asked, shared);
    if ('outcome' in prepared) return finish(prepared);
    if (over) return await prepared.content.close();
    ({ size } = prepared.content);
    options = prepared.negotiated.accepted;
    try {
      running = await runTransfer(prepared, asked, shared, finish);
    } catch (error) {
      await prepared.content.close();
      return finish(faultOf(error));
    }
    if (over) running.fail('replaced', 'stopped while it began');
  };
  serve().catch((error: unknown) => finish(faultOf(error)));

  return {
    repeated() {
      if (running === undefined) return true;
      const state = running.state();
      if (state.acknowledged) return shared.clock.now() - state.progressAt < BUSY;
      if (state.ended) return false;
      running.again();
      return true;
    },
    stop(outcome) {
      if (running === undefined) finish({ outcome, detail: 'stopped before it began' });
      else running.fail(outcome, '');
    },
  };
}

/** The part of a report that is known from the request alone. */
export function reportOf({ request, peer, local }: Asked): Omit<Report, 'outcome' | 'detail'> {
  const file = printable(request.file).slice(0, NAME_SHOWN);
  return { peer, local, file, size: undefined, bytes: 0, resent: 0, ms: 0, options: {} };
}

function numbersOf(options: readonly Option[]): Readonly<Record<string, number>> {
  return Object.fromEntries(options.map(([name, value]) => [name, Number(value)]));
}
