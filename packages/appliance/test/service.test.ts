import { StartError } from '@sower/appliance';
import { NoDeviceSockets } from '@sower/net';
import { expect, test } from 'vitest';
import { createGroup } from '../src/lifecycle.ts';
import { openService } from '../src/service.ts';

/** Opens a service whose only socket fails in this way. */
const failing = (name: 'tftp' | 'dhcp', port: number, error: Error) =>
  openService(
    name,
    port,
    () => new Map([['socket', () => Promise.reject(error)]]),
    () => expect.fail('the first failure is no later one'),
    createGroup(),
  );

const coded = (code: string) => Object.assign(new Error(`bind ${code}`), { code });

test.each([
  ['tftp', 69, 'ListenDatagram=0.0.0.0:69, FileDescriptorName=tftp'],
  [
    'dhcp',
    67,
    'one for each interface: ListenDatagram=0.0.0.0:67, BindToDevice=<interface>, Broadcast=yes, FileDescriptorName=dhcp-<interface>',
  ],
] as const)('N-06 %s without the right to its port is off, with three remedies', async (name, port, unit) => {
  expect(await failing(name, port, coded('EACCES'))).toEqual({
    off: `this process has no right to open port ${port}/udp`,
    remedy: `run sower with sudo, or start it from a systemd socket unit (${unit}), or give Node.js the right: sudo setcap cap_net_bind_service=+ep "${process.execPath}"`,
  });
});

test.each([
  [coded('EADDRINUSE'), /^bind EADDRINUSE\. Stop what uses it, or change the data file\.$/],
  [coded('EINVAL'), /^bind EINVAL\. Correct appliance\.dhcp, or the socket unit\.$/],
  [
    new NoDeviceSockets('no koffi'),
    /^no koffi\. Leave out appliance\.dhcp, or .*FileDescriptorName=dhcp-<interface>\)\.$/,
  ],
  [new StartError('All is said.'), /^All is said\.$/],
])('N-07 %s ends the start with one clear line', async (error, message) => {
  const start = failing('dhcp', 67, error);
  await expect(start).rejects.toBeInstanceOf(StartError);
  await expect(start).rejects.toThrow(message);
});
