import { execFileSync } from 'node:child_process';
import { appendFile, mkdir, rename, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { folder } from '../src/folder.ts';
import { FileChanged, refusalOf } from '../src/regular.ts';
import { mustBeOpen, outcomeOf, tempFolder } from './temp.ts';

const hostile = [
  ['F-T 03 the empty name', '', 'forbidden'],
  ['F-T 06 256 characters', 'a'.repeat(256), 'missing'],
  ['F-T 06 1,024 characters', 'a'.repeat(1024), 'missing'],
  ['F-T 06 4,096 characters', 'a'.repeat(4096), 'missing'],
  ['F-T 06 500 segments', `${'a/'.repeat(500)}a`, 'missing'],
  ['F-T 07 dot-dot first', '../secret', 'forbidden'],
  ['F-T 07 dot-dot inside', 'sub/../../secret', 'forbidden'],
  ['F-T 07 dot-dot that stays inside', 'sub/../plain.txt', 'forbidden'],
  ['F-T 07 dot-dot last', 'sub/..', 'forbidden'],
  ['F-T 07 backslashes', '..\\..\\secret', 'forbidden'],
  ['F-T 07 four dots are a name', '..../secret', 'missing'],
  ['F-T 07 percent is a letter', '%2e%2e/secret', 'missing'],
  ['F-T 08 absolute', '/etc/passwd', 'forbidden'],
  ['F-T 08 a drive letter', 'C:/Windows/win.ini', 'missing'],
  ['F-T 08 a URL', 'file:///etc/passwd', 'forbidden'],
  ['F-T 08 a home', '~root/x', 'missing'],
  ['F-T 09 a newline', 'plain.txt\n', 'forbidden'],
  ['F-T 09 ESC', '\u001bplain.txt', 'forbidden'],
  ['F-T 09 NUL', 'plain.txt\0.efi', 'forbidden'],
  ['F-T 09 right-to-left override', 'plain\u202etxt', 'missing'],
  ['F-H 15 a dot segment', './plain.txt', 'forbidden'],
  ['F-H 15 an empty segment', 'sub//inner.txt', 'forbidden'],
  ['F-H 15 a trailing slash', 'plain.txt/', 'forbidden'],
  ['a file used as a folder', 'plain.txt/x', 'missing'],
] as const;

describe('C-24 D-10 names', () => {
  test.each(hostile)('%s', async (_, name, expected) => {
    const parent = await tempFolder({
      secret: 'secret',
      'root/plain.txt': 'plain',
      'root/sub/inner.txt': 'inner',
    });
    expect(await outcomeOf(await folder(join(parent, 'root')).open(name))).toBe(expected);
  });

  test.each(['plain.txt', 'sub/inner.txt', 'empty', 'name with space', 'ümlaut', '..hidden', 'a:b'])(
    'a good name: %s',
    async (name) => {
      const content = name === 'empty' ? '' : `content of ${name}`;
      const root = await tempFolder({ [name]: content });
      expect(await outcomeOf(await folder(root).open(name))).toBe(content);
    },
  );
});

describe('C-24 F-T 10 links', () => {
  test.each([
    ['to a file inside', 'plain.txt', 'plain'],
    ['to a folder inside', 'sub', 'forbidden'],
    ['out of the root', '../secret', 'forbidden'],
    ['to a sibling whose name begins like the root', '../root-private/key', 'forbidden'],
    ['absolute, out of the root', '/etc/hostname', 'forbidden'],
    ['dangling', 'nowhere', 'missing'],
    ['to itself', 'link', 'forbidden'],
  ])('%s', async (_, target, expected) => {
    const parent = await tempFolder({
      secret: 'secret',
      'root-private/key': 'key',
      'root/plain.txt': 'plain',
      'root/sub/inner.txt': 'inner',
    });
    await symlink(target, join(parent, 'root', 'link'));
    expect(await outcomeOf(await folder(join(parent, 'root')).open('link'))).toBe(expected);
  });

  test('through a linked folder inside, and not through one that leads out', async () => {
    const parent = await tempFolder({ 'out/x': 'secret', 'root/sub/inner.txt': 'inner' });
    await symlink('sub', join(parent, 'root', 'in'));
    await symlink('../out', join(parent, 'root', 'away'));
    const source = folder(join(parent, 'root'));
    expect(await outcomeOf(await source.open('in/inner.txt'))).toBe('inner');
    expect(await outcomeOf(await source.open('away/x'))).toBe('forbidden');
  });

  test('the root itself may be a link, may be replaced, and may be absent', async () => {
    const parent = await tempFolder({ 'one/x': 'one', 'two/x': 'two' });
    const source = folder(join(parent, 'current'));
    expect(await outcomeOf(await source.open('x'))).toBe('missing');
    await symlink('one', join(parent, 'current'));
    expect(await outcomeOf(await source.open('x'))).toBe('one');
    await symlink('two', join(parent, 'next'));
    await rename(join(parent, 'next'), join(parent, 'current'));
    expect(await outcomeOf(await source.open('x'))).toBe('two');
  });
});

describe('C-24 F-T 11 F-H 32 only regular files', () => {
  test('a folder', async () => {
    const root = await tempFolder({ 'sub/inner.txt': 'inner' });
    expect(await folder(root).open('sub')).toMatchObject({ refused: 'forbidden' });
  });

  test('a FIFO without a writer does not block', async () => {
    const root = await tempFolder();
    execFileSync('mkfifo', [join(root, 'pipe')]);
    expect(await folder(root).open('pipe')).toMatchObject({ refused: 'forbidden' });
  });

  test('a socket', async () => {
    const root = await tempFolder();
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(join(root, 'sock'), resolve));
    onTestFinished(() => void server.close());
    expect(await folder(root).open('sock')).toMatchObject({ refused: 'forbidden' });
  });

  test('a device', async () => {
    expect(await folder('/dev').open('null')).toMatchObject({ refused: 'forbidden' });
  });

  test.each([
    ['mode 000', 'EACCES', 'forbidden'],
    ['a security module', 'EPERM', 'forbidden'],
    ['no more descriptors', 'EMFILE', undefined],
    ['a broken disk', 'EIO', undefined],
  ])('%s (%s)', (_, code, expected) => {
    expect(refusalOf(Object.assign(new Error(code), { code }))?.refused).toBe(expected);
  });
});

describe('C-31 F-T 29 F-H 31 what was opened is what is read', () => {
  test.each([
    ['truncated', (path: string) => truncate(path, 3)],
    ['appended', (path: string) => appendFile(path, 'more')],
    [
      'rewritten in place, same size',
      async (path: string) => {
        await writeFile(path, 'CONTENT');
        await utimes(path, 1, 1); // a clock tick may be longer than this test
      },
    ],
  ])('%s: the read rejects', async (_, change) => {
    const root = await tempFolder({ x: 'content' });
    const file = mustBeOpen(await folder(root).open('x'));
    expect(Buffer.from(await file.read(0, 3)).toString()).toBe('con');
    await change(join(root, 'x'));
    await expect(file.read(0, 7)).rejects.toBeInstanceOf(FileChanged);
    await file.close();
  });

  test.each([
    ['unlinked', (root: string) => rm(join(root, 'x'))],
    ['replaced by rename', (root: string) => rename(join(root, 'y'), join(root, 'x'))],
    [
      'its folder renamed',
      async (root: string) => {
        await mkdir(join(root, 'away'));
        await rename(join(root, 'x'), join(root, 'away', 'x'));
      },
    ],
  ])('%s: the old content is served on', async (_, change) => {
    const root = await tempFolder({ x: 'content', y: 'another' });
    const source = folder(root);
    const file = mustBeOpen(await source.open('x'));
    await change(root);
    expect(await outcomeOf(file)).toBe('content');
  });

  test('the version changes with the content and with the file, and only then', async () => {
    const root = await tempFolder({ x: 'content', y: 'content' });
    const versionOf = async (name: string) => {
      const file = mustBeOpen(await folder(root).open(name));
      await file.close();
      return file.version;
    };
    const first = await versionOf('x');
    expect(await versionOf('x')).toBe(first);
    expect(await versionOf('y')).not.toBe(first);
    await appendFile(join(root, 'x'), '!');
    expect(await versionOf('x')).not.toBe(first);
  });
});

test.each([
  [0, 4, 'cont'],
  [4, 100, 'ent'],
  [7, 1, ''],
  [9, 1, ''],
  [3, 0, ''],
])('read(%i, %i) gives what is there', async (position, length, expected) => {
  const root = await tempFolder({ x: 'content' });
  const file = mustBeOpen(await folder(root).open('x'));
  expect(Buffer.from(await file.read(position, length)).toString()).toBe(expected);
  await file.close();
});

test('F-T 13 a sparse file beyond 4 GiB: true size, and bytes at its end', async () => {
  const root = await tempFolder({ big: '' });
  await truncate(join(root, 'big'), 2 ** 32 + 1);
  const file = mustBeOpen(await folder(root).open('big'));
  expect(file.size).toBe(4294967297);
  expect(await file.read(2 ** 32 - 1, 10)).toHaveLength(2);
  await file.close();
});
