import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NOTE, REPOSITORY, SKIP } from './lab/available.ts';
import { run } from './lab/command.ts';
import { openNetwork, type Network } from './lab/network.ts';
import { startProgram } from './lab/program.ts';

describe.skipIf(SKIP)(`npm run demo${NOTE}`, () => {
  let network: Network;

  beforeAll(async () => {
    network = await openNetwork('sower-around-demo', '192.168.51.1/24');
  });
  afterAll(() => network?.close());

  /** The demo makes its own network; ours around it only sees to it that it ends with this test. */
  const demo = () =>
    startProgram({
      namespace: network.name,
      name: 'demo',
      log: `${REPOSITORY}/.cache/lab/demo.log`,
      command: process.execPath,
      args: ['scripts/demo.mjs'],
      cwd: REPOSITORY,
    });
  const namespaces = async (): Promise<string> =>
    (await run('ip', 'netns', 'list'))
      .split('\n')
      .filter((line) => line.startsWith('sower-demo-'))
      .join('\n');

  test('shows every step of a boot, no secret, and leaves nothing behind', async () => {
    const program = await demo();
    const status = await program.exits(200_000);
    const output = await program.output();
    const steps = [
      'dhcp .*loaders/x64/snponly.efi',
      'tftp .*snponly.efi',
      'dhcp .*/ipxe/52:',
      'http .*script',
      'vmlinuz',
      'initrd',
      'config-create',
      'rootfs',
      'has reported: efi, 192.168.50.31/24',
      'token: \\*\\*\\*',
      'is removed',
    ];
    expect(output).toMatch(new RegExp(steps.join('[^]*')));
    expect(output).not.toContain('that-nobody-guesses');
    expect(status).toBe(0);
    expect(await namespaces()).toBe('');
  });

  test('Ctrl-C: it removes everything too', async () => {
    const program = await demo();
    await program.says(/is switched on/, 60_000);
    program.signal('SIGINT');
    expect(await program.exits(20_000)).toBe(130);
    expect(await namespaces()).toBe('');
  });
});
