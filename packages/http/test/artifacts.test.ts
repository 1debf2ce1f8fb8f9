import { describe, expect, test } from 'vitest';
import { CHANGED, fixed, plane } from './support/plane.ts';
import { ask, dial, request, type Received } from './support/wire.ts';

const CONTENT = Buffer.from('0123456789abcdefghij');

const at = (received: Received, name: string) => received.headers.get(name);

describe('artifacts', () => {
  test.each([
    ['ipxe.efi', 'application/efi'],
    ['IPXE.EFI', 'application/efi'],
    ['harvester.iso', 'application/vnd.efi-iso'],
    ['a.Iso', 'application/vnd.efi-iso'],
    ['disk.img', 'application/vnd.efi-img'],
    ['boot.ipxe', 'text/plain'],
    ['vmlinuz', 'application/octet-stream'],
    ['rootfs.squashfs', 'application/octet-stream'],
    ['page.html', 'application/octet-stream'],
  ])('D-06 %s is exactly %s', async (name, type) => {
    const { port } = await plane({ files: fixed({ [name]: CONTENT }) });
    const answer = await ask(port, `GET /artifacts/${name}`);
    expect(at(answer, 'content-type')).toBe(type);
    expect(answer.body).toEqual(CONTENT);
  });

  test('D-02 D-04 the whole file: exact length, validators, no coding, never chunked', async () => {
    const { port } = await plane({ files: fixed({ 'x64/vmlinuz': CONTENT }) });
    const answer = await ask(port, 'GET /artifacts/x64/vmlinuz', 'Accept-Encoding: gzip, br');
    expect(answer.statusLine).toBe('HTTP/1.1 200 OK');
    expect(at(answer, 'content-length')).toBe('20');
    expect(at(answer, 'accept-ranges')).toBe('bytes');
    expect(at(answer, 'last-modified')).toBe(CHANGED);
    expect(at(answer, 'etag')).toMatch(/^"[A-Za-z0-9_-]+"$/);
    for (const name of ['transfer-encoding', 'content-encoding', 'content-range'])
      expect(at(answer, name)).toBeUndefined();
    expect([...answer.headers.values()]).not.toContain('');
  });

  test('D-02 a file of 0 bytes', async () => {
    const { port } = await plane({ files: fixed({ empty: '' }) });
    const answer = await ask(port, 'GET /artifacts/empty');
    expect([answer.status, at(answer, 'content-length'), answer.body.length]).toEqual([200, '0', 0]);
  });

  test.each([
    ['bytes=0-0', '0-0', '0'],
    ['bytes=-1', '19-19', 'j'],
    ['bytes=-999', '0-19', '0123456789abcdefghij'],
    ['bytes=0-', '0-19', '0123456789abcdefghij'],
    ['bytes=18-18446744073709551615', '18-19', 'ij'],
    ['BYTES=5-7', '5-7', '567'],
    ['bytes= 5-7 ', '5-7', '567'],
  ])('D-04 F-H 21 Range %s gives 206 with bytes %s', async (range, span, body) => {
    const { port } = await plane({ files: fixed({ f: CONTENT }) });
    const answer = await ask(port, 'GET /artifacts/f', `Range: ${range}`);
    expect(answer.status).toBe(206);
    expect(at(answer, 'content-range')).toBe(`bytes ${span}/20`);
    expect(at(answer, 'content-length')).toBe(`${body.length}`);
    expect(answer.body.toString()).toBe(body);
  });

  test.each([
    'bytes=u-u',
    'bytes=a-b',
    'bytes=5-2',
    'bytes=-',
    'bytes=',
    'items=0-1',
    'bytes=0-1,3-4',
    `bytes=${Array.from({ length: 1000 }, (_, i) => `${i}-${i}`).join(',')}`,
  ])('D-04 F-H 21 Range %s is ignored: the whole file', async (range) => {
    const { port } = await plane({ files: fixed({ f: CONTENT }) });
    const answer = await ask(port, 'GET /artifacts/f', `Range: ${range}`);
    expect([answer.status, answer.body.toString()]).toEqual([200, CONTENT.toString()]);
    expect(at(answer, 'content-range')).toBeUndefined();
  });

  test.each(['bytes=20-', 'bytes=999999999-', 'bytes=-0'])('D-04 F-H 21 Range %s is 416', async (range) => {
    const { port } = await plane({ files: fixed({ f: CONTENT }) });
    const answer = await ask(port, 'GET /artifacts/f', `Range: ${range}`);
    expect([answer.status, at(answer, 'content-range')]).toEqual([416, 'bytes */20']);
  });

  test('D-04 D-03 a range is for GET alone; HEAD tells the whole size', async () => {
    const { port } = await plane({ files: fixed({ f: CONTENT }) });
    const answer = await ask(port, 'HEAD /artifacts/f', 'Range: bytes=0-0');
    expect([answer.status, at(answer, 'content-length')]).toEqual([200, '20']);
  });

  const BEFORE = 'Thu, 02 Jan 2025 03:04:04 GMT';
  test.each([
    ['D-04 If-Match of this file', 'f', 'If-Match: ETAG', 200],
    ['D-04 If-Match of one of several', 'f', 'If-Match: "x", ETAG', 200],
    ['D-04 If-Match *', 'f', 'If-Match: *', 200],
    ['F-H 22 If-Match of another file', 'f', 'If-Match: "x"', 412],
    ['F-H 22 If-Match compares strongly', 'f', 'If-Match: W/ETAG', 412],
    ['D-04 If-Unmodified-Since its change', 'f', `If-Unmodified-Since: ${CHANGED}`, 200],
    ['F-H 22 If-Unmodified-Since before its change', 'f', `If-Unmodified-Since: ${BEFORE}`, 412],
    ['F-H 22 If-Unmodified-Since no date', 'f', 'If-Unmodified-Since: yesterday', 200],
    ['F-H 22 If-None-Match of this file', 'f', 'If-None-Match: ETAG', 304],
    ['F-H 22 If-None-Match compares weakly', 'f', 'If-None-Match: W/ETAG', 304],
    ['F-H 22 If-None-Match of another file', 'f', 'If-None-Match: "x"', 200],
    ['F-H 22 If-None-Match for firmware', 'f.efi', 'If-None-Match: ETAG', 200],
    ['F-H 22 If-None-Match for firmware, upper case', 'F.ISO', 'If-None-Match: *', 200],
  ])('%s (%s, %s) is %i', async (_title, name, header, status) => {
    const files = fixed({ [name]: CONTENT });
    const { port } = await plane({ files });
    const etag = at(await ask(port, `HEAD /artifacts/${name}`), 'etag') ?? expect.fail('no ETag');
    const answer = await ask(port, `GET /artifacts/${name}`, header.replace('ETAG', etag));
    expect(answer.status).toBe(status);
    expect(answer.body.toString()).toBe(
      status === 200 ? CONTENT.toString() : status === 304 ? '' : 'The file is not the one that you mean.\n',
    );
    await expect.poll(files.unclosed).toBe(0);
  });

  test.each([
    ['this ETag', 'ETAG', 206],
    ['this date', CHANGED, 206],
    ['another ETag', '"x"', 200],
    ['a weak ETag', 'W/ETAG', 200],
    ['another date', BEFORE, 200],
  ])('D-04 F-H 22 If-Range with %s', async (_title, header, status) => {
    const { port } = await plane({ files: fixed({ f: CONTENT }) });
    const etag = at(await ask(port, 'HEAD /artifacts/f'), 'etag') ?? expect.fail('no ETag');
    const answer = await ask(port, 'GET /artifacts/f', 'Range: bytes=3-4', `If-Range: ${header.replace('ETAG', etag)}`);
    expect(answer.status).toBe(status);
    expect(answer.body.toString()).toBe(status === 206 ? '34' : CONTENT.toString());
  });

  test('D-01 D-03 HEAD, then GET on the same connection; equal headers; the connection is kept', async () => {
    const { port } = await plane({ files: fixed({ 'boot/ipxe.efi': CONTENT }) });
    const wire = await dial(port);
    wire.write(request('HEAD /artifacts/boot/ipxe.efi', 'User-Agent: UefiHttpBoot/1.0'));
    const head = await wire.next(true);
    wire.write(request('GET /artifacts/boot/ipxe.efi', 'User-Agent: UefiHttpBoot/1.0'));
    const get = await wire.next();
    wire.write(request('GET /artifacts/boot/missing.efi'));
    const missing = await wire.next();
    wire.socket.destroy();
    expect(head.statusLine).toBe(get.statusLine);
    expect(without(head, 'date')).toEqual(without(get, 'date'));
    expect(get.body).toEqual(CONTENT);
    expect(missing.status).toBe(404);
    expect([head, get, missing].map((answer) => at(answer, 'connection'))).toEqual([
      'keep-alive',
      'keep-alive',
      'keep-alive',
    ]);
  });

  test.each([
    '//artifacts//boot///ipxe.efi',
    '/artifacts/./boot/ipxe.efi',
    '/artifacts/boot/ipxe.efi?',
    '/artifacts/boot/ipxe%2eefi',
  ])('D-05 F-H 16 %s is served, not redirected', async (path) => {
    const { port } = await plane({ files: fixed({ 'boot/ipxe.efi': CONTENT }) });
    const answer = await ask(port, `GET ${path}`);
    expect([answer.status, at(answer, 'content-type'), answer.body]).toEqual([200, 'application/efi', CONTENT]);
  });

  test('an artifact is one event, after its last byte, with who holds the address', async () => {
    const { port, told } = await plane({
      files: fixed({ f: CONTENT }),
      leases: { '127.0.0.1': '52:54:00:aa:bb:01' },
    });
    await ask(port, 'HEAD /artifacts/f');
    await ask(port, 'GET /artifacts/f?token=secret', 'Range: bytes=0-4');
    await ask(port, 'GET /artifacts/nope?token=secret');
    expect(await told(2)).toEqual([
      {
        kind: 'artifact',
        path: 'f',
        status: 206,
        mac: '52:54:00:aa:bb:01',
        name: undefined,
        address: '127.0.0.1',
        delivery: { bytes: 5, outcome: 'complete' },
      },
      {
        kind: 'refused',
        why: 'no-such-artifact',
        path: '/artifacts/nope',
        mac: undefined,
        detail: 'missing: no nope',
        address: '127.0.0.1',
        delivery: { bytes: 18, outcome: 'complete' },
      },
    ]);
  });
});

function without(received: Received, name: string): ReadonlyMap<string, string> {
  return new Map([...received.headers].filter(([key]) => key !== name));
}
