/**
 * A DHCP load client: machines without an address on one link, each exchange a DISCOVER by broadcast, and a REQUEST for what is
 * offered. `perfdhcp` only ever speaks as a relay agent. Prints one JSON object, `ExchangeRun`.
 *
 *   node direct-load.js --device eth0 --rate 1000 --exchanges 5000
 *
 * Each exchange is another machine's. They begin at the given rate whatever becomes of them; one that has no ACK a second after
 * its last message is lost.
 */
import { parseArgs } from 'node:util';
import { openBatchSocket } from '../batch-socket.ts';
import { spread } from '../report/statistics.ts';
import { answerOf, discover, request } from './packets.ts';
import type { ExchangeRun } from './exchange-run.ts';

const LOST_MS = 1000;
const IDLE_MS = 0.2;
const BROADCAST = 0xffffffff;
const SERVER_PORT = 67;

const { values } = parseArgs({
  options: {
    device: { type: 'string', default: 'eth0' },
    rate: { type: 'string', default: '100' },
    exchanges: { type: 'string', default: '500' },
  },
});
console.log(JSON.stringify(load(values.device, Number(values.rate), Number(values.exchanges))));

function load(device: string, rate: number, total: number): ExchangeRun {
  const socket = openBatchSocket({ ms: 0, receiveBuffer: 16 * 2 ** 20, slot: 1500, port: 68, device });
  const started = new Float64Array(total);
  const spoke = new Float64Array(total);
  const requested = new Uint8Array(total);
  const took: number[] = [];
  const sleeper = new Int32Array(new SharedArrayBuffer(4));
  const begin = performance.now();
  let sent = 0;
  let now = begin;
  const end = begin + (total / rate) * 1000 + LOST_MS;

  while (now < end && took.length < total) {
    const due = Math.min(total, Math.ceil(((now - begin) / 1000) * rate));
    for (; sent < due; sent += 1) {
      started[sent] = now;
      spoke[sent] = now;
      socket.send(discover(sent, macOf(sent), 'host'), 0, BROADCAST, SERVER_PORT);
    }
    socket.flush();
    const arrived = socket.receive();
    now = performance.now();
    for (const { payload } of arrived) {
      const answer = answerOf(payload);
      if (answer === undefined || answer.xid >= sent || now - (spoke[answer.xid] ?? 0) > LOST_MS) continue;
      if (answer.kind === 'offer' && requested[answer.xid] === 0) {
        requested[answer.xid] = 1;
        spoke[answer.xid] = now;
        socket.send(request(answer, macOf(answer.xid), 'host'), 0, BROADCAST, SERVER_PORT);
      } else if (answer.kind === 'ack' && requested[answer.xid] === 1) {
        requested[answer.xid] = 2;
        took.push(now - (started[answer.xid] ?? now));
      }
    }
    if (arrived.length === 0) Atomics.wait(sleeper, 0, 0, IDLE_MS);
    now = performance.now();
  }
  socket.close();
  return { begun: total, completed: took.length, ms: spread(took) };
}

function macOf(index: number): Uint8Array {
  return Uint8Array.of(0x02, 0x0d, 0, index >>> 16, (index >>> 8) & 255, index & 255);
}
