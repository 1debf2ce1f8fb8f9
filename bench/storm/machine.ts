import type { Arrived, BatchSocket } from '../batch-socket.ts';
import { discover, request, type Answer } from '../dhcp/packets.ts';
import { siteMachine } from '../rig/site.ts';
import { fetchText } from './fetch.ts';
import { acknowledgement, loaderFrom, readRequest, takePacket, type Loader } from './loader.ts';

/** What a machine of the storm is waiting for. */
export type Step = 'offer' | 'ack' | 'loader' | 'ipxe-offer' | 'ipxe-ack' | 'script' | 'config' | 'up' | 'failed';

/** One machine between power-on and its config. */
export interface Machine {
  readonly index: number;
  readonly macText: string;
  readonly mac: Uint8Array;
  readonly addressText: string;
  readonly address: number;
  step: Step;
  /** When it last said something or heard something new, ms. */
  heardAt: number;
  /** How often it has said the same thing again. */
  tries: number;
  offer: Answer | undefined;
  loader: Loader | undefined;
  /** The URL of its script, then the script. */
  script: string;
  upAt: number;
}

/** What all machines speak over, one socket for each protocol. */
export interface Wires {
  readonly dhcp: BatchSocket;
  readonly tftp: BatchSocket;
}

const BROADCAST = 0xffffffff;
const [DHCP_PORT, TFTP_PORT] = [67, 69];
const PATIENCE_MS = 1000;
const MOST_TRIES = 10;

/** Machine `index` of the site at its power-on. */
export function switchedOn(index: number, now: number): Machine {
  const { mac, address } = siteMachine(index);
  return {
    index,
    macText: mac,
    mac: Buffer.from(mac.replaceAll(':', ''), 'hex'),
    addressText: address,
    address: address.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0),
    step: 'offer',
    heardAt: now,
    tries: 0,
    offer: undefined,
    loader: undefined,
    script: '',
    upAt: 0,
  };
}

/** The two DHCP exchanges of a machine have a transaction each: its number, and above it which of the two. */
function xidOf({ index, step }: Machine): number {
  return (step.startsWith('ipxe') ? 0x2000000 : 0x1000000) + index;
}

/** Says, for the first time or again, what the machine's step is about. */
export function speak({ dhcp, tftp }: Wires, machine: Machine): void {
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

/** Whether the machine had waited too long, and said its last word again: for TFTP after a second, for DHCP ever later. */
export function again(wires: Wires, machine: Machine, now: number): boolean {
  const { step, tries, heardAt } = machine;
  const patience = step === 'loader' ? PATIENCE_MS : PATIENCE_MS * 2 ** tries;
  const overUdp = step === 'loader' || step.endsWith('offer') || step.endsWith('ack');
  if (!overUdp || now - heardAt < patience) return false;
  machine.tries += 1;
  machine.heardAt = now;
  if (machine.tries > MOST_TRIES) machine.step = 'failed';
  else speak(wires, machine);
  return true;
}

export function hearDhcp(wires: Wires, machine: Machine, answer: Answer): void {
  if (answer.xid !== xidOf(machine)) return;
  const { step } = machine;
  if (answer.kind === 'offer' && (step === 'offer' || step === 'ipxe-offer')) {
    machine.offer = answer;
    go(wires, machine, step === 'offer' ? 'ack' : 'ipxe-ack');
  } else if (answer.kind === 'ack' && step === 'ack') {
    machine.loader = loaderFrom(answer);
    go(wires, machine, 'loader');
  } else if (answer.kind === 'ack' && step === 'ipxe-ack') {
    // iPXE expands its settings in what it is told to boot.
    machine.script = answer.file.replaceAll('${mac}', machine.macText);
    go(wires, machine, 'script');
  }
}

/** A packet of the loader, which is all there when it has this many bytes. */
export function hearTftp(wires: Wires, machine: Machine, { payload, to, from, fromPort }: Arrived, size: number): void {
  const { step, loader } = machine;
  if (step !== 'loader' || loader === undefined || to !== loader.address || from !== loader.server) return;
  if (loader.port !== 0 && loader.port !== fromPort) return;
  loader.port = fromPort;
  const what = takePacket(loader, payload);
  if (what !== 'nothing') machine.heardAt = performance.now();
  if (what === 'ack' || what === 'end') wires.tftp.send(acknowledgement(loader), to, from, fromPort);
  if (what === 'refused' || (what === 'end' && loader.bytes !== size)) machine.step = 'failed';
  else if (what === 'end') go(wires, machine, 'ipxe-offer');
}

function go(wires: Wires, machine: Machine, step: Step): void {
  machine.step = step;
  machine.tries = 0;
  machine.heardAt = performance.now();
  if (step === 'script') void fetchBoth(machine);
  else speak(wires, machine);
}

/** The script, then the config that it names. */
async function fetchBoth(machine: Machine): Promise<void> {
  const { script: url, addressText } = machine;
  try {
    machine.script = await fetchText(url, addressText);
    machine.step = 'config';
    const config = /http:\/\/\S+\/config\/\S+/.exec(machine.script)?.[0];
    if (config === undefined) throw new Error('it names no config');
    await fetchText(config, addressText);
    machine.step = 'up';
    machine.upAt = performance.now();
  } catch (error) {
    machine.step = 'failed';
    console.error(`${machine.macText} ${url}: ${String(error)}`);
  }
}
