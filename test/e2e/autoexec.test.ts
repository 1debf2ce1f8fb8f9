import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { layOutRelease } from './guest/release.ts';
import { NOTE, REPOSITORY, SKIP } from './lab/available.ts';
import { FIRMWARE } from './lab/firmware.ts';
import { openLab, type Lab } from './lab/lab.ts';
import { newerLoader } from './lab/media.ts';
import { startSower, type Sower } from './lab/sower.ts';

const MAC = '52:54:00:5e:00:06';

describe.skipIf(SKIP)(`EFI iPXE of today gets its script from the machine's own autoexec.ipxe${NOTE}`, () => {
  let lab: Lab;
  let sower: Sower;

  beforeAll(async () => {
    lab = await openLab(REPOSITORY, 'autoexec', '192.168.50.1/24');
    const cache = join(REPOSITORY, '.cache', 'guest');
    const artifacts = join(lab.folder, 'artifacts');
    await layOutRelease('v1.7.0', join(REPOSITORY, 'test', 'e2e', 'guest'), cache, artifacts);
    const loader = join(artifacts, 'loaders/x64/snponly.efi');
    await mkdir(dirname(loader), { recursive: true });
    await copyFile(await newerLoader(REPOSITORY, join(lab.folder, 'scratch.iso')), loader);
    sower = await startSower(REPOSITORY, lab, await readFile(join(REPOSITORY, 'test/e2e/data/boot.yaml'), 'utf8'));
  }, 180_000);

  afterAll(() => lab?.close());
  afterEach(async (context) => {
    if (context.task.result?.state === 'fail') console.error(await lab.diagnosis());
  });

  test('B-26 C-27 UEFI PXE → snponly.efi → autoexec.ipxe → script → kernel, with the one DHCP of the firmware', async () => {
    const machine = await lab.powerOn(FIRMWARE.uefiPxe, { mac: MAC, uuid: '00000000-0000-4000-8000-52540005e006' });
    expect(await machine.report()).toMatchObject({
      firmware: 'efi',
      mac: MAC,
      address: '192.168.50.36/24',
      problem: '',
    });
    expect(await machine.off()).toBe(0);
    const files = (await sower.events({ mac: MAC, step: 'tftp', why: 'complete' })).map(({ file }) => file);
    expect(files[0]).toBe('loaders/x64/snponly.efi');
    expect(new Set(files.slice(1))).toEqual(new Set(['autoexec.ipxe']));
    expect(await sower.events({ mac: MAC, step: 'http', why: 'install' })).toHaveLength(1);
    // What iPXE would have asked for by DHCP is in the data file; only the guest asks again.
    const asked = await sower.events({ mac: MAC, step: 'dhcp', why: 'bound' });
    expect(asked.map((event) => event['file']).filter((file) => file !== undefined)).toEqual([
      'loaders/x64/snponly.efi',
    ]);
    expect(await sower.events({ mac: MAC, level: 'error' })).toEqual([]);
  });
});
