/**
 * A TFTP load client: so many simulated machines, each with its own address, fetch one file at the same moment, and what each
 * of them got is hashed. Prints one JSON object.
 *
 *   node tftp-load.ts --server 192.0.2.1 --file loaders/x64/f.bin --size 1048576 --clients 100 [--port 69] [--blksize 1432]
 *     [--windowsize 1] [--rounds 1] [--from 127.1.0.1] [--patience 1000] [--seconds 60]
 *
 * `--from` is the address of the first machine, the others follow it; all of them must be addresses of this host.
 * Machines ask for blksize and windowsize only where these are not the defaults of RFC 1350, and always for tsize.
 * Hashing happens between the rounds and is not part of the time.
 */
import { createHash } from 'node:crypto';
import { parseArgs } from 'node:util';
import { openBatchSocket, type Arrived, type BatchSocket } from './batch-socket.ts';

const { values } = parseArgs({
  options: {
    server: { type: 'string' },
    port: { type: 'string', default: '69' },
    file: { type: 'string' },
    size: { type: 'string' },
    clients: { type: 'string', default: '1' },
    blksize: { type: 'string', default: '512' },
    windowsize: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '1' },
    from: { type: 'string', default: '127.1.0.1' },
    patience: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '60' },
  },
});
const { server = '127.0.0.1', file = '', size = '' } = values;
if (file === '' || !/^\d+$/.test(size)) throw new Error('--file and --size are needed');

const plan = {
  server: addressOf(server),
  port: Number(values.port),
  file,
  size: Number(size),
  blksize: Number(values.blksize),
  windowsize: Number(values.windowsize),
  patience: Number(values.patience),
  seconds: Number(values.seconds),
};
type Plan = typeof plan;

/** One simulated machine and its one transfer. */
interface Machine {
  readonly address: number;
  readonly content: Uint8Array;
  /** The server's transfer port; 0 until it has answered. */
  port: number;
  blksize: number;
  windowsize: number;
  /** The block that comes next, from 1 without wrapping. */
  next: number;
  pending: number;
  /** Whether the gap in this window has been reported already (RFC 7440 section 4). */
  gapTold: boolean;
  heardAt: number;
  tries: number;
  endedAt: number | undefined;
  failure: string | undefined;
}

const first = addressOf(values.from);
const rounds = [];
for (let round = 0; round < Number(values.rounds); round += 1) {
  rounds.push(runRound(plan, Number(values.clients), first));
}
console.log(JSON.stringify(summary(rounds)));

function summary(done: readonly ReturnType<typeof runRound>[]) {
  const ms = done.flatMap((round) => round.ms).toSorted((a, b) => a - b);
  const seconds = done.reduce((sum, round) => sum + round.seconds, 0);
  const bytes = done.reduce((sum, round) => sum + round.bytes, 0);
  const at = (share: number) => ms[Math.min(ms.length - 1, Math.floor(ms.length * share))] ?? null;
  return {
    clients: Number(values.clients),
    blksize: plan.blksize,
    windowsize: plan.windowsize,
    agreed: done[0]?.agreed,
    files: ms.length,
    failed: done.flatMap((round) => round.failures).length,
    failures: [...new Set(done.flatMap((round) => round.failures))].slice(0, 5),
    bytes,
    seconds: Number(seconds.toFixed(4)),
    mibPerSecond: Number((bytes / seconds / 2 ** 20).toFixed(1)),
    ms: { p50: at(0.5), p99: at(0.99), max: ms.at(-1) ?? null },
    retries: done.reduce((sum, round) => sum + round.retries, 0),
    gaps: done.reduce((sum, round) => sum + round.gaps, 0),
    sha256: [...new Set(done.flatMap((round) => round.hashes))],
  };
}

/** All machines once, each from the same new port, so that a server takes no round for a repetition of the last. */
function runRound(plan: Plan, count: number, first: number) {
  const socket = openBatchSocket({ ms: 20, receiveBuffer: 256 * 2 ** 20, slot: Math.max(plan.blksize + 4, 600) });
  const machines = Array.from({ length: count }, (_, index) => machineAt(first + index, plan));
  const byAddress = new Map(machines.map((machine) => [machine.address, machine]));
  const tally = { retries: 0, gaps: 0, left: count };
  const started = performance.now();
  for (const machine of machines) ask(socket, plan, machine, started);
  socket.flush();
  let looked = started;
  while (tally.left > 0 && performance.now() - started < plan.seconds * 1000) {
    const arrived = socket.receive();
    const now = performance.now();
    for (const datagram of arrived) {
      const machine = byAddress.get(datagram.to);
      if (machine !== undefined && machine.endedAt === undefined) hear(socket, plan, machine, datagram, now, tally);
    }
    if (now - looked > 50) {
      looked = now;
      for (const machine of machines) wait(socket, plan, machine, now, tally);
    }
    socket.flush();
  }
  const seconds = (performance.now() - started) / 1000;
  socket.close();
  const good = machines.filter((machine) => machine.endedAt !== undefined && machine.failure === undefined);
  return {
    seconds,
    bytes: good.length * plan.size,
    ms: good.map((machine) => Math.round(((machine.endedAt ?? 0) - started) * 10) / 10),
    failures: machines.flatMap(({ endedAt, failure }) => failure ?? (endedAt === undefined ? ['not finished'] : [])),
    hashes: good.map((machine) => createHash('sha256').update(machine.content).digest('hex')),
    agreed: { blksize: machines[0]?.blksize, windowsize: machines[0]?.windowsize },
    ...tally,
  };
}

function machineAt(address: number, { size }: Plan): Machine {
  return {
    address,
    content: new Uint8Array(size),
    port: 0,
    blksize: 512,
    windowsize: 1,
    next: 1,
    pending: 0,
    gapTold: false,
    heardAt: 0,
    tries: 0,
    endedAt: undefined,
    failure: undefined,
  };
}

function ask(socket: BatchSocket, plan: Plan, machine: Machine, now: number): void {
  const options = [
    ...(plan.blksize === 512 ? [] : ['blksize', String(plan.blksize)]),
    'tsize',
    '0',
    ...(plan.windowsize === 1 ? [] : ['windowsize', String(plan.windowsize)]),
  ];
  const text = [plan.file, 'octet', ...options].join('\0');
  socket.send(Buffer.from(`\0\x01${text}\0`, 'latin1'), machine.address, plan.server, plan.port);
  machine.heardAt = now;
}

function acknowledge(socket: BatchSocket, plan: Plan, machine: Machine): void {
  const block = (machine.next - 1) & 0xffff;
  machine.pending = 0;
  socket.send(Uint8Array.of(0, 4, block >>> 8, block & 255), machine.address, plan.server, machine.port);
}

interface Tally {
  retries: number;
  gaps: number;
  left: number;
}

function hear(
  socket: BatchSocket,
  plan: Plan,
  machine: Machine,
  { payload, from, fromPort }: Arrived,
  now: number,
  tally: Tally,
): void {
  if (from !== plan.server || (machine.port !== 0 && machine.port !== fromPort)) return;
  machine.port = fromPort;
  const end = (failure?: string) => {
    machine.endedAt = now;
    machine.failure = failure;
    tally.left -= 1;
  };
  const opcode = payload[1];
  if (opcode === 5) return end(Buffer.from(payload.subarray(4)).toString('latin1'));
  if (opcode === 6 && machine.next === 1) {
    agree(machine, payload);
    machine.heardAt = now;
    return acknowledge(socket, plan, machine);
  }
  if (opcode !== 3) return;
  const block = ((payload[2] ?? 0) << 8) | (payload[3] ?? 0);
  if (block !== (machine.next & 0xffff)) {
    const behind = ((machine.next - block) & 0xffff) < 0x8000;
    if (!behind && !machine.gapTold) {
      machine.gapTold = true;
      tally.gaps += 1;
      acknowledge(socket, plan, machine);
    }
    return;
  }
  const length = payload.length - 4;
  const offset = (machine.next - 1) * machine.blksize;
  if (length > machine.blksize || offset + length > plan.size) return end('more than the file has');
  machine.content.set(payload.subarray(4), offset);
  machine.next += 1;
  machine.pending += 1;
  machine.gapTold = false;
  machine.heardAt = now;
  machine.tries = 0;
  const last = length < machine.blksize;
  if (last || machine.pending >= machine.windowsize) acknowledge(socket, plan, machine);
  if (last) end(offset + length === plan.size ? undefined : 'less than the file has');
}

function agree(machine: Machine, oack: Uint8Array): void {
  const texts = Buffer.from(oack.subarray(2)).toString('latin1').split('\0');
  for (let at = 0; at + 1 < texts.length; at += 2) {
    if (texts[at] === 'blksize') machine.blksize = Number(texts[at + 1]);
    if (texts[at] === 'windowsize') machine.windowsize = Number(texts[at + 1]);
  }
}

/** A machine that has heard nothing for too long says its last word again, ten times at most. */
function wait(socket: BatchSocket, plan: Plan, machine: Machine, now: number, tally: Tally): void {
  if (machine.endedAt !== undefined || now - machine.heardAt < plan.patience) return;
  machine.tries += 1;
  tally.retries += 1;
  if (machine.tries > 10) {
    machine.endedAt = now;
    machine.failure = 'no answer';
    tally.left -= 1;
  } else if (machine.port === 0) {
    ask(socket, plan, machine, now);
  } else {
    machine.heardAt = now;
    acknowledge(socket, plan, machine);
  }
}

function addressOf(text: string): number {
  const octets = text.split('.').map(Number);
  return octets.reduce((sum, octet) => sum * 256 + octet, 0);
}
