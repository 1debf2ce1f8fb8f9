import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { measureDhcp } from '../../bench/dhcp/measure.ts';
import { DHCP_SERVERS } from '../../bench/dhcp/servers.ts';
import { NO_PEERS } from '../../bench/rig/debian.ts';
import { openRig, type Rig } from '../../bench/rig/rig.ts';
import { measureStorm } from '../../bench/storm/measure.ts';
import { STORM_SERVERS } from '../../bench/storm/servers.ts';
import { NOTE, REPOSITORY, SKIP } from './lab/available.ts';
import { run } from './lab/command.ts';

/** Whether the benchmark's cells run at all; what they measure is nobody's concern here. */
describe.skipIf(SKIP)(`the smallest cells of the benchmark${NOTE}`, () => {
  let rig: Rig;
  const sowerOf = <T extends { readonly name: string }>(servers: readonly T[]): readonly T[] =>
    servers.filter(({ name }) => name === 'sower');

  beforeAll(async () => {
    await run(join(REPOSITORY, 'node_modules/.bin/tsc'), '-p', join(REPOSITORY, 'bench'));
    rig = await openRig(REPOSITORY, 'sower-bench', NO_PEERS);
  });
  afterAll(() => rig?.close());

  test('sower answers machines on the link, and a rate that it sustains is found', async () => {
    const plan = { ways: ['direct'], rounds: 1, seconds: 1, within: 0.1, limit: 50 } as const;
    const [figures] = await measureDhcp(rig, { ...plan, servers: sowerOf(DHCP_SERVERS) });
    expect(figures?.rate).toBeGreaterThan(0);
    expect(figures?.full.p99).toBeGreaterThan(0);
  });

  test('ten machines that are switched on at once come up', async () => {
    const [figures] = await measureStorm(rig, sowerOf(STORM_SERVERS), 10, 1);
    expect(figures).toMatchObject({ server: 'sower', up: 10 });
    expect(figures?.mebibytes).toBeGreaterThan(1);
  });
});
