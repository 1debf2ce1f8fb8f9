import { cp, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { layOutRelease } from './guest/release.ts';
import { NOTE, REPOSITORY, SKIP } from './lab/available.ts';
import { startUdhcpc } from './lab/dhcp-clients.ts';
import { FIRMWARE } from './lab/firmware.ts';
import { get } from './lab/http.ts';
import { openLab, type Lab } from './lab/lab.ts';
import { startSower, type Sower } from './lab/sower.ts';

const SERVER = 'http://192.168.50.1:10000';
const HOST = '52:54:00:5e:02:01';
const MACHINE = { mac: '52:54:00:5e:02:02', uuid: '00000000-0000-4000-8000-5254005e0202' };
const DISKLESS = { mac: '52:54:00:5e:02:03', uuid: '00000000-0000-4000-8000-5254005e0203' };
const POOL = /^192\.168\.50\.1\d\d$/;

/** What busybox's client says to pass for the firmware of a UEFI machine, and for an iPXE. */
const AS_UEFI = ['-V', 'PXEClient:Arch:00007:UNDI:003000', '-x', '0x5d:0007'];
const AS_IPXE = ['-V', 'PXEClient:Arch:00007:UNDI:003010', '-x', '0x5d:0007', '-x', '0x4d:69505845'];

/** Its install config: all that the linter asks for. */
const CONFIG = `scheme_version: 1
token: a-token-that-nobody-guesses
os:
  password: a-password-that-nobody-guesses
install:
  mode: create
  management_interface:
    interfaces:
      - name: ens3
    method: dhcp
  device: /dev/vda
  iso_url: http://192.168.50.1:10000/artifacts/harvester/v1.7.0/harvester-v1.7.0-amd64.iso
  vip_mode: static
  vip: 192.168.50.40
`;

/** The machine as an operator adds it once it was discovered. */
const ADDED = `
maclist:
  - name: added
    macaddress: ${MACHINE.mac}
    values:
      version: v1.7.0
      type: create
      config:
${CONFIG.replaceAll(/^(?=.)/gm, '        ')}`;

describe.skipIf(SKIP)(`a MAC that is not in data.yaml${NOTE}`, () => {
  let lab: Lab;
  let sower: Sower;
  let data: string;
  let host: string;

  const policy = (unknown: string, rest = ''): Promise<void> =>
    sower.reload(data.replace('unknown: ignore', `unknown: ${unknown}`) + rest);
  const udhcpc = (...options: string[]) => startUdhcpc(REPOSITORY, lab, host, ...options);

  beforeAll(async () => {
    lab = await openLab(REPOSITORY, 'unknown', '192.168.50.1/24');
    host = await lab.network.addHost('host', HOST);
    data = await readFile(join(REPOSITORY, 'test/e2e/data/unknown.yaml'), 'utf8');
    sower = await startSower(REPOSITORY, lab, data);
  });

  afterAll(() => lab?.close());
  afterEach(async (context) => {
    if (context.task.result?.state === 'fail') console.error(await lab.diagnosis());
  });

  test('unknown: ignore: no DHCP answer, no script', async () => {
    const client = await udhcpc('-n', ...AS_UEFI);
    expect(await client.program.exits(15_000)).toBe(1);
    expect(await client.program.output()).toContain('no lease');
    await sower.tells({ step: 'dhcp', mac: HOST, why: 'unknown-mac' });
    expect((await sower.events({ mac: HOST })).filter((event) => event['reply'] !== undefined)).toEqual([]);
    const script = await get(lab.network.name, `${SERVER}/ipxe/${HOST}`);
    expect(script.status).toBe(404);
    expect(script.body).not.toContain('#!ipxe');
  });

  test('unknown: local: an address, no boot file for firmware, the local-boot script for iPXE', async () => {
    await policy('local');
    const firmware = await udhcpc(...AS_UEFI);
    const lease = await firmware.lease('bound');
    expect(lease['ip']).toMatch(POOL);
    expect(lease['boot_file']).toBeUndefined();
    await firmware.program.stop();

    const ipxe = await udhcpc(...AS_IPXE);
    expect(await ipxe.lease('bound')).toMatchObject({ ip: lease['ip'], boot_file: `${SERVER}/ipxe/${HOST}` });
    await ipxe.program.stop();

    // A real iPXE without a disk: it says why, tries the disk, and gives the machine back to its BIOS.
    const machine = await lab.powerOn(FIRMWARE.biosRom, DISKLESS);
    await machine.shows(new RegExp(`${DISKLESS.mac} is not in data.yaml`));
    await machine.shows(/No bootable device/);
    await machine.stop();
    const script = await get(lab.network.name, `${SERVER}/ipxe/${DISKLESS.mac}`);
    expect(script.body).toMatch(/sanboot --no-describe --drive 0x80/);
    expect(await sower.events({ mac: DISKLESS.mac, step: 'tftp' })).toEqual([]);
  });

  test('unknown: discover: shows its MAC and asks again; added to data.yaml it waits for its files, and boots', async () => {
    await policy('discover');
    const machine = await lab.powerOn(FIRMWARE.biosRom, MACHINE);
    await machine.shows(new RegExp(`MAC address is ${MACHINE.mac}`));
    await machine.shows(/asking again in 30 s/);
    const { address } = await sower.tells({ mac: MACHINE.mac, why: 'unknown-mac', policy: 'discover' });
    expect(address).toMatch(POOL);
    const all: unknown = JSON.parse((await get(lab.network.name, `${SERVER}/all`)).body);
    expect(all).toMatchObject({ machines: [], discovered: [{ mac: MACHINE.mac, address }] });

    // Asking again it is a machine of ours, but nobody has put its release there yet: the screen says what is missing.
    await policy('discover', ADDED);
    await machine.shows(/missing in the artifacts folder: harvester\/v1\.7\.0\/\S+/);
    await sower.tells({ mac: MACHINE.mac, why: 'missing-artifact' });
    const sources = join(REPOSITORY, 'test/e2e/guest');
    const beside = join(lab.folder, 'beside');
    const { rootfs } = await layOutRelease('v1.7.0', sources, join(REPOSITORY, '.cache/guest'), beside);
    await cp(beside, join(lab.folder, 'artifacts.new'), { recursive: true });
    await rename(join(lab.folder, 'artifacts.new'), join(lab.folder, 'artifacts'));

    const report = await machine.report();
    expect(report).toMatchObject({ mac: MACHINE.mac, firmware: 'bios', problem: '', rootfs });
    expect(report.address).toBe(`${String(address)}/24`);
    expect(report.config.toString()).toBe(CONFIG);
    expect(await machine.off()).toBe(0);
  });
});
