import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sendUnixDatagram } from '../src/unix-datagram.ts';

// That one arrives is tested with a real listener in test/e2e/systemd.test.ts.
test.each([
  [join(tmpdir(), 'nobody-listens-here.sock'), /nobody-listens-here\.sock: ENOENT$/],
  ['@nobody-listens-here', /@nobody-listens-here: ECONNREFUSED$/],
  [`/${'x'.repeat(120)}`, /longer than a socket's path/],
])('a datagram to %s is refused with the reason', async (path, message) => {
  await expect(sendUnixDatagram(path, Buffer.from('READY=1'))).rejects.toThrow(message);
});
