/**
 * The boot storm: so many machines are switched on at the same moment. Each is UEFI firmware that gets an address and fetches its
 * loader by TFTP, then iPXE that asks for an address again, fetches its script, and the config that the script names. Prints one
 * JSON object, `StormRun`.
 *
 *   node load.js --machines 1000 --loader-bytes 300000 [--device eth0] [--seconds 120]
 *
 * Machines say what was not answered again after 1, 2, 4 … seconds, and a TFTP ACK after 1. Addresses must be those of this host.
 */
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { openBatchSocket } from '../batch-socket.ts';
import { answerOf } from '../dhcp/packets.ts';
import { spread, type Spread } from '../report/statistics.ts';
import { again, hearDhcp, hearTftp, speak, switchedOn, type Machine, type Wires } from './machine.ts';

/** What came of a storm; times in milliseconds from the common power-on. */
export interface StormRun {
  readonly machines: number;
  readonly up: number;
  /** When the last one was up. */
  readonly all: number;
  readonly ms: Spread;
  /** Messages that had to be said again. */
  readonly repeats: number;
  /** Where the machines that never came up stand. */
  readonly stuck: Readonly<Record<string, number>>;
}

const LOOK_MS = 20;

const { values } = parseArgs({
  options: {
    machines: { type: 'string', default: '1000' },
    'loader-bytes': { type: 'string', default: '300000' },
    device: { type: 'string', default: 'eth0' },
    seconds: { type: 'string', default: '120' },
  },
});
console.log(JSON.stringify(await storm(Number(values.machines), Number(values['loader-bytes']))));

async function storm(count: number, loaderBytes: number): Promise<StormRun> {
  const { device } = values;
  const wires: Wires = {
    dhcp: openBatchSocket({ ms: 0, receiveBuffer: 64 * 2 ** 20, slot: 1500, port: 68, device }),
    tftp: openBatchSocket({ ms: 0, receiveBuffer: 256 * 2 ** 20, slot: 1500 }),
  };
  const begin = performance.now();
  const machines = Array.from({ length: count }, (_, index) => switchedOn(index, begin));
  const deadline = begin + Number(values.seconds) * 1000;
  let repeats = 0;
  let looked = begin;
  for (const machine of machines) speak(wires, machine);

  while (machines.some(isOnItsWay) && performance.now() < deadline) {
    const answers = wires.dhcp.receive();
    for (const { payload } of answers) {
      const answer = answerOf(payload);
      const machine = answer === undefined ? undefined : machines[answer.xid & 0xffffff];
      if (answer !== undefined && machine !== undefined) hearDhcp(wires, machine, answer);
    }
    const packets = wires.tftp.receive();
    for (const packet of packets) {
      const machine = machines[packet.to - (machines[0]?.address ?? 0)];
      if (machine !== undefined) hearTftp(wires, machine, packet, loaderBytes);
    }
    const now = performance.now();
    if (now - looked > LOOK_MS) {
      looked = now;
      for (const machine of machines) if (again(wires, machine, now)) repeats += 1;
    }
    wires.dhcp.flush();
    wires.tftp.flush();
    // Turns the event loop, for HTTP; rests where there is nothing to do.
    await (answers.length + packets.length > 0 ? setImmediate() : sleep(1));
  }
  wires.dhcp.close();
  wires.tftp.close();
  return summary(machines, begin, repeats);
}

function isOnItsWay({ step }: Machine): boolean {
  return step !== 'up' && step !== 'failed';
}

function summary(machines: readonly Machine[], begin: number, repeats: number): StormRun {
  const ms = machines.filter(({ step }) => step === 'up').map(({ upAt }) => upAt - begin);
  const stuck: Record<string, number> = {};
  for (const { step } of machines) if (step !== 'up') stuck[step] = (stuck[step] ?? 0) + 1;
  return { machines: machines.length, up: ms.length, all: Math.max(...ms), ms: spread(ms), repeats, stuck };
}
