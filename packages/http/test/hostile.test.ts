import { describe, expect, test } from 'vitest';
import { fixed, plane } from './support/plane.ts';
import { ask, dial, request } from './support/wire.ts';

describe('requests as they should not be', () => {
  test.each([
    ['F-H 01 a TLS ClientHello', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400],
    ['F-H 03 HTTP/0.9', 'GET /healthz\r\n\r\n', 505],
    ['F-H 03 HTTP/9.9', 'GET /healthz HTTP/9.9\r\nHost: a\r\n\r\n', 400],
    ['F-H 03 the HTTP/2 preface', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
    ['F-H 17 a raw UTF-8 path', 'GET /\xc3\xa4 HTTP/1.1\r\nHost: a\r\n\r\n', 400],
    ['F-H 08 lower-case get', 'get /healthz HTTP/1.1\r\nHost: a\r\n\r\n', 400],
    ['F-H 08 an unknown method', 'FETCH /healthz HTTP/1.1\r\nHost: a\r\n\r\n', 400],
    ['F-H 08 CONNECT', 'CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n', 405],
    ['F-H 10 a request line of 64 KiB', `GET /${'a'.repeat(65536)} HTTP/1.1\r\nHost: a\r\n\r\n`, 431],
    ['F-H 11 2,000 headers', `GET /healthz HTTP/1.1\r\nHost: a\r\n${'Name: value of it\r\n'.repeat(2000)}\r\n`, 431],
    ['F-H 11 a header of 100 KiB', `GET /healthz HTTP/1.1\r\nHost: a\r\nX: ${'y'.repeat(102_400)}\r\n\r\n`, 431],
    ['F-H 12 a header without a colon', 'GET /healthz HTTP/1.1\r\nHost: a\r\nBroken\r\n\r\n', 400],
    ['F-H 12 NUL in a header', 'GET /healthz HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n', 400],
    ['F-H 12 a bare CR', 'GET /healthz HTTP/1.1\r\nHost: a\rX: b\r\n\r\n', 400],
    [
      'F-H 13 Transfer-Encoding and Content-Length',
      'GET /healthz HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n',
      400,
    ],
    [
      'F-H 13 two Content-Lengths',
      'GET /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nContent-Length: 1\r\n\r\n',
      400,
    ],
    ['F-H 13 a negative Content-Length', 'GET /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n', 400],
  ])('%s is refused with a length, and the next client is served', async (_title, bytes, status) => {
    const { port } = await plane({});
    const wire = await dial(port);
    wire.write(Buffer.from(bytes, 'latin1'));
    const answer = await wire.next();
    expect(answer.status).toBe(status);
    expect(answer.body.length).toBeLessThanOrEqual(128);
    await wire.rest();
    expect((await ask(port, 'GET /healthz')).body.toString()).toBe('ok\n');
  });

  test('F-H 08 F-H 27 CONNECT, and gone: the next client is served', async () => {
    const { port } = await plane({});
    for (let round = 0; round < 20; round += 1) {
      const wire = await dial(port);
      wire.write('CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n');
      await new Promise<void>((resolve) => setImmediate(resolve));
      wire.socket.resetAndDestroy();
    }
    expect((await ask(port, 'GET /healthz')).status).toBe(200);
  });

  test('F-H 05 HTTP/1.1 without Host is 400, with a length', async () => {
    const { port } = await plane({});
    const wire = await dial(port);
    wire.write('GET /healthz HTTP/1.1\r\n\r\n');
    const answer = await wire.next();
    expect([answer.status, answer.body.toString()]).toEqual([400, 'HTTP/1.1 needs a Host header.\n']);
    wire.socket.destroy();
  });

  test('F-H 04 D-01 HTTP/1.0 without Host is served with a length, then closed', async () => {
    const { port } = await plane({ files: fixed({ f: 'content' }) });
    const wire = await dial(port);
    wire.write('GET /artifacts/f HTTP/1.0\r\n\r\n');
    const answer = await wire.next();
    expect([answer.status, answer.headers.get('content-length'), answer.body.toString()]).toEqual([
      200,
      '7',
      'content',
    ]);
    expect(await wire.rest()).toHaveLength(0);
  });

  test.each([
    'OPTIONS *',
    'OPTIONS /ipxe/x',
    'TRACE /healthz',
    'PUT /artifacts/f',
    'DELETE /artifacts/f',
    'POST /hook/a/b/c',
    'PATCH /nothing',
  ])('F-H 08 D-22 %s is 405 with Allow and a length', async (line) => {
    const { port } = await plane({ files: fixed({ f: 'content' }) });
    const answer = await ask(port, line);
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    expect(answer.headers.get('content-length')).toBe(`${answer.body.length}`);
  });

  test.each([
    ['F-H 09 Expect: 100-continue', 'PUT /artifacts/f', ['Expect: 100-continue', 'Content-Length: 1000000000'], 405],
    ['F-H 13 a chunked body on GET', 'GET /healthz', ['Transfer-Encoding: chunked'], 413],
    ['D-20 a body on GET', 'GET /healthz', ['Content-Length: 5'], 413],
  ])('%s: no body is read, the connection closes', async (_title, line, headers, status) => {
    const { port } = await plane({});
    const wire = await dial(port);
    wire.write(request(line, ...headers));
    const answer = await wire.next();
    expect([answer.status, answer.headers.get('connection')]).toEqual([status, 'close']);
    await wire.rest();
  });

  test.each([
    ['F-H 06 two Hosts', ['Host: other']],
    ['F-H 24 Accept: image/png', ['Accept: image/png']],
    ['F-H 24 an Accept that makes no sense', ['Accept: ;;q=,/']],
    ['F-H 23 Accept-Encoding: gzip', ['Accept-Encoding: gzip']],
    ['F-H 41 a header named __proto__', ['__proto__: x', 'constructor: y']],
    ['F-H 09 Upgrade', ['Connection: Upgrade', 'Upgrade: h2c']],
    ['F-H 09 an expectation that nobody knows', ['Expect: the-unexpected']],
    ['D-20 an empty body', ['Content-Length: 0']],
    ['F-H 37 X-Forwarded-For', ['X-Forwarded-For: 10.0.0.1', 'X-Forwarded-Host: evil.test']],
  ])('%s is served all the same', async (_title, headers) => {
    const { port } = await plane({});
    expect((await ask(port, 'GET /healthz', ...headers)).body.toString()).toBe('ok\n');
  });

  test.each(['a b', 'evil.test', 'a'.repeat(300), '[', 'user@host', ''])(
    'F-H 06 D-09 Host "%s" is served',
    async (host) => {
      const { port } = await plane({});
      const wire = await dial(port);
      wire.write(`GET /healthz HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
      expect((await wire.next()).status).toBe(200);
      wire.socket.destroy();
    },
  );

  test('D-20 F-H 10 a target of more than 8 KiB is 414', async () => {
    const { port, told } = await plane({});
    expect((await ask(port, `GET /healthz?${'a'.repeat(8192 - 9)}`)).status).toBe(200);
    expect((await ask(port, `GET /healthz?${'a'.repeat(8192 - 8)}`)).status).toBe(414);
    expect(await told(1)).toMatchObject([{ kind: 'refused', why: 'target-too-long', path: '/healthz' }]);
  });

  test('D-20 F-H 11 more than 100 header fields are 431', async () => {
    const { port } = await plane({});
    const some = (count: number) => Array.from({ length: count }, (_, i) => `X-${i}: y`);
    expect((await ask(port, 'GET /healthz', ...some(99))).status).toBe(200);
    expect((await ask(port, 'GET /healthz', ...some(100))).status).toBe(431);
  });
});
