import { copyFile, readFile } from 'node:fs/promises';
import { readReport, type GuestReport } from '../guest/report.ts';
import { plain } from './console.ts';
import { qemuArguments, type Firmware, type Identity, type Medium } from './firmware.ts';
import type { Network } from './network.ts';
import { startProgram, type Program } from './program.ts';
import { waitFor } from './waiting.ts';

/** A virtual machine that is switched on. */
export interface Machine {
  readonly identity: Identity;
  readonly program: Program;
  /** Its serial console so far, without escape sequences. */
  screen(): Promise<string>;
  /** Waits until the console shows the text; throws when the machine goes off before, or after `within` milliseconds. */
  shows(text: RegExp, within?: number): Promise<string>;
  /** What the guest reports of this boot. Throws when the machine goes off without a report, or after `within` milliseconds. */
  report(within?: number): Promise<GuestReport>;
  /** Waits until it has switched itself off; gives QEMU's exit status. */
  off(within?: number): Promise<number | NodeJS.Signals>;
  /** Pulls the plug. */
  stop(): Promise<void>;
}

/** Four times what it takes on a quiet machine, in milliseconds. */
export function patience(firmware: Firmware): number {
  return firmware.quietSeconds * 4000;
}

/**
 * Switches a machine on. `base` is the path of its files without an ending; `reports` is the report server's program,
 * whose output holds one report a line. It boots from the first medium that can be booted; without any, from the network.
 */
export async function powerOn(
  network: Network,
  firmware: Firmware,
  identity: Identity,
  base: string,
  reports: Program,
  media: readonly Medium[],
): Promise<Machine> {
  const wiring = {
    tap: network.tap,
    serial: `${base}.serial`,
    variables: `${base}.vars`,
    media,
  };
  if (firmware.flash !== undefined) await copyFile(firmware.flash.variables, wiring.variables);
  const earlier = (await reportsOf(identity.mac, reports)).length;
  const program = await startProgram({
    namespace: network.name,
    name: `${firmware.title} (${identity.mac})`,
    log: `${base}.log`,
    command: firmware.emulator,
    args: qemuArguments(firmware, identity, wiring),
  });

  const screen = async (): Promise<string> => plain(await readFile(wiring.serial, 'latin1').catch(() => ''));
  const untilOff = <T>(what: string, within: number, probe: () => Promise<T | undefined>): Promise<T> =>
    waitFor(`${program.name}: ${what}`, within, async () => {
      const over = program.ended();
      const found = await probe();
      if (found === undefined && over !== undefined) throw new Error(`${program.name} went off (${over}): no ${what}`);
      return found;
    });

  return {
    identity,
    program,
    screen,
    shows: (text, within = patience(firmware)) =>
      untilOff(`${text} on its console`, within, async () => text.exec(await screen())?.[0]),
    report: (within = patience(firmware)) =>
      untilOff('report', within, async () => (await reportsOf(identity.mac, reports))[earlier]),
    off: (within = 15_000) => program.exits(within),
    stop: async () => {
      await program.stop();
    },
  };
}

/** What guests with this card have reported so far. */
export async function reportsOf(mac: string, reports: Program): Promise<readonly GuestReport[]> {
  const lines = (await reports.output()).split('\n').filter((line) => line.startsWith('{') && line.endsWith('}'));
  return lines.map(readReport).filter((report) => report.mac === mac);
}
