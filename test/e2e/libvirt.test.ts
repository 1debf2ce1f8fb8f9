import { copyFile, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { layOutRelease } from './guest/release.ts';
import { NOTE, REPOSITORY, SKIP } from './lab/available.ts';
import { run } from './lab/command.ts';
import { openLab, type Lab } from './lab/lab.ts';
import { startLibvirt, type Libvirt } from './lab/libvirt.ts';
import { buildIso } from './lab/media.ts';
import { serve, sowerCommand, type Sower } from './lab/sower.ts';
import { waitFor } from './lab/waiting.ts';

const SERVER = 'http://192.168.178.7:10000';
/**
 * What an installer leaves on the disk, as far as firmware can see: something that boots, and does not use the network. That it
 * switches the machine off is the sign of it, with any firmware: a machine that boots nothing stays on.
 */
const INSTALLED = '#!ipxe\npoweroff\n';
const PATIENCE = 150_000;

describe.skipIf(SKIP)(`sower libvirt: what it prints works${NOTE}`, () => {
  let lab: Lab;
  let libvirt: Libvirt;
  let sower: Sower;
  let rootfs: string;
  const file = (name: string): string => join(lab.folder, name);
  const printed = (...words: readonly string[]): Promise<string> =>
    run(process.execPath, sowerCommand(REPOSITORY), 'libvirt', ...words, '--data', file('data.yaml'));

  beforeAll(async () => {
    lab = await openLab(REPOSITORY, 'libvirt', '192.0.2.1/24');
    await copyFile(join(REPOSITORY, 'test/e2e/data/libvirt.yaml'), file('data.yaml'));
    const cache = join(REPOSITORY, '.cache', 'guest');
    ({ rootfs } = await layOutRelease('v1.7.0', join(REPOSITORY, 'test/e2e/guest'), cache, file('artifacts')));
    await buildIso(REPOSITORY, file('site.iso'), ['--data', file('data.yaml')]);
    await writeFile(file('installed.ipxe'), INSTALLED);
    await buildIso(REPOSITORY, file('installed.iso'), ['--script', file('installed.ipxe')]);
    libvirt = await startLibvirt(lab);
  }, 180_000);
  afterAll(() => lab?.close());
  afterEach(async (context) => {
    if (context.task.result?.state === 'fail') console.error(await lab.diagnosis());
  });

  test('the network: sower is the only one on it', async () => {
    await writeFile(file('network.xml'), await printed('network'));
    await libvirt.virsh('net-define', file('network.xml'));
    await libvirt.virsh('net-start', 'boot0');
    const processes = await run('ip', 'netns', 'pids', lab.network.name);
    const names = await Promise.all(
      processes
        .trim()
        .split('\n')
        .map((pid) => readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')),
    );
    expect(names.filter((name) => name.startsWith('dnsmasq'))).toEqual([]);
    sower = await serve(REPOSITORY, lab, file('data.yaml'));
  });

  test.each([
    ['network-bios', 'from the network, BIOS', '52:54:00:5e:06:11', 'bios'],
    ['network-uefi', 'from the network, UEFI', '52:54:00:5e:06:12', 'efi'],
    ['iso-bios', 'from the ISO, BIOS', '52:54:00:5e:06:13', 'bios'],
    ['iso-uefi', 'from the ISO, UEFI', '52:54:00:5e:06:14', 'efi'],
  ])('%s: to its config; with a disk that boots, the next start lands there', async (name, title, mac, firmware) => {
    const disk = file(`${name}.img`);
    await writeFile(disk, '');
    await truncate(disk, 64 << 20);
    const size = ['--memory', '512', '--vcpus', '1', '--disk', `path=${disk},format=raw`];
    const text = await printed('domain', name, '--iso', file('site.iso'), ...size);
    const command = new RegExp(`^# ${title}\n(.*)$`, 'm').exec(text)?.[1] ?? '';
    // No hypervisor and no screen here: that is all that the printed command does not say.
    const here = `--connect '${libvirt.uri}' --virt-type qemu --graphics none --serial file,path=${file(`${name}.serial`)}`;
    await run('sh', '-c', `${command} ${here}`);
    const state = (): Promise<string> => libvirt.virsh('domstate', name, '--reason').then((words) => words.trim());
    const report = await waitFor(`${name} reports`, PATIENCE, async () => (await lab.reports(mac))[0]);
    expect(report).toMatchObject({ firmware, mac, problem: '', rootfs });
    expect(report.cmdline).toContain(`harvester.install.config_url=${SERVER}/config/${mac}/config-join.yaml`);
    const off = (): Promise<true> =>
      waitFor(`${name} is off`, PATIENCE, async () => ((await state()) === 'shut off (shutdown)' ? true : undefined));
    await off();

    await copyFile(file('installed.iso'), disk);
    const before = await sower.events({ mac });
    await libvirt.virsh('start', name);
    await off();
    expect(await sower.events({ mac })).toEqual(before);
  });
});
