import { copyFile, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { layOutRelease } from './guest/release.ts';
import { NOTE, REPOSITORY, SKIP } from './lab/available.ts';
import { FIRMWARE, type Firmware, type Medium } from './lab/firmware.ts';
import { openLab, type Lab } from './lab/lab.ts';
import type { Machine } from './lab/machine.ts';
import { buildIso } from './lab/media.ts';
import { startSower, type Sower } from './lab/sower.ts';

const SERVER = 'http://192.168.178.7:10000';
const DATA = join(REPOSITORY, 'test/e2e/data/boot-order.yaml');

/** What an installer leaves on the disk, as far as firmware can see: something that boots, and does not use the network. */
const INSTALLED = '#!ipxe\necho the installed system runs\nshell\n';

describe.skipIf(SKIP)(`what firmware boots first${NOTE}`, () => {
  let lab: Lab;
  let sower: Sower;
  let rootfs: string;
  const file = (name: string): string => join(lab.folder, name);
  const switchedOn: Machine[] = [];

  const powerOn = async (firmware: Firmware, last: string, ...media: readonly Medium[]): Promise<Machine> => {
    const mac = `52:54:00:5e:05:${last}`;
    const uuid = `00000000-0000-4000-8000-${mac.replaceAll(':', '')}`;
    const machine = await lab.powerOn(firmware, { mac, uuid }, ...media);
    switchedOn.push(machine);
    return machine;
  };
  const switchOff = async (): Promise<void> => {
    for (const machine of switchedOn.splice(0)) await machine.stop();
  };

  /** It has come all the way to its own kernel line, files and config, under the firmware that was meant. */
  const expectInstall = async (machine: Machine, firmware: 'bios' | 'efi'): Promise<void> => {
    const { mac } = machine.identity;
    const report = await machine.report();
    expect(report).toMatchObject({ firmware, mac, problem: '', rootfs });
    expect(report.cmdline).toContain(`harvester.install.config_url=${SERVER}/config/${mac}/config-join.yaml`);
    expect(await machine.off()).toBe(0);
  };

  beforeAll(async () => {
    lab = await openLab(REPOSITORY, 'order', '192.168.178.7/24');
    const sources = join(REPOSITORY, 'test', 'e2e', 'guest');
    const cache = join(REPOSITORY, '.cache', 'guest');
    ({ rootfs } = await layOutRelease('v1.7.0', sources, cache, file('artifacts')));
    await buildIso(REPOSITORY, file('site.iso'), ['--data', DATA]);
    await writeFile(file('installed.ipxe'), INSTALLED);
    await buildIso(REPOSITORY, file('installed.iso'), ['--script', file('installed.ipxe')]);
    sower = await startSower(REPOSITORY, lab, await readFile(DATA, 'utf8'));
  }, 180_000);

  afterAll(() => lab?.close());
  afterEach(async (context) => {
    if (context.task.result?.state === 'fail') console.error(await lab.diagnosis());
    await switchOff();
  });

  test.each([
    ['BIOS', FIRMWARE.bios, 'bios', '01'],
    ['UEFI x64', FIRMWARE.uefiPxe, 'efi', '02'],
  ] as const)(
    '%s, hd before cdrom: an empty disk is installed from the ISO, an installed one boots and asks sower for nothing',
    async (_, firmware, kind, last) => {
      const disk = file(`disk-${last}.img`);
      const media = [
        { kind: 'disk', image: disk },
        { kind: 'cd', image: file('site.iso') },
      ] as const;
      await writeFile(disk, '');
      await truncate(disk, 64 << 20);
      const empty = await powerOn(firmware, last, ...media);
      await expectInstall(empty, kind);
      const { mac } = empty.identity;
      expect(await sower.events({ mac, step: 'http', why: 'install' })).toHaveLength(1);
      await switchOff();

      await copyFile(file('installed.iso'), disk);
      const before = await sower.events({ mac });
      const installed = await powerOn(firmware, last, ...media);
      await installed.shows(/the installed system runs/);
      expect(await sower.events({ mac })).toEqual(before);
    },
  );

  test('B-13 D-06 UEFI HTTP Boot mounts the ISO as a RAM disk and boots it to the installer', async () => {
    const machine = await powerOn(FIRMWARE.uefiHttp, '03');
    await expectInstall(machine, 'efi');
    const { mac } = machine.identity;
    const path = 'loaders/x64/ipxe.iso';
    expect(await sower.events({ mac, why: 'bound', file: `${SERVER}/artifacts/${path}` })).toHaveLength(1);
    expect(await sower.events({ mac, why: 'artifact', path, delivery: 'complete' })).toHaveLength(1);
    expect(await sower.events({ mac, step: 'tftp' })).toEqual([]);
  });

  // AAVMF 2022.11 hangs before it reads the CD once in ten boots, whatever is on it: hence the second try.
  test(
    'UEFI arm64, as the CD of a management board: it asks for its script',
    { retry: 1, timeout: 100_000 },
    async () => {
      const machine = await powerOn(FIRMWARE.arm64, '04', { kind: 'usb-cd', image: file('site.iso') });
      const { mac } = machine.identity;
      const before = (await sower.events({ mac, why: 'install' })).length;
      await sower.tells({ mac, why: 'install' }, before, 45_000);
      expect(await sower.events({ mac, step: 'tftp' })).toEqual([]);
    },
  );
});
