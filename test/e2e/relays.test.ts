import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { NOTE, REPOSITORY, SKIP } from './lab/available.ts';
import { run } from './lab/command.ts';
import { macIn, STALE_LEASE, startDhclient, startUdhcpc, type DhcpClient } from './lab/dhcp-clients.ts';
import { openLab, type Lab } from './lab/lab.ts';
import type { Program } from './lab/program.ts';
import { startSower, type Sower } from './lab/sower.ts';

/** The example of docs/relays.md, as it stands there. */
async function example(): Promise<string> {
  const page = await readFile(join(REPOSITORY, 'docs/relays.md'), 'utf8');
  return /```yaml\n([\s\S]*?)```/.exec(page)?.[1] ?? expect.fail('no example');
}

describe.skipIf(SKIP)(`machines behind ISC’s relay agent${NOTE}`, () => {
  let lab: Lab;
  let sower: Sower;
  let router: string, one: string, two: string;
  let relay: Program;

  const running: DhcpClient[] = [];
  const udhcpc = async (host: string, ...options: string[]): Promise<DhcpClient> => {
    const client = await startUdhcpc(REPOSITORY, lab, host, ...options);
    running.push(client);
    return client;
  };
  const startRelay = async (...options: string[]): Promise<Program> => {
    const words = ['-4', '-d', '--no-pid', '-a', ...options, '-id', 'down0', '-id', 'down1', '10.99.0.1'];
    const program = await lab.start('dhcrelay', '/usr/sbin/dhcrelay', words, router);
    await program.says(/Sending on.*Socket\/fallback/, 10_000);
    return program;
  };

  beforeAll(async () => {
    lab = await openLab(REPOSITORY, 'relays', '192.168.50.1/24');
    const { network } = lab;
    router = await network.addLink('eth1', '10.99.0.1/24');
    await run('ip', '-n', router, 'addr', 'add', '10.99.0.2/24', 'dev', 'eth0');
    await run('ip', 'netns', 'exec', router, 'sysctl', '-q', '-w', 'net.ipv4.ip_forward=1');
    one = await network.addLink('down0', '192.168.70.1/24', router);
    two = await network.addLink('down1', '192.168.71.1/24', router);
    await run('ip', '-n', network.name, 'route', 'add', '192.168.70.0/23', 'via', '10.99.0.2');
    sower = await startSower(REPOSITORY, lab, await example());
    relay = await startRelay('-iu', 'eth0');
  });

  afterAll(() => lab?.close());
  afterEach(async (context) => {
    if (context.task.result?.state === 'fail') console.error(await lab.diagnosis());
    for (const { program } of running.splice(0)) await program.stop();
  });

  test('A-14 A-51 udhcpc: an address of its own network; renewal past the relay; release; what it boots is within reach', async () => {
    const mac = await macIn(one);
    const client = await udhcpc(one);
    const lease = await client.lease('bound');
    expect(lease).toMatchObject({
      ip: expect.stringMatching(/^192\.168\.70\.1\d\d$/),
      router: '192.168.70.1',
      serverid: '10.99.0.1',
    });
    await sower.tells({ mac, why: 'bound', relay: '192.168.70.1', interface: 'eth1' });
    await run('ip', '-n', one, 'route', 'replace', 'default', 'via', '192.168.70.1');
    client.program.signal('SIGUSR1');
    await sower.tells({ mac, why: 'renewed', intent: 'renewing', address: lease['ip'] ?? '' });
    const url = `http://10.99.0.1:10000/ipxe/${mac}`;
    expect(await run('ip', 'netns', 'exec', one, 'curl', '-sS', url)).toContain('#!ipxe');
    client.program.signal('SIGUSR2');
    await sower.tells({ mac, why: 'released' });
  });

  test('A-14 dhclient behind the same relay, in another network; a stale lease is refused through the relay (A-26)', async () => {
    const mac = await macIn(two);
    const client = await startDhclient(REPOSITORY, lab, two, STALE_LEASE);
    expect(await client.lease('BOUND')).toMatchObject({
      ip: expect.stringMatching(/^192\.168\.71\.1\d\d$/),
      lease: '600',
      serverid: '10.99.0.1',
    });
    expect(await sower.events({ mac, reply: 'nak', relay: '192.168.71.1' })).toHaveLength(1);
    expect(await client.program.output()).toContain('DHCPNAK');
    await client.program.stop();
  });

  test('A-10 A-14 a relay with one address for all its networks says which by link selection', async () => {
    await relay.stop();
    relay = await startRelay('-U', 'eth0');
    const clients = await Promise.all([udhcpc(one), udhcpc(two)]);
    const leases = await Promise.all(clients.map((client) => client.lease('bound')));
    expect(leases.map(({ ip }) => ip?.replace(/\d+$/, ''))).toEqual(['192.168.70.', '192.168.71.']);
    await sower.tells({ mac: await macIn(two), why: 'bound', relay: '10.99.0.2' });
  });
});

/** Whether this kernel makes VLAN devices; some small ones do not. Tried where it leaves no trace. */
async function hasVlans(): Promise<boolean> {
  const words = ['--net', 'ip', 'link', 'add', 'link', 'lo', 'name', 'probe.1', 'type', 'vlan', 'id', '1'];
  try {
    await run('unshare', ...words);
    return true;
  } catch (error) {
    return !String(error).includes('Unknown device type');
  }
}

const VLANS = SKIP || (await hasVlans());

const VLAN_NOTE = VLANS ? '' : ' (as cables of those names: this kernel has no VLAN devices)';

describe.skipIf(SKIP)(`VLAN interfaces${NOTE}${VLAN_NOTE}`, () => {
  const DATA = `
appliance:
  dhcp:
    interfaces: [trunk.10, trunk.20]
    subnets:
      - { cidr: 192.168.110.0/24, pool: 192.168.110.100-192.168.110.199 }
      - { cidr: 192.168.120.0/24, pool: 192.168.120.100-192.168.120.199 }
  unknown: discover
maclist: []
`;
  let lab: Lab;
  let sower: Sower;
  let host: string;

  const addVlan = async (id: string): Promise<void> => {
    for (const [namespace, parent] of [
      [lab.network.name, 'trunk'],
      [host, 'eth0'],
    ] as const) {
      const name = `${parent}.${id}`;
      await run('ip', '-n', namespace, 'link', 'add', 'link', parent, 'name', name, 'type', 'vlan', 'id', id);
    }
  };
  const addCable = async (id: string): Promise<void> => {
    const far = ['peer', 'name', `eth0.${id}`, 'netns', host];
    await run('ip', '-n', lab.network.name, 'link', 'add', `trunk.${id}`, 'type', 'veth', ...far);
  };

  beforeAll(async () => {
    lab = await openLab(REPOSITORY, 'vlans', '192.168.50.1/24');
    host = await lab.network.addLink('trunk', '192.168.100.1/24');
    for (const id of ['10', '20']) {
      await (VLANS ? addVlan(id) : addCable(id));
      await run('ip', '-n', lab.network.name, 'link', 'set', `trunk.${id}`, 'up');
      await run('ip', '-n', host, 'link', 'set', `eth0.${id}`, 'up');
      await run('ip', '-n', lab.network.name, 'addr', 'add', `192.168.1${id}.1/24`, 'dev', `trunk.${id}`);
    }
    sower = await startSower(REPOSITORY, lab, DATA);
  });

  afterAll(() => lab?.close());
  afterEach(async (context) => {
    if (context.task.result?.state === 'fail') console.error(await lab.diagnosis());
  });

  test('B-28 N-04 each VLAN interface is answered for its own network, untagged machines on the trunk not at all', async () => {
    const clients = await Promise.all(
      ['eth0.10', 'eth0.20'].map((name) => startUdhcpc(REPOSITORY, lab, host, '-i', name)),
    );
    const leases = await Promise.all(clients.map((client) => client.lease('bound')));
    expect(leases.map(({ ip }) => ip?.replace(/\d+$/, ''))).toEqual(['192.168.110.', '192.168.120.']);
    expect(leases.map(({ serverid }) => serverid)).toEqual(['192.168.110.1', '192.168.120.1']);
    for (const { program } of clients) await program.stop();
    const before = (await sower.events()).length;
    const untagged = await startUdhcpc(REPOSITORY, lab, host, '-n');
    expect(await untagged.program.exits(15_000)).toBe(1);
    expect((await sower.events()).length).toBe(before);
  });
});
