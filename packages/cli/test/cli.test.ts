import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { adoptDatagrams, deviceSocket } from '@sower/net';
import { download } from '@sower/tftp';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';

/** The command as it is installed: it runs what the last build made. */
const SOWER = fileURLToPath(new URL('../bin/sower.js', import.meta.url));
const SECRET = 'sEcReT-token-4713';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sower-cli-'));
});
afterAll(() => rm(folder, { recursive: true }));

interface Result {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

const launch = (...words: readonly string[]) => runNode([SOWER, ...words]);

function runNode(words: readonly string[]) {
  return watched(spawn(process.execPath, words, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] }));
}

function watched(child: ChildProcessByStdio<null, Readable, Readable>) {
  const output = { out: '', err: '' };
  child.stdout.on('data', (chunk: Buffer) => (output.out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output.err += chunk.toString()));
  const ended = new Promise<Result>((resolve) => child.on('close', (code) => resolve({ code, ...output })));
  return { child, output, ended };
}

const sower = (...words: readonly string[]) => launch(...words).ended;

function data(settings: string, mac = '52:54:00:aa:bb:01', iso = 'http://192.0.2.7/a.iso'): string {
  return `appliance: { ${settings} }
maclist:
  - macaddress: ${mac}
    name: node1
    cluster: lab
    values:
      ipaddress: 192.0.2.31
      version: v1.7.0
      type: create
      config:
        token: ${SECRET}
        os: { password: ${SECRET} }
        install:
          mode: create
          device: /dev/vda
          management_interface: { interfaces: [{ name: ens3 }], method: dhcp }
          iso_url: ${iso}
          vip_mode: static
          vip: 192.0.2.40
config: [{ cluster: lab }]
`;
}

async function file(name: string, content: string): Promise<string> {
  await writeFile(join(folder, name), content);
  return name;
}

describe('sower quirks', () => {
  test('lists what is known, and what the data file adds', async () => {
    const own = await file('quirks.yaml', data('quirks: [{ match: { oui: 00:11:22 }, behaviour: no-answer }]'));
    const known = await sower('quirks');
    expect(known).toMatchObject({ code: 0, err: '' });
    expect(known.out).toMatch(/^raspberry-pi +vendorClass PXEClient, .* raspberrypi/m);
    expect(known.out).toMatch(/^no-answer +no DHCP answer at all$/m);
    const listed = await sower('quirks', '--data', own, '--json');
    const rules = JSON.parse(listed.out) as readonly unknown[];
    expect(rules.at(-1)).toEqual({ match: { oui: ['00:11:22'] }, behaviour: 'no-answer', source: 'data file' });
    expect(rules.length).toBeGreaterThan(1);
  });

  test('of a data file with errors says what is wrong', async () => {
    const own = await file('bad-quirks.yaml', data('quirks: [{ match: { oui: 00:11:22 }, behaviour: no-anser }]'));
    const { code, err } = await sower('quirks', own);
    expect(code).toBe(2);
    expect(err).toContain('no-answer');
  });
});

describe('the command line', () => {
  test('without a command it says how, and exits 2; with --help it exits 0', async () => {
    expect(await sower()).toMatchObject({ code: 2, out: expect.stringContaining('sower serve --data FILE') as string });
    expect(await sower('--help')).toMatchObject({
      code: 0,
      out: expect.stringContaining('sower check FILE') as string,
    });
  });

  test('--version is the package’s, and each command explains itself', async () => {
    const { version } = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8')) as {
      version: string;
    };
    expect(await sower('--version')).toMatchObject({ code: 0, out: `sower ${version}\n` });
    expect(await sower('check', '--help')).toMatchObject({
      code: 0,
      out: expect.stringContaining('sower check FILE') as string,
    });
  });

  test.each([
    [['sow'], /there is no command "sow"/],
    [['serve'], /which data file/],
    [['check', 'a', 'b'], /one data file/],
    [['check', '--jsom', 'a'], /--jsom/],
    [['serve', '--data', 'x', '--log-level', 'loud'], /--log-level is one of/],
    [['leases'], /which state folder/],
    [['leases', 'exprot', '--state', 'x'], /exprot is neither export nor import/],
    [['leases', 'import', '--state', 'x'], /import which file/],
    [['leases', 'export', 'a.json', '--state', 'x'], /export takes no file/],
    [['leases', 'import', 'nowhere.json', '--state', 'x'], /nowhere\.json cannot be read: ENOENT/],
  ])('%j exits 2', async (words, message) => {
    const { code, err } = await sower(...words);
    expect(code).toBe(2);
    expect(err).toMatch(message);
  });
});

describe('sower libvirt', () => {
  const settings = (url: string) =>
    data(`${url} dhcp: { interfaces: [boot0], subnets: [{ cidr: 192.0.2.0/24 }, { cidr: 198.51.100.0/25 }] }`);
  const told = 'http: { url: "http://192.0.2.7:10000" },';

  test.each([
    [[], '192.0.2.7', '255.255.255.0'],
    [['--address', '198.51.100.9'], '198.51.100.9', '255.255.255.128'],
  ])('network %j: this host is %s', async (words, address, netmask) => {
    const path = await file('libvirt.yaml', settings(told));
    const { code, out } = await sower('libvirt', 'network', '--data', path, ...words);
    expect(code).toBe(0);
    expect(out).toContain(`<bridge name='boot0' `);
    expect(out).toContain(`<ip address='${address}' netmask='${netmask}'/>`);
  });

  test('domain: a command that a shell takes apart again', async () => {
    const path = await file('libvirt.yaml', settings(told));
    const { code, out } = await sower('libvirt', 'domain', 'node1', '--data', path, '--disk', "path=/srv/it's $HOME");
    expect(code).toBe(0);
    const commands = out.split('\n').filter((line) => line.startsWith('virt-install '));
    expect(commands).toHaveLength(4);
    for (const command of commands) {
      expect(command).toContain(
        "--disk 'path=/srv/it'\\''s $HOME' --network network=boot0,model=virtio,mac=52:54:00:aa:bb:01",
      );
    }
  });

  test.each([
    [[], told, /print what/],
    [['network', 'node1'], told, /print what/],
    [['network'], '', /which address has this host/],
    [['network', '--address', '203.0.113.1'], told, /which address has this host/],
    [['domain'], told, /which machine\? There are node1/],
    [['domain', 'node1', '--memory', 'much'], told, /--memory is a number/],
  ])('%j exits 2', async (words, url, message) => {
    const path = await file('libvirt.yaml', settings(url));
    const { code, out, err } = await sower('libvirt', ...words, '--data', path);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(message);
  });

  test('network without DHCP exits 2', async () => {
    const { code, err } = await sower('libvirt', 'network', '--data', await file('off.yaml', data('')));
    expect(code).toBe(2);
    expect(err).toMatch(/appliance.dhcp.interfaces names no bridge/);
  });
});

describe('sower check', () => {
  test('a valid file: exit 0', async () => {
    const { code, out } = await sower('check', await file('good.yaml', data('')));
    expect(code).toBe(0);
    expect(out).toContain('good.yaml: 1 machine(s), no error');
  });

  test('an error in what a machine would be installed with: exit 1, with its rule and its machine', async () => {
    const text = data('').replace('device: /dev/vda', 'devcie: /dev/vda');
    const { code, out } = await sower('check', await file('unfit.yaml', text));
    expect(code).toBe(1);
    expect(out).toMatch(
      /^unfit\.yaml:15:11: error: unknown key `devcie`.* \[unknown-key\] node1\n {4}did you mean `device`/m,
    );
    expect(out).toMatch(/^unfit\.yaml: 1 machine\(s\), not installed as they are: node1$/m);
    const { findings } = JSON.parse((await sower('check', 'unfit.yaml', '--json')).out) as { findings: unknown[] };
    expect(findings).toMatchObject([
      { rule: 'artifact-missing', severity: 'warning', machines: ['node1'] },
      { rule: 'device-missing', severity: 'error', path: 'install.device' },
      { rule: 'unknown-key', severity: 'error', line: 15, column: 11, path: 'install.devcie', machines: ['node1'] },
    ]);
    expect(out).not.toContain(SECRET);
  });

  test('a warning is told, and is no failure', async () => {
    const text = data('').replace('device: /dev/vda', 'device: /dev/vda\n          wipe_disks: true');
    const { code, out } = await sower('check', await file('old-key.yaml', text));
    expect(code).toBe(0);
    expect(out).toMatch(
      /^old-key\.yaml:16:11: warning: `install\.wipe_disks` is not read after 1\.4\.3, .*\n {4}write `wipe_all_disks`/m,
    );
    expect(out).toContain('missing in the artifacts folder: harvester/v1.7.0/harvester-v1.7.0-vmlinuz-amd64');
  });

  test('--online asks for the ISO by HEAD, and tells its size', async () => {
    const asked: (string | undefined)[] = [];
    const server = createHttpServer((request, response) => {
      asked.push(request.method);
      response.writeHead(request.url === '/a.iso' ? 200 : 404, { 'Content-Length': 4096 }).end();
    }).listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const address = server.address();
    const base = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
    const good = await sower('check', '--online', await file('there.yaml', data('', undefined, `${base}/a.iso`)));
    expect([good.code, good.out]).toEqual([0, expect.stringContaining(`${base}/a.iso: 4096 bytes`)]);
    const bad = await sower('check', '--online', await file('gone.yaml', data('', undefined, `${base}/b.iso`)));
    expect(bad.code).toBe(1);
    expect(bad.out).toMatch(
      /^gone\.yaml:17:20: error: http:\S+\/b\.iso is answered with status 404 \[url-unreachable\] node1/m,
    );
    const none = await sower('check', '--online', await file('no-url.yaml', data('', undefined, 'http://')));
    expect(none.code).toBe(1);
    expect(none.out).toMatch(
      /^no-url\.yaml:17:20: error: this is no URL that anybody could fetch \[url-unreachable\] node1/m,
    );
    expect(asked).toEqual(['HEAD', 'HEAD']);
  });

  test('errors: exit 2, all of them, each with file, line, column and a hint', async () => {
    const { code, out } = await sower('check', await file('bad.yaml', data('unknwon: local', '52:54:00:aa:bb')));
    expect(code).toBe(2);
    expect(out).toMatch(/^bad\.yaml:1:14: error: .*unknwon.*\n {4}.*unknown/m);
    expect(out).toMatch(/^bad\.yaml:3:17: error: /m);
    expect(out).not.toContain(SECRET);
  });

  test('--json is one JSON document', async () => {
    const { code, out } = await sower('check', '--json', await file('worse.yaml', 'maclist: [\n'));
    expect(code).toBe(2);
    const report = JSON.parse(out) as { valid: boolean; problems: { line: number; severity: string }[] };
    expect(report.valid).toBe(false);
    expect(report.problems).toMatchObject([{ severity: 'error' }]);
  });

  test('a file that is not there is an error like any other', async () => {
    const { code, out } = await sower('check', 'nowhere.yaml');
    expect(code).toBe(2);
    expect(out).toMatch(/^nowhere\.yaml:1:1: error: the data file is not there/);
  });
});

describe('sower leases', () => {
  test('finds the state folder by the data file, as serve does', async () => {
    const name = await file('leases.yaml', data('state: ./leases-state'));
    expect(await sower('leases', '--data', name)).toEqual({ code: 0, out: 'no leases\n', err: '' });
    expect(await sower('leases', '--json', '--data', name)).toMatchObject({ code: 0 });
  });

  test('a data file with errors: exit 2', async () => {
    const { code, err } = await sower('leases', '--data', await file('leases-bad.yaml', 'maclist: [\n'));
    expect(code).toBe(2);
    expect(err).toMatch(/^leases-bad\.yaml:\d+:\d+: error/);
  });

  test('an import that is refused: exit 1, with the reasons', async () => {
    const name = await file('empty.json', '{}');
    const { code, err } = await sower('leases', 'import', name, '--state', 'refused-state');
    expect(code).toBe(1);
    expect(err).toBe('sower leases: not a file of format "sower-leases"\nsower leases: nothing was imported\n');
  });
});

describe('sower machines', () => {
  test('lists names, MACs and script URLs; --json masks secrets', async () => {
    const name = await file('list.yaml', data('http: { url: http://boot.example:8080 }'));
    const { code, out } = await sower('machines', '--data', name);
    expect(code).toBe(0);
    expect(out).toMatch(
      /^node1 +52:54:00:aa:bb:01 +create +1\.7\.0 +192\.0\.2\.31 +http:\/\/boot\.example:8080\/ipxe\/52:54:00:aa:bb:01$/m,
    );
    const json = await sower('machines', '--data', name, '--json');
    expect(JSON.parse(json.out)).toMatchObject([{ name: 'node1', config: { token: '***' } }]);
    expect(json.out).not.toContain(SECRET);
  });
});

describe('sower serve', () => {
  const listeners = (port: number) =>
    `http: { address: 127.0.0.1, port: ${port} }, admin: { address: 127.0.0.1, port: 0 }, tftp: { port: 0 }`;

  /** Starts it and waits until it says that it is ready. */
  async function ready(name: string, content: string, ...options: readonly string[]) {
    const running = launch('serve', '--data', await file(name, content), '--state', `state-${name}`, ...options);
    onTestFinished(() => void running.child.kill('SIGKILL'));
    await expect.poll(() => running.output.out, { timeout: 15_000 }).toContain('"why":"ready"');
    return { ...running, http: /HTTP +(\S+)/.exec(running.output.err)?.[1] ?? '' };
  }

  test('a wrong data file: exit 2, and nothing is started', async () => {
    const { code, err } = await sower('serve', '--data', await file('wrong.yaml', data('', 'zz')));
    expect(code).toBe(2);
    expect(err).toMatch(/^wrong\.yaml:3:17: error: /m);
    expect(err).toMatch(/nothing was started/);
  });

  test('a port in use: one line, exit 1', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void other.close());
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const { code, err, out } = await sower('serve', '--data', await file('taken.yaml', data(listeners(port))));
    expect(code).toBe(1);
    expect(err).toMatch(/^sower: Cannot listen on 127\.0\.0\.1:\d+\/tcp: another program has it\. .*\n$/);
    expect(out).toBe('');
  });

  test('N-07 without koffi: one clear line and exit 1 where DHCP is on; nobody misses it where DHCP is off', async () => {
    const hooks = `export const resolve = (name, context, next) => {
      if (name === 'koffi') throw new Error('no koffi for this platform');
      return next(name, context);
    };`;
    const url = (code: string) => `data:text/javascript,${encodeURIComponent(code)}`;
    const blocked = url(`import { register } from 'node:module'; register(${JSON.stringify(url(hooks))});`);
    const dhcp = `${listeners(0)}, dhcp: { interfaces: [lo], subnets: [{ cidr: 127.0.0.0/8 }] }`;
    const { code, err, out } = await runNode([
      '--import',
      blocked,
      SOWER,
      'serve',
      '--data',
      await file('dhcp.yaml', data(dhcp)),
    ]).ended;
    expect(err).toMatch(
      /^sower: no socket can be pinned to a device: koffi does not load here: no koffi for this platform\. Leave out appliance\.dhcp, .*\n$/,
    );
    expect(code).toBe(1);
    expect(out).toBe('');
    const off = runNode(['--import', blocked, SOWER, 'serve', '--data', await file('off.yaml', data(listeners(0)))]);
    onTestFinished(() => void off.child.kill('SIGKILL'));
    await expect.poll(() => off.output.out, { timeout: 15_000 }).toContain('"why":"ready"');
  }, 30_000);

  test('the ISO that was built in the working folder is served, and the one of --iso instead', async () => {
    await mkdir(join(folder, 'dist'), { recursive: true });
    await file('dist/ipxe.iso', 'built here');
    await file('other.iso', 'named');
    const served = async (name: string, ...options: readonly string[]) => {
      const { http } = await ready(name, data(listeners(0)), ...options);
      return (await fetch(`${http}/artifacts/ipxe.iso`)).text();
    };
    expect(await served('built.yaml')).toBe('built here');
    expect(await served('named.yaml', '--iso', 'other.iso')).toBe('named');
  }, 30_000);

  test('an --iso that does not exist is one line, and the rest goes on', async () => {
    const { http, output } = await ready('noiso.yaml', data(listeners(0)), '--iso', 'nowhere.iso');
    const lines = output.err.split('\n').filter((line) => line.includes('nowhere.iso'));
    expect(lines).toEqual([
      expect.stringMatching(/^ {2}warning: the ISO cannot be served .*no such file.*\/nowhere\.iso/),
    ]);
    expect((await fetch(`${http}/artifacts/ipxe.iso`)).status).toBe(404);
    expect((await fetch(`${http}/healthz`)).status).toBe(200);
  }, 30_000);

  test('SIGTERM lets a download finish, then it exits 0', async () => {
    const size = 32 << 20;
    await mkdir(join(folder, 'artifacts'), { recursive: true });
    await writeFile(join(folder, 'artifacts/big'), Buffer.alloc(size));
    const { child, ended, http } = await ready('drain.yaml', data(listeners(0)));
    const response = await fetch(`${http}/artifacts/big`);
    child.kill('SIGTERM');
    expect((await response.arrayBuffer()).byteLength).toBe(size);
    const { code, out } = await ended;
    expect(code).toBe(0);
    expect(out).toMatch(/"why":"SIGTERM"[\s\S]*"why":"stopped"/);
  }, 30_000);

  test('a second request to stop ends it at once, whichever signal it is', async () => {
    await mkdir(join(folder, 'artifacts'), { recursive: true });
    await writeFile(join(folder, 'artifacts/big'), Buffer.alloc(32 << 20));
    const { child, ended, http, output } = await ready('twice.yaml', data(listeners(0)));
    const response = await fetch(`${http}/artifacts/big`);
    child.kill('SIGTERM');
    await expect.poll(() => output.out, { timeout: 5000 }).toContain('"why":"SIGTERM"');
    child.kill('SIGINT');
    await ended;
    expect(child.signalCode).toBe('SIGINT');
    await expect(response.arrayBuffer()).rejects.toThrow('terminated');
  }, 30_000);

  test('no secret reaches standard output or standard error', async () => {
    const { child, ended, http } = await ready('quiet.yaml', data(listeners(0)));
    const config = await fetch(`${http}/config/52:54:00:aa:bb:01/config-create.yaml`);
    expect(await config.text()).toContain(SECRET);
    child.kill('SIGTERM');
    const { out, err } = await ended;
    expect(out).toContain('"why":"config"');
    expect(out + err).not.toContain(SECRET);
  }, 30_000);
});

describe('N-06 sockets that were handed over', () => {
  /** As systemd starts a service: the descriptors from 3 on, and the environment that says what they are and whose. */
  function handOver(words: readonly string[], fds: readonly number[], names: string) {
    const ownPid = ['-c', 'LISTEN_PID=$$ exec "$0" "$@"', process.execPath, SOWER, ...words];
    const env = { ...process.env, LISTEN_FDS: String(fds.length), LISTEN_FDNAMES: names };
    const child = spawn('sh', ownPid, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe', ...fds] });
    onTestFinished(() => void child.kill('SIGKILL'));
    return watched(child as ChildProcessByStdio<null, Readable, Readable>);
  }

  const settings =
    'http: { address: 127.0.0.1, port: 0 }, admin: { address: 127.0.0.1, port: 0 }, tftp: { allow: [127.0.0.0/8] }';

  test('TFTP serves on one, and on nothing else', async () => {
    const content = Buffer.from('a loader');
    await mkdir(join(folder, 'artifacts/loaders/x64'), { recursive: true });
    await writeFile(join(folder, 'artifacts/loaders/x64/snponly.efi'), content);
    const name = await file('inherited.yaml', data(settings));
    const ours = await deviceSocket('lo', 0, false);
    const socket = await adoptDatagrams(ours, {});
    const { child, output, ended } = handOver(['serve', '--data', name, '--state', 'state-inherited'], [ours], 'tftp');
    await socket.close(); // the child has its own descriptor of it
    await expect.poll(() => output.out, { timeout: 15_000 }).toContain('"why":"ready"');
    expect(output.err).toMatch(new RegExp(`TFTP +0\\.0\\.0\\.0:${socket.port}, inherited\n`));
    const server = { address: '127.0.0.1', port: socket.port };
    expect(await download({ server, file: 'loaders/x64/snponly.efi' })).toMatchObject({ ok: true, bytes: content });
    child.kill('SIGTERM');
    expect((await ended).code).toBe(0);
  }, 30_000);

  test('one with a name that says nothing: one line, exit 1', async () => {
    const name = await file('unnamed.yaml', data(settings));
    const { ended } = handOver(['serve', '--data', name, '--state', 'state-unnamed'], [1], 'sower.socket');
    const { code, err, out } = await ended;
    expect(err).toBe(
      'sower: An inherited socket is named "sower.socket": its socket unit needs FileDescriptorName=tftp, pxe, or dhcp-<interface>.\n',
    );
    expect([code, out]).toEqual([1, '']);
  });
});
