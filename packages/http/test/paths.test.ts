import { mkdtemp, mkdir, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { folder } from '@sower/files';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { formatTarget, readTarget } from '../src/target.ts';
import { fixed, plane } from './support/plane.ts';
import { ask, dial, request } from './support/wire.ts';

describe('paths', () => {
  test.each([
    ['F-H 15', '/artifacts/../etc/passwd'],
    ['F-H 15', '/../etc/passwd'],
    ['F-H 15', '/artifacts/%2e%2e/x'],
    ['F-H 15', '/artifacts/.%2E/x'],
    ['F-H 15', '/artifacts/..%2fx'],
    ['F-H 15', '/artifacts/a%2Fb'],
    ['F-H 15', '/artifacts/..%5cx'],
    ['F-H 15', '/artifacts/a\\b'],
    ['F-H 15', '/artifacts/%c0%ae%c0%ae/x'],
    ['F-H 15', '/artifacts/x%00.efi'],
    ['F-H 15', '/artifacts/x%0d%0aSet-Cookie:a'],
    ['F-H 17', '/artifacts/%zz'],
    ['F-H 17', '/artifacts/%'],
    ['F-H 17', '/artifacts/%u0041'],
    ['F-H 17', '/artifacts/%ff%fe'],
  ])('D-10 %s %s is 400 in plain text', async (_id, path) => {
    const { port } = await plane({ files: fixed({ x: 'x', 'a/b': 'x', 'etc/passwd': 'x' }) });
    const answer = await ask(port, `GET ${path}`);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([400, 'text/plain']);
    expect(answer.body.toString()).toBe('This path cannot be read.\n');
  });

  test.each([
    ['D-10 F-H 15 decoded once', '/artifacts/%252e%252e/x', 'two dots, literally'],
    ['D-10 a space', '/artifacts/a%20b', 'a space'],
    ['D-10 a plus is a plus', '/artifacts/a+b', 'a plus'],
    ['D-10 UTF-8', '/artifacts/%C3%A4', 'an umlaut'],
    ['F-H 07 D-09 absolute form', 'http://other.example:99/artifacts/a+b', 'a plus'],
    ['F-H 18 a lone ?', '/artifacts/a+b?', 'a plus'],
    ['F-H 18 the same key twice', '/artifacts/a+b?mac=1&mac=2', 'a plus'],
    ['F-H 41 __proto__', '/artifacts/a+b?__proto__[x]=1&constructor=2', 'a plus'],
    ['F-H 39 markup in the query', '/artifacts/a+b?<script>', 'a plus'],
  ])('%s: %s is served', async (_title, path, content) => {
    const files = { '%2e%2e/x': 'two dots, literally', 'a b': 'a space', 'a+b': 'a plus', ä: 'an umlaut' };
    const { port } = await plane({ files: fixed(files) });
    expect((await ask(port, `GET ${path}`)).body.toString()).toBe(content);
  });

  test.each([
    '/',
    '/nothing',
    '/artifacts',
    '/artifacts/',
    '/ipxe',
    '/config/x',
    '/__proto__',
    '/constructor',
    '/IPXE/x',
    '/api/machines',
    '/metrics',
    '/ui',
  ])('D-08 D-22 F-H 36 %s is a short 404 in plain text, and the connection is kept', async (path) => {
    const { port } = await plane({});
    const answer = await ask(port, `GET ${path}`);
    expect(answer.statusLine).toBe('HTTP/1.1 404 Not Found');
    expect(answer.headers.get('content-type')).toBe('text/plain');
    expect(answer.headers.get('connection')).toBe('keep-alive');
    expect(answer.body.length).toBeLessThanOrEqual(128);
  });

  test('F-H 17 a path of 4 KiB is only missing', async () => {
    const { port } = await plane({});
    expect((await ask(port, `GET /artifacts/${'a'.repeat(4096)}`)).status).toBe(404);
  });

  test('a target means what it says: reading its one written form gives it back', () => {
    const name = fc
      .string({ unit: 'grapheme', minLength: 1 })
      .filter((text) => !/^\.{1,2}$|[/\\]|\p{Cc}|\p{Cs}/u.test(text));
    fc.assert(
      fc.property(fc.array(name), (target) => {
        expect(readTarget(formatTarget(target))).toEqual(target);
      }),
    );
  });

  test('D-10 whatever comes, no segment leads upwards or holds a separator', () => {
    const piece = fc.constantFrom(
      '.',
      '..',
      '/',
      '%2e',
      '%2f',
      '%5c',
      '\\',
      '%',
      '%00',
      'a',
      '%25',
      '?',
      '#',
      ':',
      'http:',
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        for (const segment of readTarget(pieces.join('')) ?? []) expect(segment).toMatch(/^(?!\.\.$)[^/\\\p{Cc}]+$/u);
      }),
    );
  });
});

describe('paths in a real folder', () => {
  let base = '';
  beforeAll(async () => {
    base = await mkdtemp(join(tmpdir(), 'sower-http-'));
    await mkdir(join(base, 'root', 'dir'), { recursive: true });
    await writeFile(join(base, 'secret'), 'secret');
    await writeFile(join(base, 'root', 'file'), 'content');
    await writeFile(join(base, 'root', 'sparse'), '');
    await truncate(join(base, 'root', 'sparse'), 5 * 2 ** 30);
    await symlink('../secret', join(base, 'root', 'out'));
  });
  afterAll(() => rm(base, { recursive: true }));

  test.each([
    ['D-05 F-H 32 a directory', 'dir'],
    ['D-05 F-H 32 a directory with a slash', 'dir/'],
    ['F-H 32 a link that leads out', 'out'],
    ['F-H 32 nothing there', 'nope'],
    ['F-H 32 a file used as a directory', 'file/x'],
  ])('%s (%s) is 404, HEAD and GET alike, and tells nothing', async (_title, path) => {
    const { port } = await plane({ files: folder(join(base, 'root')) });
    const wire = await dial(port);
    wire.write(request(`HEAD /artifacts/${path}`));
    const head = await wire.next(true);
    wire.write(request(`GET /artifacts/${path}`));
    const get = await wire.next();
    wire.socket.destroy();
    expect([head.status, get.status, get.body.toString()]).toEqual([404, 404, 'No such artifact.\n']);
    expect(head.headers.get('content-length')).toBe('18');
  });

  test('F-H 32 D-02 a sparse file of 5 GiB: its size by HEAD, its last bytes by range', async () => {
    const { port } = await plane({ files: folder(join(base, 'root')) });
    expect((await ask(port, 'HEAD /artifacts/sparse')).headers.get('content-length')).toBe('5368709120');
    const end = await ask(port, 'GET /artifacts/sparse', 'Range: bytes=5368709116-');
    expect([end.status, end.headers.get('content-range')]).toEqual([206, 'bytes 5368709116-5368709119/5368709120']);
    expect(end.body).toEqual(Buffer.alloc(4));
  });

  test('F-H 31 D-04 a replaced file has another ETag, and a resume with the old one starts over', async () => {
    const { port } = await plane({ files: folder(join(base, 'root')) });
    await writeFile(join(base, 'root', 'image'), 'old content');
    const old = (await ask(port, 'HEAD /artifacts/image')).headers.get('etag') ?? expect.fail('no ETag');
    expect((await ask(port, 'GET /artifacts/image', 'Range: bytes=4-', `If-Match: ${old}`)).body.toString()).toBe(
      'content',
    );
    await writeFile(join(base, 'root', 'image'), 'new content, longer');
    expect((await ask(port, 'GET /artifacts/image', 'Range: bytes=4-', `If-Match: ${old}`)).status).toBe(412);
    const whole = await ask(port, 'GET /artifacts/image', 'Range: bytes=4-', `If-Range: ${old}`);
    expect([whole.status, whole.body.toString()]).toEqual([200, 'new content, longer']);
  });
});
