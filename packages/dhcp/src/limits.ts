import { ANY } from '@sower/net';
import { rateLimit } from './rate.ts';
import { hex } from './wire/bytes.ts';
import { clientKey, type Message } from './wire/message.ts';
import { OPTIONS } from './wire/options.ts';

/** Requests a second, each after a burst of twice as many; undefined: no limit. */
export interface DhcpLimits {
  readonly perClient: number | undefined;
  /** Of all clients behind one relay (giaddr). */
  readonly perRelay: number | undefined;
  /** Of all clients on one port of a relay (82.1). */
  readonly perCircuit: number | undefined;
}

/** Clients, relays and circuits remembered: a flood of invented addresses costs no more memory than this. */
const REMEMBERED = 10_000;

/** Whether a request is within the limits in force; `now` is a monotonic clock in milliseconds. */
export function limiter(limits: () => DhcpLimits, now: () => number): (message: Message) => boolean {
  const rate = rateLimit(REMEMBERED, now);
  const passes = (key: string, perSecond: number | undefined) => perSecond === undefined || rate(key, perSecond);
  return (message) => {
    const { perClient, perRelay, perCircuit } = limits();
    const { giaddr, options } = message;
    // The client first: one that floods must not use up what its relay may pass on.
    if (!passes(`client ${clientKey(message)}`, perClient)) return false;
    if (giaddr === ANY) return true;
    const circuit = options.get(OPTIONS.relayAgent)?.circuitId;
    if (circuit !== undefined && !passes(`circuit ${giaddr} ${hex(circuit)}`, perCircuit)) return false;
    return passes(`relay ${giaddr}`, perRelay);
  };
}
