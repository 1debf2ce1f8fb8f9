import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openSource } from '../src/source.ts';

const run = promisify(execFile);

let folder = '';
const tree = () => join(folder, 'ipxe');
const workshop = () => ({
  cache: join(folder, 'cache'),
  progress: () => undefined,
  signal: new AbortController().signal,
});
const open = (text: string) => openSource(text, workshop());

/** What a build leaves in a tree. */
const RESULTS = ['bin/main.o', 'bin-x86_64-efi/main.o', '.echocheck', 'util/zbin', 'util/elf2efi64', 'util/einfo'].map(
  (name) => join('src', name),
);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sower-source-'));
  for (const path of ['src/core', 'src/util', 'src/bin', 'src/bin-x86_64-efi'])
    await mkdir(join(tree(), path), { recursive: true });
  await writeFile(join(tree(), 'COPYING'), 'yes\n');
  await writeFile(join(tree(), 'src/Makefile'), 'all:\n');
  for (const source of ['core/main.c', 'util/zbin.c']) await writeFile(join(tree(), 'src', source), 'int main;\n');
  for (const result of RESULTS) await writeFile(join(tree(), result), 'old\n');
});
afterEach(() => rm(folder, { recursive: true }));

/** The files of a copy of the source. */
async function copyOf(text: string): Promise<readonly string[]> {
  const { copyTo } = await open(text);
  const copy = await mkdtemp(join(folder, 'copy-'));
  await copyTo(copy);
  const entries = await readdir(copy, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.map((entry) => join(entry.parentPath, entry.name).slice(copy.length + 1)).toSorted();
}

const SOURCE = ['src/Makefile', 'src/core/main.c', 'src/util/zbin.c'];

describe('a folder', () => {
  test('is copied without the results of earlier builds', async () => {
    expect(await copyOf(tree())).toEqual(['COPYING', ...SOURCE]);
  });

  test('may be its src alone', async () => {
    expect(await copyOf(join(tree(), 'src'))).toEqual(SOURCE);
  });

  test('keeps its time stamps: make compares them', async () => {
    await utimes(join(tree(), 'src/Makefile'), 946_684_800, 946_684_800);
    await (await open(tree())).copyTo(join(folder, 'copy'));
    const { stdout } = await run('stat', ['-c', '%Y', join(folder, 'copy/src/Makefile')]);
    expect(stdout).toBe('946684800\n');
  });

  test('is known by its content: not by its place, and not by the results of builds', async () => {
    const { facts } = await open(tree());
    await cp(tree(), join(folder, 'elsewhere'), { recursive: true });
    for (const result of RESULTS) await writeFile(join(tree(), result), 'new\n');
    expect((await open(tree())).facts).toEqual(facts);
    expect((await open(join(folder, 'elsewhere'))).facts).toEqual(facts);
  });

  test.each([
    ['content', () => writeFile(join(tree(), 'src/core/main.c'), 'int mein;\n')],
    ['name', () => rename(join(tree(), 'src/core/main.c'), join(tree(), 'src/core/mein.c'))],
    ['executable bit', () => run('chmod', ['+x', join(tree(), 'src/core/main.c')])],
    ['file', () => writeFile(join(tree(), 'src/core/new.c'), '')],
  ])('another %s is another source', async (_, change) => {
    const { facts } = await open(tree());
    await change();
    expect((await open(tree())).facts).not.toEqual(facts);
  });
});

describe('a tarball', () => {
  test.each(['tar', 'tar.gz', 'tar.xz', 'tar.zst'])('%s, with one folder at its top', async (kind) => {
    const file = join(folder, `ipxe.${kind}`);
    await run('tar', ['-C', folder, '--auto-compress', '-cf', file, '--exclude=bin*', 'ipxe']);
    const { facts } = await open(file);
    const { stdout } = await run('sha256sum', [file]);
    expect(facts).toEqual({ kind: 'tarball', sha256: stdout.split(' ')[0] });
    expect(await copyOf(file)).toEqual(['COPYING', ...SOURCE]);
  });

  test('that is none', async () => {
    await writeFile(join(folder, 'a.tar'), 'hello');
    await expect(open(join(folder, 'a.tar'))).rejects.toThrow(/tar failed: /);
  });
});

describe('a git address', () => {
  const repository = () => `file://${folder}/ipxe`;
  const git = (...words: readonly string[]) =>
    run('git', ['-C', tree(), '-c', 'user.name=a', '-c', 'user.email=a@b.example', ...words]);

  /** Two commits, the first one tagged. Gives both, first the first. */
  async function commits(): Promise<readonly string[]> {
    await git('init', '-q', '-b', 'main');
    await git('add', 'COPYING', ...SOURCE);
    await git('commit', '-qm', 'one');
    await git('tag', '-a', '-m', 'first', 'v1');
    await writeFile(join(tree(), 'src/core/new.c'), '');
    await git('add', 'src/core/new.c');
    await git('commit', '-qm', 'two');
    return (await git('log', '--reverse', '--format=%H')).stdout.trim().split('\n');
  }

  test('without a ref, with a branch, with a tag', async () => {
    const [first, second] = await commits();
    const commitOf = async (ref: string) => (await open(`${repository()}${ref}`)).facts;
    expect(await commitOf('')).toEqual({ kind: 'git', url: repository(), commit: second });
    expect(await commitOf('#main')).toMatchObject({ commit: second });
    expect(await commitOf('#v1')).toMatchObject({ commit: first });
    expect(await copyOf(`${repository()}#v1`)).toEqual(['COPYING', ...SOURCE]);
  });

  test('the repository’s own branch, and no other ref that ends in its name', async () => {
    const [first = '', second] = await commits();
    for (const other of ['refs/heads/topic/main', 'refs/remotes/origin/main', 'refs/remotes/origin/HEAD'])
      await git('update-ref', other, first);
    for (const ref of ['', '#HEAD', '#main', '#refs/heads/main', '#heads/main'])
      expect((await open(`${repository()}${ref}`)).facts).toMatchObject({ commit: second });
    expect((await open(`${repository()}#topic/main`)).facts).toMatchObject({ commit: first });
  });

  test('a full commit that was fetched once needs nobody any more', async () => {
    const [first = ''] = await commits();
    await open(`${repository()}#${first}`);
    await rm(tree(), { recursive: true });
    expect(await copyOf(`${repository()}#${first}`)).toEqual(['COPYING', ...SOURCE]);
  });

  test('a ref that is not there', async () => {
    await commits();
    await expect(open(`${repository()}#v2`)).rejects.toThrow(/has no v2: name a branch, a tag, or a commit/);
  });
});

test.each([
  ['absent', /absent is not there: name a folder .* a tarball .* or a git URL/],
  ['--upload-pack=x.git', /is not there: name a folder/],
])('%s is no source', async (text, message) => {
  await expect(open(text)).rejects.toThrow(message);
});

test('a folder without a Makefile is no source of iPXE', async () => {
  await rm(join(tree(), 'src/Makefile'));
  await expect(open(tree())).rejects.toThrow(/no source of iPXE: there is no src\/Makefile/);
  expect(await readFile(join(tree(), 'COPYING'), 'utf8')).toBe('yes\n');
});
