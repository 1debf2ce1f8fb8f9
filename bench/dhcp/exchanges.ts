import { join } from 'node:path';
import { readLike } from '../rig/json.ts';
import type { Rig } from '../rig/rig.ts';
import { SITE } from '../rig/site.ts';
import type { ExchangeRun } from './exchange-run.ts';
import { perfdhcpWords, readPerfdhcp } from './perfdhcp.ts';
import type { Way } from './servers.ts';

const NOTHING: ExchangeRun = { begun: 0, completed: 0, ms: { mean: 0, p50: 0, p99: 0 } };

/** Begins so many exchanges at this rate, each of a machine that the server has not seen, and says what came of them. */
export async function exchange(rig: Rig, way: Way, rate: number, exchanges: number): Promise<ExchangeRun> {
  if (way === 'relay') {
    const words = perfdhcpWords(SITE.relay, SITE.server, rate, exchanges);
    // It exits with 3 where exchanges were lost, which is a result.
    const script = '"$0" "$@" || [ $? = 3 ]';
    return readPerfdhcp(await rig.machine('sh', '-c', script, rig.peers.program('usr/sbin/perfdhcp'), ...words));
  }
  const program = join(rig.programs, 'dhcp', 'direct-load.js');
  const words = ['--device', SITE.machineDevice, '--rate', String(rate), '--exchanges', String(exchanges)];
  return readLike(await rig.machine(process.execPath, program, ...words), NOTHING);
}
