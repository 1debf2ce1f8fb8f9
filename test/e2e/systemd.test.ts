import { cp, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { NOTE, REPOSITORY, SKIP } from './lab/available.ts';
import { run } from './lab/command.ts';
import { startUdhcpc } from './lab/dhcp-clients.ts';
import { openLab, type Lab } from './lab/lab.ts';
import type { Program } from './lab/program.ts';
import { sowerCommand } from './lab/sower.ts';

const MAC = '52:54:00:5e:06:01';

describe.skipIf(SKIP)(`N-06 the units of sower install systemd${NOTE}`, () => {
  let lab: Lab;
  let units: string;
  let manager: Program;
  let notices: Program;

  beforeAll(async () => {
    lab = await openLab(REPOSITORY, 'systemd', '192.168.50.1/24');
    const dataFile = join(lab.folder, 'data.yaml');
    await cp(join(REPOSITORY, 'test/e2e/data/systemd.yaml'), dataFile);
    await mkdir(join(lab.folder, 'artifacts/loaders/bios'), { recursive: true });
    await cp('/usr/lib/ipxe/undionly.kpxe', join(lab.folder, 'artifacts/loaders/bios/undionly.kpxe'));
    await run(
      process.execPath,
      sowerCommand(REPOSITORY),
      'install',
      'systemd',
      '--data',
      dataFile,
      '--root',
      lab.folder,
    );
    units = join(lab.folder, 'etc/systemd/system');
    const socket = join(lab.folder, 'notify');
    notices = await lab.start('notices', 'socat', ['-u', `UNIX-RECV:${socket}`, '-']);
    const words = [join(REPOSITORY, 'test/e2e/lab/service-manager.mjs'), units, socket, '400000'];
    manager = await lab.start('service-manager', process.execPath, words);
    await notices.says(/READY=1/, 20_000);
  });
  afterAll(() => lab?.close());
  afterEach(async (context) => {
    if (context.task.result?.state === 'fail') console.error(await lab.diagnosis());
  });

  test('systemd-analyze is content with them, and rates the service as well confined', async () => {
    const { stderr, score } = await security(units);
    expect(stderr).toBe('');
    expect(score).toBeLessThan(2);
  });

  test('without any capability: an address by DHCP, a loader by TFTP', async () => {
    const pid = /service (\d+)/.exec(await manager.output())?.[1];
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    expect(/^CapEff:\s+0+$/m.test(status)).toBe(true);
    const host = await lab.network.addHost('first', MAC);
    const client = await startUdhcpc(REPOSITORY, lab, host);
    const { ip } = await client.lease('bound');
    expect(ip).toBe('192.168.50.31');
    const loader = join(lab.folder, 'fetched');
    await run(
      'ip',
      'netns',
      'exec',
      host,
      'curl',
      '-sf',
      '-o',
      loader,
      'tftp://192.168.50.1/loaders/bios/undionly.kpxe',
    );
    expect(await readFile(loader)).toEqual(await readFile('/usr/lib/ipxe/undionly.kpxe'));
  });

  test('it gives signs of life, and says that it stops', async () => {
    await notices.says(/(?:WATCHDOG=1[\s\S]*){3}/, 10_000);
    manager.signal('SIGTERM');
    await manager.says(/service ended 0/, 15_000);
    await notices.says(/STOPPING=1/, 1000);
  });
});

/** What systemd-analyze thinks of the units in a folder: its complaints, and the exposure of the service (0 is best, 10 worst). */
async function security(folder: string): Promise<{ readonly stderr: string; readonly score: number }> {
  const verify = 'systemd-analyze verify "$0"/*.service "$0"/*.socket 2>&1 >/dev/null || true';
  const stderr = (await run('sh', '-c', verify, folder)).trim();
  const text = await run('systemd-analyze', 'security', '--offline=true', '--no-pager', join(folder, 'sower.service'));
  return { stderr, score: Number(/exposure level for sower\.service: ([\d.]+)/.exec(text)?.[1]) };
}
