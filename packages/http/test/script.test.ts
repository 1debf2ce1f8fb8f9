import { missingArtifact } from '@sower/http';
import { parseInventory } from '@sower/machines';
import { describe, expect, test } from 'vitest';
import { data, FIRST, FIRST_OTHER_NIC, RELEASE, SECOND, STRANGER, UNFIT } from './support/data.ts';
import { fixed, plane } from './support/plane.ts';
import { ask, dial, request } from './support/wire.ts';

const files = fixed(RELEASE);

describe('/ipxe/<mac>', () => {
  test('D-02 D-06 D-14 D-16 an install script: everything it names is on the address that was reached', async () => {
    const { port, told } = await plane({ data: data(), files });
    const answer = await ask(port, `GET /ipxe/${FIRST}`);
    const base = `http://127.0.0.1:${port}`;
    const script = answer.body.toString();
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/plain']);
    expect(answer.headers.get('content-length')).toBe(`${answer.body.length}`);
    expect(script).toMatch(/^#!ipxe\nimgfree\n/);
    expect(script).toContain(`kernel ${base}/artifacts/harvester/v1.7.0/harvester-v1.7.0-vmlinuz-amd64 `);
    expect(script).toContain(`initrd ${base}/artifacts/harvester/v1.7.0/harvester-v1.7.0-initrd-amd64 `);
    expect(script).toContain(` root=live:${base}/artifacts/harvester/v1.7.0/harvester-v1.7.0-rootfs-amd64.squashfs `);
    expect(script).toContain(` ip=10.0.0.31::10.0.0.1:255.255.255.0::ens3:none nameserver=10.0.0.3 `);
    expect(script).toContain(` harvester.install.config_url=${base}/config/${FIRST}/config-create.yaml`);
    expect([...script.matchAll(/https?:\/\/[^/\s]+/g)].filter(([origin]) => origin !== base)).toEqual([]);
    expect(await told(1)).toEqual([
      {
        kind: 'script',
        mac: FIRST,
        name: 'node1',
        why: 'install',
        detail: undefined,
        address: '127.0.0.1',
        delivery: { bytes: answer.body.length, outcome: 'complete' },
      },
    ]);
  });

  test.each([
    FIRST,
    FIRST.toUpperCase(),
    '52-54-00-aa-bb-01',
    '525400aabb01',
    '5254.00aa.bb01',
    '01-52-54-00-aa-bb-01',
    '52%3A54%3A00%3Aaa%3Abb%3A01',
    '52%3a54%3a00%3aAA%3abb%3a01',
  ])('D-11 F-H 19 %s is the machine', async (mac) => {
    const { port, told } = await plane({ data: data(), files });
    expect((await ask(port, `GET /ipxe/${mac}`)).status).toBe(200);
    expect(await told(1)).toMatchObject([{ kind: 'script', mac: FIRST, why: 'install' }]);
  });

  test.each([
    '52:54:00:aa:bb',
    '52:54:00:aa:bb:01:02',
    'gg:54:00:aa:bb:01',
    '52:54-00:aa-bb:01',
    '52%253A54%253A00%253Aaa%253Abb%253A01',
    '%EF%BC%95%EF%BC%92:54:00:aa:bb:01',
    'a'.repeat(4000),
    '$%7Bnet0%2Fmac%7D',
    '$%7Bip%7D',
    'a%7C%7Cshell',
    '__proto__',
  ])('D-11 F-H 19 F-H 33 %s is 400 in plain text', async (mac) => {
    const { port } = await plane({ data: data(), files });
    const answer = await ask(port, `GET /ipxe/${mac}`);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([400, 'text/plain']);
    expect(answer.body.length).toBeLessThanOrEqual(128);
  });

  test.each([
    ['F-H 06 another Host', ['Host: evil.test']],
    [
      'F-H 37 X-Forwarded headers',
      ['X-Forwarded-For: 10.0.0.32', 'X-Forwarded-Host: evil.test', 'X-Forwarded-Proto: https'],
    ],
    ['D-09 iPXE', ['User-Agent: iPXE/1.21.1']],
  ])('%s changes nothing in the script', async (_title, headers) => {
    const { port } = await plane({ data: data(), files, leases: { '10.0.0.32': SECOND } });
    const plain = await ask(port, `GET /ipxe/${FIRST}`);
    const wire = await dial(port);
    const host = headers.find((line) => line.startsWith('Host'));
    const rest = headers.filter((line) => line !== host);
    wire.write(['GET /ipxe/52:54:00:aa:bb:01 HTTP/1.1', host ?? 'Host: a', ...rest, '', ''].join('\r\n'));
    expect((await wire.next()).body.toString()).toBe(plain.body.toString());
    wire.socket.destroy();
  });

  test.each([
    'uuid=4C4C4544-0000-0000&serial=To%20Be%20Filled%20By%20O.E.M.&asset=',
    'mac=52:54:00:aa:bb:02&mac=x&ip=1.2.3.4',
    'hostname=%0Achain%20http://evil&product=a||shell;b',
    `serial=${'a'.repeat(1024)}&__proto__[x]=1`,
    '',
  ])('D-12 F-H 18 F-H 20 F-H 33 the query %s is only a hint', async (query) => {
    const { port } = await plane({ data: data(), files });
    const plain = await ask(port, `GET /ipxe/${FIRST}`);
    expect((await ask(port, `GET /ipxe/${FIRST}?${query}`)).body.toString()).toBe(plain.body.toString());
  });

  test('D-16 each address that is reached is the one that is named', async () => {
    const { port } = await plane({ data: data(), files, address: '127.0.0.2' });
    const wire = await dial(port, { to: '127.0.0.2' });
    wire.write(request(`GET /ipxe/${FIRST}`));
    expect((await wire.next()).body.toString()).toContain(`http://127.0.0.2:${port}/config/`);
    wire.socket.destroy();
  });

  test('D-16 appliance.http.url, where it is set, is what machines are told', async () => {
    const { port } = await plane({ data: data('http: { url: "http://boot.lab:8080" }'), files });
    const script = (await ask(port, `GET /ipxe/${FIRST}`)).body.toString();
    expect([...script.matchAll(/https?:\/\/[^/\s]+/g)].filter(([origin]) => origin !== 'http://boot.lab:8080')).toEqual(
      [],
    );
  });

  test('the other names of a release are found too', async () => {
    const others = {
      'harvester/1.7.0/harvester-vmlinuz-amd64': 'kernel',
      'harvester/v1.7.0/harvester-initrd-amd64': 'initrd',
      'harvester/v1.7.0/harvester-v1.7.0-rootfs-amd64.squashfs': 'rootfs',
    };
    const source = fixed(others);
    const { port } = await plane({ data: data(), files: source });
    const script = (await ask(port, `GET /ipxe/${FIRST}`)).body.toString();
    for (const path of Object.keys(others)) expect(script).toContain(`http://127.0.0.1:${port}/artifacts/${path} `);
    expect(source.unclosed()).toBe(0);
  });

  test.each(Object.keys(RELEASE))(
    'a missing artifact gives a script that names it, waits and asks again: %s',
    async (path) => {
      const there = Object.entries(RELEASE).filter(([name]) => name !== path);
      const { port, told } = await plane({ data: data(), files: fixed(Object.fromEntries(there)) });
      const answer = await ask(port, `GET /ipxe/${FIRST}`);
      const script = answer.body.toString();
      expect(answer.status).toBe(200);
      expect(script).toContain(path);
      expect(script).toContain(`sleep 30\nchain --replace --autofree http://127.0.0.1:${port}/ipxe/${FIRST} `);
      expect(script).not.toMatch(/^kernel/m);
      expect(await told(1)).toMatchObject([
        { kind: 'script', why: 'missing-artifact', detail: path, mac: FIRST, name: 'node1' },
      ]);
    },
  );

  test('an error of the linter stops its machine alone: the script says it, waits and asks again', async () => {
    const { port, told } = await plane({ data: UNFIT, files });
    const answer = await ask(port, `GET /ipxe/${FIRST}`);
    const script = answer.body.toString();
    expect(answer.status).toBe(200);
    expect(script).toContain(
      'echo sower: not installed: line 7 of the data file: token is a number here, not a text\n',
    );
    expect(script).toContain(`sleep 30\nchain --replace --autofree http://127.0.0.1:${port}/ipxe/${FIRST} `);
    expect(script).not.toMatch(/^kernel/m);
    expect(await told(1)).toMatchObject([
      {
        kind: 'script',
        why: 'install-stopped',
        mac: FIRST,
        detail: expect.stringContaining('token is a number') as string,
      },
    ]);
    expect((await ask(port, `GET /ipxe/${SECOND}`)).body.toString()).toMatch(/^kernel/m);
  });

  test('what is missing can be told beforehand, of each machine that netboots', async () => {
    const missing = async (appliance: readonly string[], there: Readonly<Record<string, string>>) => {
      const { inventory } = parseInventory(data(...appliance), 'data.yaml');
      if (inventory === undefined) return expect.fail('no inventory');
      const source = fixed(there);
      return Promise.all(inventory.machines.map((machine) => missingArtifact(machine, inventory.appliance, source)));
    };
    const [kernel = ''] = Object.keys(RELEASE);
    expect(await missing([], RELEASE)).toEqual([undefined, undefined]);
    expect(await missing([], {})).toEqual([kernel, undefined]);
    expect(await missing(['artifacts: http://10.0.0.7/files'], {})).toEqual([undefined, undefined]);
  });

  test('artifacts on another server are not looked for here', async () => {
    const { port, told } = await plane({ data: data('artifacts: http://10.0.0.7/files'), files: fixed({}) });
    const script = (await ask(port, `GET /ipxe/${FIRST}`)).body.toString();
    expect(script).toContain('kernel http://10.0.0.7/files/harvester/v1.7.0/harvester-v1.7.0-vmlinuz-amd64 ');
    expect(script).toContain(` harvester.install.config_url=http://127.0.0.1:${port}/config/`);
    expect(await told(1)).toMatchObject([{ why: 'install' }]);
  });

  test('F-H 34 netboot: never boots the local disk', async () => {
    const { port, told } = await plane({ data: data(), files });
    const script = (await ask(port, `GET /ipxe/${SECOND}`)).body.toString();
    expect(script).toContain('sanboot --no-describe --drive 0x80');
    expect(script).not.toMatch(/^kernel/m);
    expect(await told(1)).toMatchObject([{ kind: 'script', mac: SECOND, name: 'node2', why: 'netboot-never' }]);
  });

  test.each([
    ['ignore', 404, /^No machine in the inventory has this MAC address\.\n$/],
    ['discover', 200, new RegExp(`^#!ipxe\\n.*${STRANGER}.*sleep 30\\n.*/ipxe/${STRANGER}`, 's')],
    ['local', 200, /^#!ipxe\n.*sanboot --no-describe --drive 0x80/s],
  ])('F-H 34 an unknown MAC under unknown: %s is %i', async (policy, status, body) => {
    const { port, told } = await plane({ data: data(`unknown: ${policy}`), files });
    const answer = await ask(port, `GET /ipxe/${STRANGER}`);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([status, 'text/plain']);
    expect(answer.body.toString()).toMatch(body);
    expect(answer.body.toString()).not.toMatch(/^kernel/m);
    expect(await told(1)).toMatchObject([{ kind: 'unknown', mac: STRANGER, policy, address: '127.0.0.1' }]);
  });

  test.each([
    ['another machine holds the address', FIRST, SECOND, 403],
    ['a stranger holds the address', FIRST, STRANGER, 403],
    ['a machine holds the address, a stranger is claimed', STRANGER, FIRST, 403],
    ['the same NIC holds it', FIRST, FIRST, 200],
    ['another NIC of the same machine holds it', FIRST, FIRST_OTHER_NIC, 200],
  ])('D-13 F-H 34 %s', async (_title, claimed, holder, status) => {
    const { port, told } = await plane({ data: data('unknown: discover'), files, leases: { '127.0.0.1': holder } });
    expect((await ask(port, `GET /ipxe/${claimed}`)).status).toBe(status);
    const refused = {
      kind: 'refused',
      why: 'not-your-address',
      mac: claimed,
      path: `/ipxe/${encodeURIComponent(claimed)}`,
    };
    expect(await told(1)).toMatchObject([status === 403 ? refused : { kind: 'script', mac: claimed }]);
  });

  test.each([
    ['F-H 14 a script', `/ipxe/${FIRST}`],
    ['F-H 14 a missing machine', `/ipxe/${STRANGER}`],
    ['F-H 14 a bad MAC', '/ipxe/x'],
    ['F-H 14 a config', `/config/${FIRST}/config-create.yaml`],
    ['F-H 14 the other config', `/config/${FIRST}/config-join.yaml`],
    ['F-H 14 the list', '/all'],
    ['F-H 14 health', '/healthz'],
    ['F-H 14 nothing', '/nothing'],
  ])('D-03 %s: HEAD has the status and headers of GET', async (_title, path) => {
    const { port } = await plane({ data: data(), files });
    const [head, get] = [await ask(port, `HEAD ${path}`), await ask(port, `GET ${path}`)];
    const undated = (headers: ReadonlyMap<string, string>) => new Map([...headers, ['date', '']]);
    expect(head.statusLine).toBe(get.statusLine);
    expect(undated(head.headers)).toEqual(undated(get.headers));
    expect(get.headers.get('content-length')).toBe(`${get.body.length}`);
    expect(get.headers.get('transfer-encoding')).toBeUndefined();
  });
});
