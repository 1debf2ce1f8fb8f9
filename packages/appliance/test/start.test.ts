import { createServer, type AddressInfo } from 'node:net';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DataError, StartError } from '@sower/appliance';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { LISTENERS, MACHINES, makeSite, SECRETS } from './support/site.ts';

const ARTIFACTS = ['vmlinuz-amd64', 'initrd-amd64', 'rootfs-amd64.squashfs'].map(
  (name) => `artifacts/harvester/v1.7.0/harvester-v1.7.0-${name}`,
);

describe('a machine over HTTP', () => {
  test('gets its script and its config; the log says so and holds no secret', async () => {
    const site = await makeSite(`appliance: { ${LISTENERS} }\n${MACHINES}`);
    for (const name of ARTIFACTS) await site.write(name, `content of ${name}`);
    const { http } = await site.start();
    const script = await (await fetch(`${http}/ipxe/52-54-00-AA-BB-01`)).text();
    expect(script).toMatch(/^#!ipxe\nimgfree\n/);
    const kernel = /^kernel (\S+)/m.exec(script)?.[1] ?? '';
    expect(await (await fetch(kernel)).text()).toBe(`content of ${ARTIFACTS[0]}`);
    const config = await (await fetch(/config_url=(\S+)/.exec(script)?.[1] ?? '')).text();
    expect(config).toContain(SECRETS[0]);
    // An event is told after the last byte of its answer: the next answer may overtake it.
    const steps = await vi.waitFor(() => {
      const told = site.lines().map((line) => JSON.parse(line) as { why: string });
      expect(told.map(({ why }) => why).toSorted()).toEqual(['artifact', 'config', 'install']);
      return told;
    });
    expect(steps.find(({ why }) => why === 'install')).toMatchObject({
      level: 'info',
      step: 'http',
      mac: '52:54:00:aa:bb:01',
      name: 'node1',
    });
    for (const secret of SECRETS) expect(site.lines().join('')).not.toContain(secret);
  });

  test('D-16 the same script names the address that it was asked at', async () => {
    const site = await makeSite(
      `appliance: { ${LISTENERS.replace('address: 127.0.0.1', 'address: 0.0.0.0')} }\n${MACHINES}`,
    );
    for (const name of ARTIFACTS) await site.write(name, 'x');
    const { http } = await site.start();
    const { port } = new URL(http);
    for (const address of ['127.0.0.1', '127.0.0.2']) {
      const script = await (await fetch(`http://${address}:${port}/ipxe/525400aabb01`)).text();
      expect(script).toContain(`config_url=http://${address}:${port}/config/52:54:00:aa:bb:01/config-create.yaml`);
    }
  });

  test('/all masks secrets for everybody, and shows them to who has the token of the admin listener', async () => {
    const site = await makeSite(`appliance: { ${LISTENERS} }\n${MACHINES}`);
    const { http, admin } = await site.start();
    const masked = await (await fetch(`${http}/all`)).text();
    expect(masked).toContain('node1');
    for (const secret of SECRETS) expect(masked).not.toContain(secret);
    expect((await fetch(`${admin}/all`)).status).toBe(401);
    const token = (await readFile(join(site.folder, 'state/admin-token'), 'utf8')).trim();
    const shown = await (await fetch(`${admin}/all`, { headers: { Authorization: `Bearer ${token}` } })).text();
    for (const secret of SECRETS) expect(shown).toContain(secret);
  });
});

describe('the summary', () => {
  test('says what is on, what is off and how to turn it on, and names each machine', async () => {
    const site = await makeSite(`appliance: { ${LISTENERS} }\n${MACHINES}`);
    const summary = (await site.start()).summary.join('\n');
    expect(summary).toMatch(/HTTP +http:\/\/127\.0\.0\.1:\d+/);
    expect(summary).toMatch(/DHCP +off: appliance\.dhcp is absent or off\n.*appliance\.dhcp\.interfaces/);
    expect(summary).toMatch(/missing artifact: harvester\/v1\.7\.0\/harvester-v1\.7\.0-vmlinuz-amd64/);
    expect(summary).toMatch(/warning: secrets are open/);
    expect(summary).toMatch(/node1 +52:54:00:aa:bb:01 +create +192\.0\.2\.31 +http:\/\/\S+\/ipxe\/52:54:00:aa:bb:01/);
    for (const secret of SECRETS) expect(summary).not.toContain(secret);
  });
});

test('a machine that is to have an address of this host is named in the summary', async () => {
  const site = await makeSite(`appliance: { ${LISTENERS} }\n${MACHINES.replace('192.0.2.31', '127.0.0.1')}`);
  expect((await site.start()).summary.join('\n')).toMatch(
    /warning: node1 is to have 127\.0\.0\.1, .* own address on lo/,
  );
});

test('what the linter finds stops a machine, or warns: the summary names both, with their lines', async () => {
  const unfit = MACHINES.replace('device: /dev/vda', 'data_disk: /dev/vdb\n        wipe_disks: true');
  const summary = (await (await makeSite(`appliance: { ${LISTENERS} }\n${unfit}`)).start()).summary.join('\n');
  expect(summary).toMatch(
    /^ {2}not installed: node1: \S+data\.yaml:\d+:\d+: `install\.device` is missing .*\[device-missing\]$/m,
  );
  expect(summary).toMatch(
    /^ {2}warning: node1: \S+data\.yaml:13:9: `install\.wipe_disks` is not read .*\[other-release\]$/m,
  );
});

test('a machine whose own loader is nowhere is named in the summary', async () => {
  const site = await makeSite(
    `appliance: { ${LISTENERS} }\n${MACHINES.replace('    values:', '    loader: nosuch.efi\n    values:')}`,
  );
  expect((await site.start()).summary.join('\n')).toMatch(/warning: the loader nosuch\.efi of node1 is nowhere/);
});

describe('a start that cannot go on leaves nothing open', () => {
  test('a port in use', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void other.close());
    const { port } = other.address() as AddressInfo;
    const site = await makeSite(`appliance: { ${LISTENERS.replace('port: 0', `port: ${port}`)} }\n${MACHINES}`);
    await expect(site.start()).rejects.toThrow(
      new StartError(
        `Cannot listen on 127.0.0.1:${port}/tcp: another program has it. Stop what uses it, or change appliance.http.port or .address.`,
      ),
    );
    await expect(stat(join(site.folder, 'state/control.sock'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('an interface that does not exist', async () => {
    const site = await makeSite(
      `appliance: { ${LISTENERS}, dhcp: { interfaces: [nosuch0], subnets: [{ cidr: 192.0.2.0/24 }] } }\n${MACHINES}`,
    );
    await expect(site.start()).rejects.toThrow(/^There is no network interface nosuch0: /);
    await expect(stat(join(site.folder, 'state/control.sock'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test.each([
    ['that cannot be made', 'tokenFile: data.yaml/token', /^Cannot use the admin token file: E/],
    ['that is empty', 'tokenFile: empty', /^Cannot use the admin token file: the admin token file is empty; remove it/],
  ])('an admin token file %s is one clear line', async (_, key, line) => {
    const site = await makeSite(`appliance: { ${LISTENERS.replace('admin: {', `admin: { ${key},`)} }\n${MACHINES}`);
    await site.write('empty', '');
    await expect(site.start()).rejects.toSatisfy((error) => error instanceof StartError && line.test(error.message));
    await expect(stat(join(site.folder, 'state/control.sock'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('a second appliance on the same state folder', async () => {
    const site = await makeSite(`appliance: { ${LISTENERS} }\n${MACHINES}`);
    await site.start();
    await expect(site.start()).rejects.toThrow(/^Another sower serves from this state folder: /);
  });

  test('a state folder that cannot be one', async () => {
    const site = await makeSite(`appliance: { ${LISTENERS} }\n${MACHINES}`);
    await site.write('state', 'a file');
    await expect(site.start()).rejects.toThrow(/^The state folder cannot be used: .*\. Correct that, or /);
  });

  test('errors in the data file are all told at once', async () => {
    const site = await makeSite(
      `appliance: { unknown: maybe }\n${MACHINES.replace('52:54:00:aa:bb:01', '52:54:00:aa:bb')}`,
    );
    await expect(site.start()).rejects.toSatisfy(
      (error) => error instanceof DataError && error.problems.length === 2 && error.problems[0]?.line === 1,
    );
  });
});

describe('a changed data file', () => {
  const scriptStatus = async (http: string, mac: string) => (await fetch(`${http}/ipxe/${mac}`)).status;

  test('is in force as a whole; one with an error is reported and changes nothing', async () => {
    const site = await makeSite(`appliance: { ${LISTENERS} }\n${MACHINES}`);
    const { http } = await site.start();
    expect(await scriptStatus(http, '52:54:00:aa:bb:02')).toBe(404);
    await site.write('data.yaml', `appliance: { ${LISTENERS} }\n${MACHINES.replace('bb:01', 'bb:02')}`);
    await vi.waitFor(async () => expect(await scriptStatus(http, '52:54:00:aa:bb:02')).toBe(200), 10_000);
    expect(await scriptStatus(http, '52:54:00:aa:bb:01')).toBe(404);

    await site.write('data.yaml', `appliance: { ${LISTENERS} }\n${MACHINES.replace('bb:01', 'bb:zz')}`);
    await vi.waitFor(() => expect(site.lines().join('')).toContain('"reload-refused"'), 10_000);
    expect(site.lines().join('')).toMatch(/data\.yaml:\d+:\d+: /);
    expect(await scriptStatus(http, '52:54:00:aa:bb:02')).toBe(200);
    for (const secret of SECRETS) expect(site.lines().join('')).not.toContain(secret);
  }, 30_000);

  test('that the linter stops a machine in says so, and is in force all the same', async () => {
    const site = await makeSite(`appliance: { ${LISTENERS} }\n${MACHINES}`);
    const { http } = await site.start();
    await site.write('data.yaml', `appliance: { ${LISTENERS} }\n${MACHINES.replace('device:', 'devise:')}`);
    await vi.waitFor(() => expect(site.lines().join('')).toContain('"reloaded"'), 10_000);
    expect(site.lines().join('')).toMatch(/"install-stopped".*node1: .*unknown key `devise`.*\[unknown-key\]/);
    expect((await fetch(`${http}/config/52:54:00:aa:bb:01/config-create.yaml`)).status).toBe(503);
    await site.write('data.yaml', `appliance: { ${LISTENERS} }\n${MACHINES}`);
    await vi.waitFor(
      async () => expect((await fetch(`${http}/config/52:54:00:aa:bb:01/config-create.yaml`)).status).toBe(200),
      10_000,
    );
  }, 30_000);

  test('that names an interface which does not exist says that it is not served', async () => {
    const site = await makeSite(`appliance: { ${LISTENERS} }\n${MACHINES}`);
    await site.start();
    const dhcp = 'dhcp: { interfaces: [nosuch0], subnets: [{ cidr: 192.0.2.0/24 }] }';
    await site.write('data.yaml', `appliance: { ${LISTENERS}, ${dhcp} }\n${MACHINES}`);
    await vi.waitFor(() => expect(site.lines().join('')).toMatch(/not-served.*no network interface nosuch0/), 10_000);
  }, 30_000);

  test('that needs a restart says so', async () => {
    const site = await makeSite(`appliance: { ${LISTENERS} }\n${MACHINES}`);
    await site.start();
    await site.write('data.yaml', `appliance: { ${LISTENERS}, state: ./elsewhere }\n${MACHINES}`);
    await vi.waitFor(() => expect(site.lines().join('')).toMatch(/next start only: .*appliance\.state/), 10_000);
  }, 30_000);
});
