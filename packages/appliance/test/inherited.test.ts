import { open } from 'node:fs/promises';
import { inheritedSockets, StartError } from '@sower/appliance';
import { deviceSocket } from '@sower/net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { adopt, unused } from '../src/inherited.ts';
import { createLifecycle } from '../src/lifecycle.ts';

/** A lifecycle that ends with the test. */
function owner() {
  const lifecycle = createLifecycle(
    (error) => expect.fail(String(error)),
    () => 0,
  );
  onTestFinished(() => lifecycle.close(0));
  return lifecycle;
}

test('N-06 an environment that makes no sense is one clear line', () => {
  expect(() => inheritedSockets({ LISTEN_FDS: 'x' }, 1)).toThrow(
    new StartError('Cannot take over sockets: LISTEN_FDS=x is no number of descriptors.'),
  );
});

describe('N-06 names of sockets', () => {
  test('tftp and pxe as often as wished, dhcp once for each interface', async () => {
    const fd = await deviceSocket('lo', 0, false);
    const inherited = await adopt(
      new Map([
        ['tftp', [3, 5]],
        ['pxe', [4]],
        ['dhcp-lo', [fd]],
      ]),
      owner(),
    );
    expect([inherited.tftp, inherited.pxe]).toEqual([[3, 5], [4]]);
    expect([...inherited.dhcp]).toMatchObject([['lo', { address: '0.0.0.0' }]]);
    expect(unused(inherited, ['lo', 'eth1'])).toEqual([]);
    expect(unused(inherited, ['eth1'])).toEqual([
      'the inherited socket dhcp-lo is not used: appliance.dhcp.interfaces does not name lo',
    ]);
  });

  test.each(['dhcp', 'dhcp-', 'unknown', 'sower.socket', ''])('%j is refused', async (name) => {
    await expect(adopt(new Map([[name, [3]]]), owner())).rejects.toThrow(
      new StartError(
        `An inherited socket is named "${name}": its socket unit needs FileDescriptorName=tftp, pxe, or dhcp-<interface>.`,
      ),
    );
  });

  test('two for one interface are refused: each broadcast would be answered twice', async () => {
    await expect(adopt(new Map([['dhcp-eth1', [3, 4]]]), owner())).rejects.toThrow(
      new StartError('There is more than one inherited socket dhcp-eth1.'),
    );
  });

  test('what is no socket is refused, with its name and number', async () => {
    const file = await open(process.execPath);
    onTestFinished(() => file.close());
    await expect(adopt(new Map([['dhcp-eth1', [file.fd]]]), owner())).rejects.toThrow(
      `Cannot use the inherited socket dhcp-eth1 (descriptor ${file.fd}): Unsupported fd type: FILE. Correct its socket unit`,
    );
  });
});
