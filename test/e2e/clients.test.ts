import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { NOTE, REPOSITORY, SKIP } from './lab/available.ts';
import { run } from './lab/command.ts';
import { macIn, STALE_LEASE, startDhclient, startUdhcpc, type DhcpClient } from './lab/dhcp-clients.ts';
import { openLab, type Lab } from './lab/lab.ts';
import { serve, startSower, type Sower } from './lab/sower.ts';

const RESERVED = '52:54:00:5e:01:01';
const POOL = /^192\.168\.50\.1\d\d$/;

describe.skipIf(SKIP)(`DHCP clients of other people’s making${NOTE}`, () => {
  let lab: Lab;
  let sower: Sower;
  /** The host with a reservation; two without; one beyond eth1, one beyond eth2. */
  let reserved: string, one: string, two: string, beyond1: string, beyond2: string;

  const running: DhcpClient[] = [];
  const udhcpc = async (host: string, ...options: string[]): Promise<DhcpClient> => {
    const client = await startUdhcpc(REPOSITORY, lab, host, ...options);
    running.push(client);
    return client;
  };

  beforeAll(async () => {
    lab = await openLab(REPOSITORY, 'clients', '192.168.50.1/24');
    const { network } = lab;
    reserved = await network.addHost('reserved', RESERVED);
    one = await network.addHost('one', '52:54:00:5e:01:10');
    two = await network.addHost('two', '52:54:00:5e:01:11');
    beyond1 = await network.addLink('eth1', '192.168.60.1/24');
    beyond2 = await network.addLink('eth2', '192.168.50.9/24');
    sower = await startSower(REPOSITORY, lab, await readFile(join(REPOSITORY, 'test/e2e/data/clients.yaml'), 'utf8'));
  });

  afterAll(() => lab?.close());
  afterEach(async (context) => {
    if (context.task.result?.state === 'fail') console.error(await lab.diagnosis());
    for (const { program } of running.splice(0)) await program.stop();
  });

  test('A-20 udhcpc: reservation with every option; renewal by unicast; release', async () => {
    const client = await udhcpc(reserved);
    expect(await client.lease('bound')).toEqual({
      event: 'bound',
      ip: '192.168.50.31',
      subnet: '255.255.255.0',
      router: '192.168.50.254',
      dns: '192.168.50.3,192.168.50.4',
      domain: 'lab.example',
      lease: '600',
      serverid: '192.168.50.1',
      hostname: 'reserved',
    });
    client.program.signal('SIGUSR1');
    expect(await client.lease('renew')).toMatchObject({ ip: '192.168.50.31', lease: '600' });
    await sower.tells({ mac: RESERVED, why: 'renewed', intent: 'renewing', address: '192.168.50.31' });
    client.program.signal('SIGUSR2');
    await sower.tells({ mac: RESERVED, why: 'released' });
  });

  test('A-20 dhclient: an address of the pool, and the same one again after its own restart', async () => {
    const mac = await macIn(one);
    const client = await startDhclient(REPOSITORY, lab, one);
    const lease = await client.lease('BOUND');
    expect(lease).toMatchObject({
      subnet: '255.255.255.0',
      router: '192.168.50.254',
      lease: '600',
      serverid: '192.168.50.1',
    });
    expect(lease['dns']).toBe('192.168.50.3,192.168.50.4');
    expect(lease['ip']).toMatch(POOL);
    await client.program.stop();
    const known = await readFile(join(lab.folder, `${one}.leases`), 'utf8');
    const again = await startDhclient(REPOSITORY, lab, one, known);
    expect(await again.lease('REBOOT')).toMatchObject({ ip: lease['ip'] ?? '' });
    await sower.tells({ mac, why: 'rebooted', address: lease['ip'] ?? '' });
    await again.program.stop();
  });

  test('A-20 dhclient with the lease of another network is refused, and then gets an address of this one', async () => {
    const mac = await macIn(two);
    const client = await startDhclient(REPOSITORY, lab, two, STALE_LEASE);
    expect((await client.lease('BOUND'))['ip']).toMatch(POOL);
    expect(await sower.events({ mac, reply: 'nak', why: 'nak-unknown-client' })).toHaveLength(1);
    expect(await client.program.output()).toContain('DHCPNAK');
    await client.program.stop();
  });

  test('A-36 udhcpc declines an address that somebody uses, and gets another; nobody gets that one', async () => {
    const host = await lab.network.addHost('decliner', '52:54:00:5e:01:12');
    const mac = await macIn(host);
    const first = await udhcpc(host);
    const taken = (await first.lease('bound'))['ip'] ?? '';
    await first.program.stop();
    await run('ip', '-n', reserved, 'addr', 'add', `${taken}/24`, 'dev', 'eth0');
    const client = await udhcpc(host, '-a', '-A', '1');
    const got = (await client.lease('bound'))['ip'];
    expect(got).toMatch(POOL);
    expect(got).not.toBe(taken);
    expect(await sower.events({ mac, why: 'offered', address: taken })).toHaveLength(2);
    expect(await sower.events({ mac, why: 'declined' })).toHaveLength(1);
    await run('ip', '-n', reserved, 'addr', 'flush', 'dev', 'eth0');
    const other = await udhcpc(await lab.network.addHost('later', '52:54:00:5e:01:13'), '-r', taken);
    expect((await other.lease('bound'))['ip']).not.toBe(taken);
  });

  test('A-35 A-35a an address that somebody uses without a lease is offered to nobody else; a free one is', async () => {
    await run('ip', '-n', reserved, 'addr', 'add', '192.168.50.177/24', 'dev', 'eth0');
    const host = await lab.network.addHost('newcomer', '52:54:00:5e:01:16');
    const client = await udhcpc(host, '-r', '192.168.50.177');
    const lease = await client.lease('bound');
    expect(lease['ip']).toMatch(POOL);
    expect(lease['ip']).not.toBe('192.168.50.177');
    await sower.tells({ why: 'address-in-use', address: '192.168.50.177', mac: RESERVED });
    await run('ip', '-n', reserved, 'addr', 'flush', 'dev', 'eth0');
    const other = await udhcpc(await lab.network.addHost('nextcomer', '52:54:00:5e:01:17'), '-r', '192.168.50.178');
    expect(await other.lease('bound')).toMatchObject({ ip: '192.168.50.178' });
  });

  test('A-30 A-33 an address that was acknowledged survives kill -9', async () => {
    const host = await lab.network.addHost('survivor', '52:54:00:5e:01:14');
    const before = await udhcpc(host, '-r', '192.168.50.158');
    expect(await before.lease('bound')).toMatchObject({ ip: '192.168.50.158' });
    sower.program.signal('SIGKILL');
    await sower.program.exits(5000);
    await before.program.stop();
    sower = await serve(REPOSITORY, lab, sower.dataFile);
    // It does not ask for that address, and another host does: only the journal knows whose it is.
    const other = await udhcpc(await lab.network.addHost('thief', '52:54:00:5e:01:15'), '-r', '192.168.50.158');
    expect((await other.lease('bound'))['ip']).not.toBe('192.168.50.158');
    const after = await udhcpc(host);
    expect(await after.lease('bound')).toMatchObject({ ip: '192.168.50.158' });
  });

  test('A-20 INFORM gets settings and no lease', async () => {
    const mac = await macIn(one);
    await run('ip', '-n', one, 'addr', 'replace', '192.168.50.77/24', 'dev', 'eth0');
    const script = join(REPOSITORY, 'test/e2e/lab/dhcp-inform.mjs');
    const asked = await lab.start('inform', process.execPath, [script, '192.168.50.77', mac, '192.168.50.255'], one);
    expect(await asked.exits(15_000)).toBe(0);
    const reply: unknown = JSON.parse(await asked.output());
    const settings = { 1: 'ffffff00', 3: 'c0a832fe', 6: 'c0a83203c0a83204', 53: '05', 54: 'c0a83201' };
    expect(reply).toMatchObject({ yiaddr: '0.0.0.0', options: settings });
    for (const time of ['51', '58', '59']) expect(reply).not.toHaveProperty(['options', time]);
    await sower.tells({ mac, why: 'informed' });
  });

  test('N-04 A-14 two interfaces at the same time: to each its own network, and to a third that is not named nothing', async () => {
    const clients = await Promise.all([udhcpc(one), udhcpc(beyond1), udhcpc(beyond2, '-n')]);
    const [near, far, stranger] = clients;
    expect(await near?.lease('bound')).toMatchObject({ ip: expect.stringMatching(POOL), serverid: '192.168.50.1' });
    const lease = { ip: expect.stringMatching(/^192\.168\.60\.15\d$/), serverid: '192.168.60.1', lease: '3600' };
    expect(await far?.lease('bound')).toMatchObject(lease);
    expect(await stranger?.program.exits(15_000)).toBe(1);
    expect(await stranger?.program.output()).toContain('no lease');
    expect(await sower.events({ mac: await macIn(beyond2) })).toEqual([]);
    expect(await sower.events({ mac: await macIn(beyond1), interface: 'br0' })).toEqual([]);
    expect(await sower.events({ mac: await macIn(one), interface: 'eth1' })).toEqual([]);
  });

  test('N-12 an interface that gets another address goes on serving, from that one', async () => {
    await run('ip', '-n', lab.network.name, 'addr', 'del', '192.168.60.1/24', 'dev', 'eth1');
    await run('ip', '-n', lab.network.name, 'addr', 'add', '192.168.60.2/24', 'dev', 'eth1');
    const client = await udhcpc(beyond1, '-t', '30');
    expect(await client.lease('bound')).toMatchObject({ serverid: '192.168.60.2' });
  });

  test('N-12 an interface that gets its link after the start is served from then on', async () => {
    await sower.program.stop();
    await run('ip', '-n', beyond1, 'link', 'set', 'eth0', 'down');
    sower = await serve(REPOSITORY, lab, sower.dataFile);
    expect(await sower.program.output()).toContain('eth1 has no link or no IPv4 address yet');
    await run('ip', '-n', beyond1, 'link', 'set', 'eth0', 'up');
    const client = await udhcpc(beyond1, '-t', '30');
    expect(await client.lease('bound')).toMatchObject({ ip: expect.stringMatching(/^192\.168\.60\.15\d$/) });
  });

  test('N-12 a link that goes down and comes back is served at once, by the same sockets', async () => {
    const sockets = () => run('ip', 'netns', 'exec', lab.network.name, 'ss', '-lunpe', 'sport', '=', ':67');
    const inodes = async () => ((await sockets()).match(/ino:\d+/g) ?? []).toSorted();
    const before = await inodes();
    expect(before).toHaveLength(4);
    await run('ip', '-n', beyond1, 'link', 'set', 'eth0', 'down');
    // Longer than the time between two looks at the addresses.
    await setTimeout(6000);
    await run('ip', '-n', beyond1, 'link', 'set', 'eth0', 'up');
    const client = await udhcpc(beyond1);
    expect(await client.lease('bound')).toMatchObject({ ip: expect.stringMatching(/^192\.168\.60\.15\d$/) });
    expect(await inodes()).toEqual(before);
  });
});
