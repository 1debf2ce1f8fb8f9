import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';

const SOWER = fileURLToPath(new URL('../../packages/cli/bin/sower.js', import.meta.url));
const page = readFileSync(new URL('../../docs/leases.md', import.meta.url), 'utf8');
const blocks = (language: string) =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map((match) => match[1] ?? '');

const folder = mkdtempSync(join(tmpdir(), 'sower-docs-'));
afterAll(() => rmSync(folder, { recursive: true }));

function sower(words: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, [SOWER, ...words], { cwd: folder });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => (output += part.toString()));
  return new Promise((resolve) => child.on('close', () => resolve(output)));
}

const [example = ''] = blocks('json');
const document = JSON.parse(example) as { leases: readonly [Readonly<Record<string, unknown>>] };
const [lease] = document.leases;

const variant = (host: number, state: string, expires: string) => ({
  ...lease,
  address: `192.168.178.${host}`,
  mac: `52:54:00:12:34:${String(host % 100).padStart(2, '0')}`,
  state,
  since: '2026-01-01T08:00:00.000Z',
  expires,
  hostname: null,
});

/** The example's lease, and the three others of the list. */
const listed = {
  ...document,
  leases: [
    lease,
    variant(102, 'bound', '2026-01-02T15:04:05.000Z'),
    variant(103, 'released', '2026-01-01T08:00:00.000Z'),
    variant(104, 'quarantined', '2096-01-02T15:04:05.000Z'),
  ],
};

/** A command of the page, and what the page says that it prints. */
const commands = blocks('console').flatMap((block) =>
  [...block.matchAll(/^\$ sower (.*)\n((?:(?!\$ ).*\n)*)/gm)].map(([, words = '', printed = '']) => ({
    words,
    printed,
  })),
);

describe('docs/leases.md: every command prints what the page says', () => {
  test('the folder of the examples', async () => {
    writeFileSync(join(folder, 'leases.json'), example);
    writeFileSync(join(folder, 'listed.json'), JSON.stringify(listed));
    const stranger = { ...lease, mac: '52:54:00:12:34:99' };
    writeFileSync(join(folder, 'stranger.json'), JSON.stringify({ ...document, leases: [stranger] }));
    expect(await sower('leases import listed.json --state state'.split(' '))).toMatch(/^4 imported/);
    expect(commands.length).toBeGreaterThan(3);
  });

  test.each(commands)('$words', async ({ words, printed }) => {
    expect((await sower(words.split(' '))).trimEnd()).toBe(printed.trimEnd());
  });

  test('an export is the document of the page', async () => {
    expect(await sower('leases export --state other-state'.split(' '))).toBe(example);
  });
});
