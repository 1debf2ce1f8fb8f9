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
import { openBatchSocket, type BatchSocket } from '../batch-socket.ts';
import { answerOf, discover, request, type Answer } from '../dhcp/packets.ts';
import { spread, type Spread } from '../report/statistics.ts';
import { siteMachine } from '../rig/site.ts';
import { fetchText } from './fetch.ts';
import { acknowledgement, loaderFrom, readRequest, takePacket, type Machine, type Step } from './machine.ts';

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

const BROADCAST = 0xffffffff;
const [DHCP_PORT, TFTP_PORT] = [67, 69];
const MOST_TRIES = 10;
const LOOK_MS = 20;

const { values } = parseArgs({
  options: {
    machines: { type: 'string', default: '1000' },
    'loader-bytes': { type: 'string', default: '300000' },
    device: { type: 'string', default: 'eth0' },
    seconds: { type: 'string', default: '120' },
  },
});
console.log(JSON.stringify(await storm(Number(values.machines), Number(values['loader-bytes']), values.device)));

async function storm(count: number, loaderBytes: number, device: string): Promise<StormRun> {
  const dhcp = openBatchSocket({ ms: 0, receiveBuffer: 64 * 2 ** 20, slot: 1500, port: 68, device });
  const tftp = openBatchSocket({ ms: 0, receiveBuffer: 256 * 2 ** 20, slot: 1500 });
  const begin = performance.now();
  const machines = Array.from({ length: count }, (_, index) => switchedOn(index, begin));
  const byAddress = new Map<number, Machine>();
  let repeats = 0;
  for (const machine of machines) speak(dhcp, tftp, machine);

  const up = (machine: Machine) => {
    machine.step = 'up';
    machine.upAt = performance.now();
  };
  const go = (machine: Machine, step: Step) => {
    machine.step = step;
    machine.tries = 0;
    machine.heardAt = performance.now();
    if (step === 'loader' && machine.loader !== undefined) byAddress.set(machine.loader.address, machine);
    if (step === 'script' || step === 'config') void fetchNext(machine, go, up);
    else speak(dhcp, tftp, machine);
  };

  let looked = begin;
  for (;;) {
    const answers = dhcp.receive();
    for (const { payload } of answers) {
      const answer = answerOf(payload);
      const machine = answer === undefined ? undefined : machines[answer.xid & 0xffffff];
      if (answer !== undefined && machine !== undefined) hearDhcp(machine, answer, go);
    }
    const packets = tftp.receive();
    for (const { payload, to, from, fromPort } of packets) {
      const machine = byAddress.get(to);
      const loader = machine?.loader;
      if (machine?.step !== 'loader' || loader === undefined || from !== loader.server) continue;
      if (loader.port !== 0 && loader.port !== fromPort) continue;
      loader.port = fromPort;
      const what = takePacket(loader, payload);
      if (what !== 'nothing') machine.heardAt = performance.now();
      if (what === 'ack' || what === 'end') tftp.send(acknowledgement(loader), to, from, fromPort);
      if (what === 'refused' || (what === 'end' && loader.bytes !== loaderBytes)) machine.step = 'failed';
      else if (what === 'end') go(machine, 'ipxe-offer');
    }
    const now = performance.now();
    if (now - looked > LOOK_MS) {
      looked = now;
      for (const machine of machines) repeats += again(dhcp, tftp, machine, now);
    }
    dhcp.flush();
    tftp.flush();
    if (machines.every(({ step }) => step === 'up' || step === 'failed')) break;
    if (now - begin > Number(values.seconds) * 1000) break;
    // Turns the event loop, for HTTP; rests where there is nothing to do.
    await (answers.length + packets.length > 0 ? setImmediate() : sleep(1));
  }
  dhcp.close();
  tftp.close();
  const ms = machines.filter(({ step }) => step === 'up').map(({ upAt }) => upAt - begin);
  const stuck: Record<string, number> = {};
  for (const { step } of machines) if (step !== 'up') stuck[step] = (stuck[step] ?? 0) + 1;
  return { machines: count, up: ms.length, all: Math.max(...ms), ms: spread(ms), repeats, stuck };
}

function switchedOn(index: number, now: number): Machine {
  const { mac, address } = siteMachine(index);
  const fresh = { step: 'offer', tries: 0, offer: undefined, loader: undefined, script: '', upAt: 0 } as const;
  return { index, mac: Buffer.from(mac.replaceAll(':', ''), 'hex'), macText: mac, heardAt: now, address, ...fresh };
}

/** The two DHCP exchanges of a machine have a transaction each: its number, and above it which of the two. */
function xidOf({ index, step }: Machine): number {
  return (step.startsWith('ipxe') ? 0x2000000 : 0x1000000) + index;
}

function hearDhcp(machine: Machine, answer: Answer, go: (machine: Machine, step: Step) => void): void {
  if (answer.xid !== xidOf(machine)) return;
  const { step } = machine;
  if (answer.kind === 'offer' && (step === 'offer' || step === 'ipxe-offer')) {
    machine.offer = answer;
    go(machine, step === 'offer' ? 'ack' : 'ipxe-ack');
  } else if (answer.kind === 'ack' && step === 'ack') {
    machine.loader = loaderFrom(answer, answer.file);
    go(machine, 'loader');
  } else if (answer.kind === 'ack' && step === 'ipxe-ack') {
    // iPXE expands its settings in what it is told to boot.
    machine.script = answer.file.replaceAll('${mac}', machine.macText);
    go(machine, 'script');
  }
}

/** Says, for the first time or again, what the machine's step is about. */
function speak(dhcp: BatchSocket, tftp: BatchSocket, machine: Machine): void {
  const { step, mac, offer, loader } = machine;
  const asker = step.startsWith('ipxe') ? 'ipxe' : 'firmware';
  if (step === 'offer' || step === 'ipxe-offer') {
    dhcp.send(discover(xidOf(machine), mac, asker), 0, BROADCAST, DHCP_PORT);
  } else if ((step === 'ack' || step === 'ipxe-ack') && offer !== undefined) {
    dhcp.send(request(offer, mac, asker), 0, BROADCAST, DHCP_PORT);
  } else if (step === 'loader' && loader !== undefined) {
    if (loader.port === 0) tftp.send(readRequest(loader.file), loader.address, loader.server, TFTP_PORT);
    else tftp.send(acknowledgement(loader), loader.address, loader.server, loader.port);
  }
}

/** 1 when the machine had waited too long and said its last word again. */
function again(dhcp: BatchSocket, tftp: BatchSocket, machine: Machine, now: number): number {
  const patience = machine.step === 'loader' ? 1000 : 1000 * 2 ** machine.tries;
  const overUdp = machine.step.endsWith('offer') || machine.step.endsWith('ack') || machine.step === 'loader';
  if (!overUdp || now - machine.heardAt < patience) return 0;
  machine.tries += 1;
  machine.heardAt = now;
  if (machine.tries > MOST_TRIES) machine.step = 'failed';
  else speak(dhcp, tftp, machine);
  return 1;
}

/** The script, then the config that it names. */
async function fetchNext(
  machine: Machine,
  go: (machine: Machine, step: Step) => void,
  up: (machine: Machine) => void,
): Promise<void> {
  const { step, script, address } = machine;
  const url = step === 'script' ? script : /http:\/\/\S+\/config\/\S+/.exec(script)?.[0];
  try {
    if (url === undefined) throw new Error(`no config in ${script}`);
    const text = await fetchText(url, address);
    if (step === 'config') return up(machine);
    machine.script = text;
    go(machine, 'config');
  } catch (error) {
    machine.step = 'failed';
    console.error(`${machine.macText} ${step} ${url}: ${String(error)}`);
  }
}
