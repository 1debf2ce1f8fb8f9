import {
  addressTowards,
  adoptDatagrams,
  deviceSocket,
  formatIPv4,
  inheritedSockets,
  openDatagrams,
  parseIPv4,
  parseSubnet,
  type Datagrams,
} from '@sower/net';
import { describe, expect, onTestFinished, test } from 'vitest';

const PID = 4711;

describe('N-06 what the environment says was handed over', () => {
  test.each([
    ['nothing', {}, []],
    ['no descriptors', { LISTEN_PID: '4711', LISTEN_FDS: '0', LISTEN_FDNAMES: '' }, []],
    ['one', { LISTEN_PID: '4711', LISTEN_FDS: '1', LISTEN_FDNAMES: 'tftp' }, [['tftp', [3]]]],
    [
      'three, two of one name',
      { LISTEN_PID: '4711', LISTEN_FDS: '3', LISTEN_FDNAMES: 'tftp:dhcp-eth1:tftp' },
      [
        ['tftp', [3, 5]],
        ['dhcp-eth1', [4]],
      ],
    ],
    ['without LISTEN_PID', { LISTEN_FDS: '1', LISTEN_FDNAMES: 'tftp' }, [['tftp', [3]]]],
    ['without names', { LISTEN_PID: '4711', LISTEN_FDS: '2' }, [['unknown', [3, 4]]]],
    ['for another process', { LISTEN_PID: '4712', LISTEN_FDS: '1', LISTEN_FDNAMES: 'tftp' }, []],
  ])('%s', (_, environment, expected) => {
    const sockets = inheritedSockets(environment, PID);
    expect('malformed' in sockets ? sockets : [...sockets]).toEqual(expected);
  });

  test.each([
    [{ LISTEN_FDS: 'two' }, 'LISTEN_FDS=two is no number of descriptors'],
    [{ LISTEN_FDS: '-1' }, 'LISTEN_FDS=-1 is no number of descriptors'],
    [{ LISTEN_PID: 'me', LISTEN_FDS: '1' }, 'LISTEN_PID=me is no process id'],
    [
      { LISTEN_PID: '4711', LISTEN_FDS: '1', LISTEN_FDNAMES: 'tftp:dhcp-eth1' },
      'LISTEN_FDNAMES=tftp:dhcp-eth1 has 2 names for LISTEN_FDS=1 descriptors',
    ],
  ])('%j makes no sense', (environment, malformed) => {
    expect(inheritedSockets(environment, PID)).toEqual({ malformed });
  });
});

describe('N-06 a socket that was handed over', () => {
  const ignore = () => undefined;

  async function sender(): Promise<Datagrams> {
    const socket = await openDatagrams({ address: '127.0.0.1', port: 0 }, { onMessage: ignore, onError: ignore });
    onTestFinished(() => socket.close());
    return socket;
  }

  test('stays open while its users change; who has closed it hears nothing more', async () => {
    const adopted = await adoptDatagrams(await deviceSocket('lo', 0, false), { receiveBuffer: 1 << 20 });
    onTestFinished(() => adopted.close());
    const from = await sender();
    const to = { address: '127.0.0.1', port: adopted.port };
    const heard: string[] = [];
    const listenAs = (name: string) =>
      adopted.use({ onMessage: (payload) => void heard.push(`${name} ${payload.toString()}`), onError: ignore });
    const first = listenAs('first');
    from.send(Buffer.from('1'), to);
    await expect.poll(() => heard).toEqual(['first 1']);
    const second = listenAs('second');
    await first.close(); // which has no say any more
    from.send(Buffer.from('2'), to);
    await expect.poll(() => heard).toEqual(['first 1', 'second 2']);
    await second.close();
    from.send(Buffer.from('3'), to);
    listenAs('third');
    from.send(Buffer.from('4'), to);
    await expect.poll(() => heard).toContain('third 4');
    expect(heard).not.toContain('second 3');
  });

  test('once closed, its port is free', async () => {
    const adopted = await adoptDatagrams(await deviceSocket('lo', 0, false), {});
    await adopted.close();
    const again = await adoptDatagrams(await deviceSocket('lo', adopted.port, false), {});
    expect(again).toMatchObject({ address: '0.0.0.0', port: adopted.port });
    await again.close();
  });

  test('a descriptor that is none is refused', async () => {
    await expect(adoptDatagrams(9999, {})).rejects.toThrow('Unsupported fd type');
  });
});

test.each([
  ['192.0.2.9', '192.0.2.1'],
  ['192.0.2.130', '192.0.2.129'],
  ['198.51.100.7', '198.51.100.1'],
  ['203.0.113.1', undefined],
])('C-01 a peer at %s is reached from %s', (peer, expected) => {
  const own = [
    ['192.0.2.1', '192.0.2.0/24'],
    ['192.0.2.129', '192.0.2.128/25'],
    ['198.51.100.1', '198.51.100.0/24'],
    ['198.51.100.2', '198.51.100.0/24'],
  ].map(([address = '', subnet = '']) => ({
    name: 'eth1',
    address: parseIPv4(address) ?? expect.fail(),
    subnet: parseSubnet(subnet) ?? expect.fail(),
  }));
  const address = addressTowards(parseIPv4(peer) ?? expect.fail(), own);
  expect(address === undefined ? undefined : formatIPv4(address)).toBe(expected);
});
