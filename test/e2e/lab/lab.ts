import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { tail } from './console.ts';
import type { GuestReport } from '../guest/report.ts';
import type { Firmware, Identity, Medium } from './firmware.ts';
import { powerOn, reportsOf, type Machine } from './machine.ts';
import { openNetwork, type Network } from './network.ts';
import { startProgram, type Program } from './program.ts';

/** Where guests report, on the host of their config URL. */
const REPORT_PORT = 8099;

/** An isolated network with everything that a boot test needs, but without a server: that one is the test's to start. */
export interface Lab {
  readonly network: Network;
  /** Logs, consoles and the capture of this run; stays for diagnosis until the next run of that name. */
  readonly folder: string;
  /** Starts a program in the server's namespace (or another one of this lab); it ends with the lab at the latest. */
  start(name: string, command: string, args: readonly string[], namespace?: string): Promise<Program>;
  /** Switches a machine on, with media in their boot order; one at a time, there is one tap. It goes off with the lab at the latest. */
  powerOn(firmware: Firmware, identity: Identity, ...media: readonly Medium[]): Promise<Machine>;
  /** What guests with this card have reported so far, for machines that somebody else switches on. */
  reports(mac: string): Promise<readonly GuestReport[]>;
  /** For a failed test: the ends of every log and console, and where the rest is. */
  diagnosis(): Promise<string>;
  close(): Promise<void>;
}

/** `repository` is its top folder; `address` ("192.168.50.1/24") is the server's. Needs root and the packages of scripts/system-packages.sh. */
export async function openLab(repository: string, name: string, address: string): Promise<Lab> {
  const folder = join(repository, '.cache', 'lab', name);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const network = await openNetwork(`sower-${name}`, address);
  const programs: Program[] = [];
  let started = 0;
  const machines: Machine[] = [];

  const start = async (
    title: string,
    command: string,
    args: readonly string[],
    namespace = network.name,
  ): Promise<Program> => {
    started += 1;
    const log = join(folder, `${started}-${title}.log`);
    const program = await startProgram({ namespace, name: title, log, command, args });
    programs.push(program);
    return program;
  };

  const close = async (): Promise<void> => {
    for (const program of [...machines.map((machine) => machine.program), ...programs.toReversed()])
      await program.stop();
    await network.close();
  };

  try {
    const wire = join(folder, 'wire.pcap');
    const capture = await start('tcpdump', 'tcpdump', ['-n', '-U', '-Z', 'root', '-i', network.bridge, '-w', wire]);
    await capture.says(/listening on/, 5000);
    const server = join(repository, 'test', 'e2e', 'lab', 'report-server.mjs');
    const reports = await start('reports', process.execPath, [server, String(REPORT_PORT)]);
    await reports.says(/listens/, 10_000);

    return {
      network,
      folder,
      start,
      powerOn: async (firmware, identity, ...media) => {
        const base = join(folder, `machine-${machines.length}`);
        const machine = await powerOn(network, firmware, identity, base, reports, media);
        machines.push(machine);
        return machine;
      },
      reports: (mac) => reportsOf(mac, reports),
      diagnosis: () => diagnose(folder, programs, machines),
      close,
    };
  } catch (cause) {
    await close();
    throw cause;
  }
}

async function diagnose(folder: string, programs: readonly Program[], machines: readonly Machine[]): Promise<string> {
  const parts = [`everything is in ${folder}`];
  for (const program of programs) parts.push(`--- ${program.log}\n${tail(await program.output(), 40)}`);
  for (const machine of machines) {
    parts.push(
      `--- ${machine.program.name}\n${tail(await machine.program.output(), 10)}\n${tail(await machine.screen(), 60)}`,
    );
  }
  return parts.join('\n');
}
