import { chmod, chown, cp, mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { layOutRelease } from './guest/release.ts';
import { NOTE, REPOSITORY, SKIP } from './lab/available.ts';
import { run } from './lab/command.ts';
import { writeConfigMap } from './lab/config-map.ts';
import { tail } from './lab/console.ts';
import { programOfDebian } from './lab/debian.ts';
import { startUdhcpc } from './lab/dhcp-clients.ts';
import { startDocker, startDockerIn, type Docker } from './lab/docker.ts';
import { FIRMWARE } from './lab/firmware.ts';
import { get } from './lab/http.ts';
import { only, podOf, render } from './lab/kubernetes.ts';
import { openLab, type Lab } from './lab/lab.ts';
import { dockerArguments } from './lab/pod.ts';
import { waitFor } from './lab/waiting.ts';

const IMAGE = 'sower:0.1.0';
const MAC = '52:54:00:aa:bb:01';
/** The user of the image, and the bits of CAP_NET_BIND_SERVICE alone. */
const [USER, NET_BIND_SERVICE, NOTHING] = [10_067, 0x400n, 0n];

describe.skipIf(SKIP)(`the container image${NOTE}`, () => {
  const folder = join(REPOSITORY, '.cache', 'lab', 'docker');
  const archive = join(REPOSITORY, '.cache', 'lab', 'sower-image.tar');
  let lab: Lab;
  let docker: Docker;
  let rootfs: string;
  const place = (...names: readonly string[]): string => join(lab.folder, ...names);

  beforeAll(async () => {
    const workshop = await startDocker(REPOSITORY, folder);
    const variables = Object.entries(workshop.environment).map(([name, value]) => `${name}=${value}`);
    try {
      await run('env', ...variables, process.execPath, join(REPOSITORY, 'scripts', 'image.mjs'), IMAGE);
      await workshop.ask('save', '--output', archive, IMAGE);
    } finally {
      await workshop.close();
    }
    lab = await openLab(REPOSITORY, 'container', '192.168.178.7/24');
    await cp(join(REPOSITORY, 'docker'), place('docker'), { recursive: true });
    await edit((text) => text.replace('[eth1]', '[br0]'));
    const cache = join(REPOSITORY, '.cache', 'guest');
    const artifacts = place('docker', 'site', 'artifacts');
    ({ rootfs } = await layOutRelease('v1.7.0', join(REPOSITORY, 'test', 'e2e', 'guest'), cache, artifacts));
    docker = await startDockerIn(lab.network.name, folder, archive);
    const size = Number(await docker.ask('image', 'inspect', '--format', '{{.Size}}', IMAGE));
    console.log(`${IMAGE}: ${Math.round(size / 1e6)} MB`);
  }, 300_000);
  afterAll(async () => {
    await docker?.close();
    await lab?.close();
  });
  afterEach(async (context) => {
    if (context.task.result?.state === 'fail') console.error(await lab.diagnosis());
  });

  /** Replaces the data file of the compose site, as editors do. */
  async function edit(change: (text: string) => string): Promise<void> {
    const file = place('docker', 'site', 'data.yaml');
    await writeFile(`${file}.new`, change(await readFile(file, 'utf8')));
    await rename(`${file}.new`, file);
  }

  const inspect = async (container: string, format: string): Promise<string> =>
    (await docker.ask('inspect', '--format', format, container)).trim();

  const tells = (container: string, text: RegExp): Promise<string> =>
    waitFor(`${container} tells ${text}`, 20_000, async () => {
      const isRunning = (await inspect(container, '{{.State.Running}}')) === 'true';
      const log = await docker.logs(container);
      const found = text.exec(log)?.[0];
      if (found === undefined && !isRunning) throw new Error(`${container} has ended:\n${tail(log, 20)}`);
      return found;
    });

  /** Who its one process is, and what it may do and uses. */
  async function processOf(container: string): Promise<{ user: number; capabilities: bigint; megabytes: number }> {
    const status = await readFile(`/proc/${await inspect(container, '{{.State.Pid}}')}/status`, 'utf8');
    const field = (name: string): string => new RegExp(`^${name}:\\s+(\\w+)`, 'm').exec(status)?.[1] ?? '';
    const megabytes = Math.round((Number(field('VmRSS')) * 1024) / 1e6);
    return { user: Number(field('Uid')), capabilities: BigInt(`0x${field('CapEff')}`), megabytes };
  }

  describe('docker/compose.yaml', () => {
    const NAME = 'sower-sower-1';
    const compose = async (...words: readonly string[]): Promise<string> => {
      const program = await programOfDebian(REPOSITORY, 'docker-compose');
      const host = `DOCKER_HOST=${docker.environment['DOCKER_HOST']}`;
      return run('env', host, program, '--file', place('docker', 'compose.yaml'), ...words);
    };

    /** Runs another program of the image to its end, as the page of the documentation does. */
    const once = (program: string, volume: string, ...words: readonly string[]): Promise<string> => {
      const options = ['--rm', '--network=none', `--entrypoint=${program}`, `--volume=${volume}`];
      return docker.ask('run', ...options, IMAGE, ...words);
    };
    afterAll(() => compose('down', '--volumes'));

    test('what sower check passes becomes healthy, as a user of its own with one capability, on a file system that it cannot write to', async () => {
      const check = await once('sower', `${place('docker', 'site')}:/etc/sower:ro`, 'check', 'data.yaml');
      expect(check).toContain('data.yaml: 1 machine(s), no error\n');
      await compose('up', '--detach', '--wait');
      expect(await inspect(NAME, '{{.State.Health.Status}} {{.HostConfig.ReadonlyRootfs}}')).toBe('healthy true');
      const { user, capabilities, megabytes } = await processOf(NAME);
      expect({ user, capabilities }).toEqual({ user: USER, capabilities: NET_BIND_SERVICE });
      const began = Date.parse(await inspect(NAME, '{{.State.StartedAt}}'));
      const ready = Date.parse(
        /"time":"([^"]+)","step":"start","why":"ready"/.exec(await docker.logs(NAME))?.[1] ?? '',
      );
      console.log(`${IMAGE}: ready ${ready - began} ms after its start, ${megabytes} MB resident`);
    });

    test(`${FIRMWARE.uefiPxe.title}: from power-on to its config`, async () => {
      const uuid = '00000000-0000-4000-8000-525400aabb01';
      const machine = await lab.powerOn(FIRMWARE.uefiPxe, { mac: MAC, uuid });
      const report = await machine.report();
      expect(report).toMatchObject({ firmware: 'efi', mac: MAC, problem: '', rootfs, address: '192.168.178.31/24' });
      const config = `harvester.install.config_url=http://192.168.178.7:10000/config/${MAC}/config-create.yaml`;
      expect(report.cmdline).toContain(config);
      expect(await machine.off()).toBe(0);
      await tells(NAME, /"why":"complete".*loaders\/x64\/snponly\.efi/);
    });

    test('a data file that an editor replaces is read again', async () => {
      await edit((text) => text.replace('maclist:', 'maclist: # edited'));
      await tells(NAME, /"why":"reloaded"/);
    });

    test('a stop is over before Docker kills, and the state outlives the container', async () => {
      await compose('stop');
      expect(await inspect(NAME, '{{.State.ExitCode}} {{.State.OOMKilled}}')).toBe('0 false');
      await compose('down');
      expect(await once('tar', 'sower_state:/var/lib/sower:ro', '-c', '-C', '/var/lib/sower', '.')).toContain(MAC);
      await compose('up', '--detach', '--wait');
      expect(await docker.ask('exec', NAME, 'cat', '/var/lib/sower/journal')).toContain(MAC);
      await compose('down', '--volumes');
      expect(await docker.ask('volume', 'ls', '--quiet')).toBe('');
    });
  });

  describe('deploy/kubernetes: the pod, started as a kubelet does', () => {
    /** The folders of the volumes; what is written to belongs to root and, by fsGroup, to the group of the pod. */
    async function volumesOf(overlay: string): Promise<Readonly<Record<'data' | 'state' | 'artifacts', string>>> {
      const volumes = {
        data: place(overlay, 'data'),
        state: place(overlay, 'state'),
        artifacts: place('docker', 'site', 'artifacts'),
      };
      for (const path of [volumes.data, volumes.state]) await mkdir(path, { recursive: true });
      await chown(volumes.state, 0, USER);
      await chmod(volumes.state, 0o2775);
      return volumes;
    }

    test('http-only: without any capability; a new ConfigMap is in force without a restart', async () => {
      const manifests = await render(REPOSITORY, 'overlays/http-only');
      const volumes = await volumesOf('http-only');
      const { 'data.yaml': text = '' } = only(manifests, 'ConfigMap').data ?? {};
      await writeConfigMap(volumes.data, 1, { 'data.yaml': text });
      const pod = { ...podOf(manifests), hostNetwork: true };
      await docker.ask('run', '--detach', '--name', 'http-only', ...dockerArguments(pod, volumes));
      await tells('http-only', /"why":"ready"/);
      expect(await processOf('http-only')).toMatchObject({ user: USER, capabilities: NOTHING });
      expect(await get(lab.network.name, 'http://192.168.178.7:10000/healthz')).toMatchObject({ status: 200 });
      const { body } = await get(lab.network.name, `http://192.168.178.7:10000/ipxe/${MAC}`);
      expect(body).toContain(`harvester.install.config_url=http://localhost/config/${MAC}/config-create.yaml`);
      expect(body).toContain('http://192.168.178.7/artifacts/harvester/v1.7.0/harvester-v1.7.0-vmlinuz-amd64');

      const pid = await inspect('http-only', '{{.State.Pid}}');
      await writeConfigMap(volumes.data, 2, { 'data.yaml': text.replace(MAC, '52:54:00:aa:bb:77') });
      await tells('http-only', /"why":"reloaded"/);
      expect((await get(lab.network.name, 'http://192.168.178.7:10000/all')).body).toContain('52:54:00:aa:bb:77');
      expect(await inspect('http-only', '{{.State.Pid}}')).toBe(pid);
      expect((await stat(join(volumes.state, 'admin-token'))).uid).toBe(USER);
      await docker.ask('stop', 'http-only');
      expect(await inspect('http-only', '{{.State.ExitCode}}')).toBe('0');
    });

    test('full: an address by DHCP, with one capability', async () => {
      const manifests = await render(REPOSITORY, 'overlays/full');
      const volumes = await volumesOf('full');
      const { 'data.yaml': text = '' } = only(manifests, 'ConfigMap').data ?? {};
      await writeConfigMap(volumes.data, 1, { 'data.yaml': text.replace('[eth1]', '[br0]') });
      await docker.ask('run', '--detach', '--name', 'full', ...dockerArguments(podOf(manifests), volumes));
      await tells('full', /"why":"ready"/);
      expect(await processOf('full')).toMatchObject({ user: USER, capabilities: NET_BIND_SERVICE });
      const host = await lab.network.addHost('first', MAC);
      const client = await startUdhcpc(REPOSITORY, lab, host);
      expect((await client.lease('bound'))['ip']).toBe('192.168.178.31');
    });
  });
});
