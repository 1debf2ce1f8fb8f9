import type { Source } from '@sower/files';
import { describe, expect, test } from 'vitest';
import { data, FIRST } from './support/data.ts';
import { plane } from './support/plane.ts';
import { ask, dial, request } from './support/wire.ts';

/** Files on a disk that is broken: the cause names what no client may read. */
const broken: Source = { open: () => Promise.reject(new Error('EIO on /srv/secret-place')) };

describe('errors', () => {
  test.each([
    ['*/*', 'text/plain', 'This is not a MAC address.\n'],
    ['text/html', 'text/plain', 'This is not a MAC address.\n'],
    ['application/json', 'application/json', '{"error":{"code":"bad-mac","message":"This is not a MAC address."}}\n'],
    [
      'text/html, Application/JSON;q=0.9',
      'application/json',
      '{"error":{"code":"bad-mac","message":"This is not a MAC address."}}\n',
    ],
  ])('F-H 24 Accept: %s gives %s', async (accept, type, body) => {
    const { port } = await plane({ data: data() });
    const answer = await ask(port, 'GET /ipxe/x', `Accept: ${accept}`);
    expect([answer.status, answer.headers.get('content-type'), answer.body.toString()]).toEqual([400, type, body]);
  });

  test.each(['/artifacts/f', `/ipxe/${FIRST}`])(
    'a fault at %s is 500 without its cause; the event has it; the next request is served',
    async (path) => {
      const { port, told } = await plane({ data: data(), files: broken });
      const wire = await dial(port);
      wire.write(request(`GET ${path}?token=hush`));
      const answer = await wire.next();
      expect(answer.status).toBe(500);
      expect(answer.body.toString()).toBe('Something went wrong here; the log of the server says what.\n');
      const [event] = await told(1);
      expect(event).toMatchObject({
        kind: 'fault',
        cause: { message: 'EIO on /srv/secret-place' },
        delivery: { outcome: 'complete' },
      });
      expect(JSON.stringify(event)).not.toContain('hush');
      wire.write(request('GET /healthz'));
      expect((await wire.next()).status).toBe(200);
      wire.socket.destroy();
    },
  );

  test('a hostile path is in its event only in part', async () => {
    const { port, told } = await plane({});
    await ask(port, `GET /${'a'.repeat(5000)}/..`);
    const [event] = await told(1);
    expect(event).toMatchObject({ kind: 'refused', why: 'bad-target', path: `/${'a'.repeat(255)}` });
  });

  test('a long path that can be read is in its event only in part', async () => {
    const { port, told } = await plane({});
    await ask(port, `GET /ipxe/${'a'.repeat(5000)}`);
    const [event] = await told(1);
    expect(event).toMatchObject({ kind: 'refused', why: 'bad-mac', path: `/ipxe/${'a'.repeat(250)}` });
  });
});
