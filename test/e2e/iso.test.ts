import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { layOutRelease } from './guest/release.ts';
import type { GuestReport } from './guest/report.ts';
import { NOTE, REPOSITORY, SKIP } from './lab/available.ts';
import { FIRMWARE, type Firmware, type Medium } from './lab/firmware.ts';
import { openLab, type Lab } from './lab/lab.ts';
import type { Machine } from './lab/machine.ts';
import { buildIso } from './lab/media.ts';
import { startSower, type Sower } from './lab/sower.ts';

const SERVER = 'http://192.168.178.7:10000';
const DATA = join(REPOSITORY, 'test/e2e/data/iso.yaml');

/** The script that users of the original server embed, letter by letter. */
const ORIGINAL = `#!ipxe
:loop
set net0/ip 192.168.178.252
set net0/netmask 255.255.255.0
set net0/gateway 192.168.178.1
ifopen
iflinkwait --timeout 3000 net0
ifstat
chain http://192.168.178.7:10000/ipxe/\${net0/hwaddr} || goto loop
`;

describe.skipIf(SKIP)(`an ISO of sower build iso boots real firmware${NOTE}`, () => {
  let lab: Lab;
  let sower: Sower;
  let rootfs: string;
  const switchedOn: Machine[] = [];

  const powerOn = async (firmware: Firmware, last: string, medium: Medium): Promise<Machine> => {
    const mac = `52:54:00:5e:04:${last}`;
    const machine = await lab.powerOn(
      firmware,
      { mac, uuid: `00000000-0000-4000-8000-${mac.replaceAll(':', '')}` },
      medium,
    );
    switchedOn.push(machine);
    return machine;
  };
  const iso = async (name: string, ...options: readonly string[]): Promise<string> =>
    (await buildIso(REPOSITORY, join(lab.folder, name), options)).file;

  /** What a machine that came all the way reports: firmware, its own kernel line, its files, its config. */
  const expectInstall = (report: GuestReport, firmware: 'bios' | 'efi', last: string): void => {
    const mac = `52:54:00:5e:04:${last}`;
    const address = `192.168.178.3${Number(last)}`;
    expect(report).toMatchObject({ firmware, mac, problem: '', rootfs, address: `${address}/24` });
    expect(report.cmdline).toContain(`initrd=harvester-v1.7.0-initrd-amd64 ip=${address}::192.168.178.1:`);
    expect(report.cmdline).toContain(`harvester.install.config_url=${SERVER}/config/${mac}/config-join.yaml`);
    expect(report.config.toString()).toContain('token: a-token-that-nobody-guesses\n');
  };

  beforeAll(async () => {
    lab = await openLab(REPOSITORY, 'iso', '192.168.178.7/24');
    const sources = join(REPOSITORY, 'test', 'e2e', 'guest');
    const cache = join(REPOSITORY, '.cache', 'guest');
    ({ rootfs } = await layOutRelease('v1.7.0', sources, cache, join(lab.folder, 'artifacts')));
    await iso('site.iso', '--data', DATA);
    sower = await startSower(REPOSITORY, lab, await readFile(DATA, 'utf8'));
  }, 180_000);

  afterAll(() => lab?.close());
  afterEach(async (context) => {
    if (context.task.result?.state === 'fail') console.error(await lab.diagnosis());
    for (const machine of switchedOn.splice(0)) await machine.stop();
  });

  test.each([
    ['BIOS', 'cd', 'bios', FIRMWARE.bios, '01'],
    ['BIOS', 'usb', 'bios', FIRMWARE.bios, '02'],
    ['UEFI x64', 'cd', 'efi', FIRMWARE.uefiPxe, '03'],
    ['UEFI x64', 'usb', 'efi', FIRMWARE.uefiPxe, '04'],
  ] as const)(
    'B-02 %s, as %s: from the medium to the installer, without TFTP',
    async (_, kind, kind2, firmware, last) => {
      const machine = await powerOn(firmware, last, { kind, image: join(lab.folder, 'site.iso') });
      expectInstall(await machine.report(), kind2, last);
      expect(await machine.off()).toBe(0);
      const { mac } = machine.identity;
      expect(await sower.events({ mac, step: 'tftp' })).toEqual([]);
      expect(await sower.events({ mac, step: 'http', why: 'install' })).toHaveLength(1);
      expect(await sower.events({ mac, level: 'error' })).toEqual([]);
    },
  );

  test('--mac: the address of the data file, and no DHCP; another machine is passed over', async () => {
    const image = await iso('static.iso', '--data', DATA, '--mac', '52-54-00-5E-04-05', '--platform', 'bios');
    const machine = await powerOn(FIRMWARE.bios, '05', { kind: 'cd', image });
    expectInstall(await machine.report(), 'bios', '05');
    expect(await machine.off()).toBe(0);
    expect(await sower.events({ mac: machine.identity.mac, step: 'dhcp' })).toEqual([]);

    const other = await powerOn(FIRMWARE.bios, '06', { kind: 'cd', image });
    await other.shows(/52:54:00:5e:04:06 is not static/);
    await other.shows(/next round in 10 s/);
    expect(await sower.events({ mac: other.identity.mac })).toEqual([]);
  });

  test('--script: the script of the original server works as it is', async () => {
    const script = join(lab.folder, 'original.ipxe');
    await writeFile(script, ORIGINAL);
    const image = await iso('original.iso', '--script', script);
    const machine = await powerOn(FIRMWARE.uefiPxe, '06', { kind: 'usb', image });
    expectInstall(await machine.report(), 'efi', '06');
    expect(await machine.off()).toBe(0);
  });

  test('UEFI arm64, as usb: it asks for its script', async () => {
    const machine = await powerOn(FIRMWARE.arm64, '07', { kind: 'usb', image: join(lab.folder, 'site.iso') });
    await sower.tells({ mac: machine.identity.mac, why: 'install' }, 0, 140_000);
    expect(await sower.events({ mac: machine.identity.mac, step: 'tftp' })).toEqual([]);
  });
});
