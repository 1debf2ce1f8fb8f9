import { parseMac } from '@sower/net';
import { describe, expect, test } from 'vitest';
import { data, FIRST, FIRST_OTHER_NIC, SECOND, STRANGER } from './support/data.ts';
import { plane } from './support/plane.ts';
import { ask, dial, type Received } from './support/wire.ts';

const TOKEN = 'a-token-of-the-admin';
const bearer = `Authorization: Bearer ${TOKEN}`;

describe('/all', () => {
  test('every machine with its values and links; secrets are masked', async () => {
    const { port } = await plane({ data: data() });
    const answer = await ask(port, 'GET /all', bearer);
    const base = `http://127.0.0.1:${port}`;
    expect(answer.headers.get('content-type')).toBe('application/json');
    expect(JSON.parse(answer.body.toString())).toMatchObject({
      machines: [
        {
          name: 'node1',
          macs: [FIRST, FIRST_OTHER_NIC],
          cluster: 'lab',
          type: 'create',
          version: '1.7.0',
          values: { ipaddress: '10.0.0.31', netmask: '255.255.255.0', gateway: '10.0.0.1', interface: 'ens3' },
          links: { script: `${base}/ipxe/${FIRST}`, config: `${base}/config/${FIRST}/config-create.yaml` },
          config: { token: '***', os: { hostname: 'node1', password: '***' } },
        },
        { name: 'node2', macs: [SECOND], netboot: 'never' },
      ],
      discovered: [],
    });
    expect(answer.body.toString()).not.toMatch(/open-sesame|hush-hush/);
  });

  test('http.all: false removes it', async () => {
    const { port } = await plane({ data: data('http: { all: false }') });
    const answer = await ask(port, 'GET /all');
    expect([answer.status, answer.body.toString()]).toEqual([404, 'Nothing is served at this path.\n']);
  });

  test('machines that were discovered are listed', async () => {
    const mac = parseMac(STRANGER) ?? expect.fail('no MAC');
    const { port } = await plane({
      data: data(),
      discovered: [{ mac, address: '10.0.0.99', seen: 1_735_787_045_000 }],
    });
    const all: unknown = JSON.parse((await ask(port, 'GET /all')).body.toString());
    expect(all).toMatchObject({
      discovered: [{ mac: STRANGER, address: '10.0.0.99', seen: '2025-01-02T03:04:05.000Z' }],
    });
  });
});

describe('the admin listener', () => {
  test('shows secrets to who has the token; links are those of the boot listener', async () => {
    const { port } = await plane({ data: data('http: { port: 12345 }'), token: TOKEN });
    const answer = await ask(port, 'GET /all', bearer);
    expect(JSON.parse(answer.body.toString())).toMatchObject({
      machines: [
        {
          config: { token: 'open-sesame', os: { password: 'hush-hush' } },
          links: { script: `http://127.0.0.1:12345/ipxe/${FIRST}` },
        },
        {},
      ],
    });
  });

  test.each([
    ['no token', []],
    ['another token', ['Authorization: Bearer a-token-of-the-admim']],
    ['a longer token', [`${bearer}x`]],
    ['an empty token', ['Authorization: Bearer ']],
    ['another scheme', [`Authorization: Basic ${TOKEN}`]],
  ])('D-22 F-H 36 %s is 401', async (_title, headers) => {
    const { port, told } = await plane({ data: data(), token: TOKEN });
    const answer = await ask(port, 'GET /all', ...headers);
    expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
    expect(answer.body.toString()).toBe('A valid bearer token is needed.\n');
    expect(JSON.stringify(await told(1))).not.toContain('a-token');
  });

  const withHost = async (port: number, host: string, ...more: readonly string[]): Promise<Received> => {
    const wire = await dial(port);
    wire.write(['GET /all HTTP/1.1', `Host: ${host}`, bearer, ...more, '', ''].join('\r\n'));
    const answer = await wire.next();
    wire.socket.destroy();
    return answer;
  };

  test.each([
    ['127.0.0.1:10001', [], 200],
    ['localhost:10001', [], 200],
    ['[::1]:10001', [], 200],
    ['localhost', ['Origin: http://localhost'], 200],
    ['evil.test:10001', [], 403],
    ['127.0.0.1.evil.test', [], 403],
    ['localhost:10001', ['Origin: http://evil.test'], 403],
    ['localhost:10001', ['Origin: null'], 403],
    ['', [], 403],
  ])('D-22 F-H 40 Host "%s" with %j is %i', async (host, more, status) => {
    const { port } = await plane({ data: data(), token: TOKEN });
    expect((await withHost(port, host, ...more)).status).toBe(status);
  });

  test('D-22 nothing of the boot plane is on it', async () => {
    const { port } = await plane({ data: data(), token: TOKEN });
    expect((await ask(port, `GET /ipxe/${FIRST}`, bearer)).status).toBe(404);
  });
});
