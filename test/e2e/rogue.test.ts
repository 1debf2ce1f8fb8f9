import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { NOTE, REPOSITORY, SKIP } from './lab/available.ts';
import { run } from './lab/command.ts';
import { startUdhcpc } from './lab/dhcp-clients.ts';
import { startDnsmasq } from './lab/dnsmasq.ts';
import { openLab, type Lab } from './lab/lab.ts';
import { startSower, type Sower } from './lab/sower.ts';

const data = (watch: boolean) => `appliance:
  dhcp:
    interfaces: [br0]
    watch: ${watch}
    subnets: [{ cidr: 192.168.50.0/24 }]
maclist: []
`;

describe.skipIf(SKIP)(`another DHCP server where there should be none${NOTE}`, () => {
  let lab: Lab;
  let sower: Sower;
  let client: string;

  beforeAll(async () => {
    lab = await openLab(REPOSITORY, 'rogue', '192.168.50.1/24');
    client = await lab.network.addHost('client', '52:54:00:5e:03:01');
    sower = await startSower(REPOSITORY, lab, data(false));
  });

  afterAll(() => lab?.close());
  afterEach(async (context) => {
    if (context.task.result?.state === 'fail') console.error(await lab.diagnosis());
  });

  /** A server of its own host, and a client that gets two addresses from it, one after the other. */
  async function twoExchanges(host: string, address: string): Promise<void> {
    const other = await lab.network.addHost(host);
    await run('ip', '-n', other, 'addr', 'add', `${address}/24`, 'dev', 'eth0');
    const server = await startDnsmasq(lab, other);
    for (let count = 0; count < 2; count += 1) {
      const udhcpc = await startUdhcpc(REPOSITORY, lab, client, '-B');
      expect(await udhcpc.lease('bound')).toMatchObject({ serverid: address });
      await udhcpc.program.stop();
    }
    await server.stop();
  }

  test.each([
    ['a machine’s choice', false, 'other', '192.168.50.2', 'request'],
    ['its offer, on port 68', true, 'another', '192.168.50.3', 'offer'],
  ])('A-52 it is told of within two exchanges, once: by %s', async (_, watch, host, address, seenIn) => {
    if (watch) {
      await sower.reload(data(watch));
      await expect.poll(() => run('ip', 'netns', 'exec', lab.network.name, 'ss', '-uanH')).toContain('%br0:68 ');
    }
    await twoExchanges(host, address);
    const told = { why: 'rogue-server', address };
    expect(await sower.tells(told)).toMatchObject({ level: 'error', interface: 'br0', seenIn });
    expect(await sower.events(told)).toHaveLength(1);
  });
});
