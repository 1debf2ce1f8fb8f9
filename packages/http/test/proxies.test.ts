import { describe, expect, test } from 'vitest';
import { data, FIRST, SECOND } from './support/data.ts';
import { fixed, plane } from './support/plane.ts';
import { ask, dial } from './support/wire.ts';

const behind = (...proxies: readonly string[]): string =>
  data(`http: { url: http://boot.test, proxies: [${proxies.join(', ')}] }`);

describe('D-09 F-H 37 X-Forwarded-For counts from listed proxies alone', () => {
  test.each([
    ['no proxy is listed', [], ['10.0.0.32'], '127.0.0.1'],
    ['the peer is not a listed one', ['10.9.0.0/16'], ['10.0.0.32'], '127.0.0.1'],
    ['the peer is listed', ['127.0.0.1/32'], ['10.0.0.32'], '10.0.0.32'],
    ['a proxy behind a proxy', ['127.0.0.0/8', '10.9.0.0/16'], ['10.0.0.32, 10.9.1.1'], '10.0.0.32'],
    ['what the client itself wrote', ['127.0.0.0/8'], ['10.0.0.31, 10.0.0.32'], '10.0.0.32'],
    ['two fields', ['127.0.0.0/8'], ['10.0.0.31', '10.0.0.32'], '10.0.0.32'],
    ['nothing but proxies', ['127.0.0.0/8', '10.9.0.0/16'], ['10.9.1.2'], '10.9.1.2'],
    ['IPv4 in IPv6', ['127.0.0.0/8'], ['::ffff:10.0.0.32'], '10.0.0.32'],
    ['IPv6', ['127.0.0.0/8'], ['2001:db8::1'], '2001:db8::1'],
    ['a word', ['127.0.0.0/8'], ['10.0.0.32, unknown'], '127.0.0.1'],
    ['nothing', ['127.0.0.0/8'], [''], '127.0.0.1'],
    ['no such field', ['127.0.0.0/8'], [], '127.0.0.1'],
  ])('%s', async (_title, proxies, fields, address) => {
    const { port, told } = await plane({ data: behind(...proxies), files: fixed({}) });
    await ask(port, 'GET /ipxe/52:54:00:aa:bb:99', ...fields.map((value) => `X-Forwarded-For: ${value}`));
    expect((await told(1))[0]?.address).toBe(address);
  });

  test('D-13 the lease of the address that the proxy heard decides', async () => {
    const { port } = await plane({ data: behind('127.0.0.0/8'), leases: { '10.0.0.32': SECOND } });
    expect((await ask(port, `GET /ipxe/${FIRST}`, 'X-Forwarded-For: 10.0.0.32')).status).toBe(403);
  });
});

test('D-20 a listed proxy speaks for many, and has as many connections as it wants', async () => {
  const limits = { connectionsPerAddress: 1 };
  const { port } = await plane({ data: behind('127.0.0.1/32'), limits });
  const [first, second] = [await dial(port), await dial(port)];
  const stranger = { from: '127.0.0.2' };
  const [third, fourth] = [await dial(port, stranger), await dial(port, stranger)];
  expect(await fourth.rest()).toHaveLength(0);
  for (const wire of [first, second, third]) {
    wire.write('GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n');
    expect((await wire.next()).status).toBe(200);
    wire.socket.destroy();
  }
});
