import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { layOutRelease } from './guest/release.ts';
import { NOTE, REPOSITORY, SKIP } from './lab/available.ts';
import { run } from './lab/command.ts';
import { startDnsmasq } from './lab/dnsmasq.ts';
import { FIRMWARE, type Firmware } from './lab/firmware.ts';
import { openLab, type Lab } from './lab/lab.ts';
import { startSower, type Fields, type Sower } from './lab/sower.ts';

const SERVER = 'http://192.168.50.1:10000';
const SNPONLY = 'loaders/x64/snponly.efi';
/** The other server's pool. */
const FOREIGN = /^192\.168\.50\.1\d\d\/24$/;

interface Way {
  readonly title: string;
  readonly firmware: Firmware;
  readonly mac: string;
  /** What sower's log says on the way to the script, in any number of lines between. */
  readonly steps: readonly Fields[];
  readonly toReport: boolean;
}

const script = (mac: string) => `${SERVER}/ipxe/${mac}`;

const WAYS: readonly Way[] = [
  {
    title: `B-10 B-14 ${FIRMWARE.biosRom.title}`,
    firmware: FIRMWARE.biosRom,
    mac: '52:54:00:5e:02:01',
    steps: [{ why: 'proxy-offered', boot: 'script' }],
    toReport: true,
  },
  {
    title: `B-10 B-15 ${FIRMWARE.uefiPxe.title}, by way of port 4011`,
    firmware: FIRMWARE.uefiPxe,
    mac: '52:54:00:5e:02:02',
    steps: [
      { why: 'proxy-offered', boot: 'loader' },
      { why: 'boot-acknowledged', reply: 'ack', file: SNPONLY },
      { step: 'tftp', why: 'complete', file: SNPONLY },
      { why: 'proxy-offered', boot: 'script' },
    ],
    toReport: true,
  },
  {
    title: `B-11 B-12 ${FIRMWARE.uefiHttp.title}`,
    firmware: FIRMWARE.uefiHttp,
    mac: '52:54:00:5e:02:03',
    steps: [
      { why: 'proxy-offered', file: `${SERVER}/artifacts/${SNPONLY}` },
      { step: 'http', why: 'artifact', path: SNPONLY },
      { why: 'proxy-offered', boot: 'script' },
    ],
    toReport: false,
  },
];

describe.skipIf(SKIP)(`beside another DHCP server${NOTE}`, () => {
  let lab: Lab;
  let sower: Sower;

  beforeAll(async () => {
    lab = await openLab(REPOSITORY, 'proxy', '192.168.50.1/24');
    const sources = join(REPOSITORY, 'test', 'e2e', 'guest');
    await layOutRelease('v1.1.0', sources, join(REPOSITORY, '.cache', 'guest'), join(lab.folder, 'artifacts'));
    const other = await lab.network.addHost('other');
    await run('ip', '-n', other, 'addr', 'add', '192.168.50.2/24', 'dev', 'eth0');
    await startDnsmasq(lab, other);
    sower = await startSower(REPOSITORY, lab, await readFile(join(REPOSITORY, 'test/e2e/data/proxy.yaml'), 'utf8'));
  }, 180_000);

  afterAll(() => lab?.close());
  afterEach(async (context) => {
    if (context.task.result?.state === 'fail') console.error(await lab.diagnosis());
  });

  test.each(WAYS.map((way) => [way.title, way] as const))('%s', async (_, { mac, firmware, steps, toReport }) => {
    const machine = await lab.powerOn(firmware, { mac, uuid: `00000000-0000-4000-8000-${mac.replaceAll(':', '')}` });
    if (toReport) {
      const report = await machine.report();
      expect(report).toMatchObject({ firmware: firmware.flash === undefined ? 'bios' : 'efi', mac, problem: '' });
      expect(report.address).toMatch(FOREIGN);
      expect(Object.fromEntries(report.lease)).toMatchObject({ serverid: '192.168.50.2' });
      expect(report.cmdline).toContain(`harvester.install.config_url=${SERVER}/config/${mac}/config-join.yaml`);
    } else {
      await sower.tells({ mac, step: 'http', why: 'install' }, 0, 4000 * firmware.quietSeconds);
      await machine.stop();
    }
    const events = await sower.events({ mac });
    for (const step of [...steps, { step: 'http', why: 'install' }]) {
      expect(events).toContainEqual(expect.objectContaining(step));
    }
    // Not one address is from here, and every answer on port 67 is an OFFER without one.
    const answers = events.filter(({ step, reply }) => step === 'dhcp' && reply !== undefined);
    expect(answers.filter(({ address }) => address !== undefined)).toEqual([]);
    expect(events.filter(({ level }) => level === 'warn' || level === 'error')).toEqual([]);
  });

  test('A-52 the other server is told of once, and is no rogue', async () => {
    expect(await sower.events({ why: 'other-server', address: '192.168.50.2' })).toHaveLength(1);
    expect(await sower.events({ why: 'rogue-server' })).toEqual([]);
  });

  test('B-18 the summary says what the other server can say for firmware that takes no boot file from a proxy', async () => {
    const summary = await sower.program.output();
    expect(summary).toContain('proxy in 192.168.50.0/24');
    expect(summary).toContain('option 66 192.168.50.1; option 67');
    expect(summary).toContain('loaders/bios/undionly.kpxe for BIOS');
    expect(summary).toContain(script('${mac}'));
  });
});
