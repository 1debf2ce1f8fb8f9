import { readdirSync, readFileSync } from 'node:fs';
import { dhcpOptions } from '@sower/appliance/data';
import { findingsOf, formatVersion, parseInventory, PROFILE_RULES, RULES, type Version } from '@sower/machines';
import { describe, expect, test } from 'vitest';
import * as schema from '../../packages/machines/src/schema.ts';

const root = new URL('../../', import.meta.url);
const read = (name: string) => readFileSync(new URL(name, root), 'utf8');
const pages = [
  'README.md',
  'ARCHITECTURE.md',
  'CHANGELOG.md',
  ...readdirSync(new URL('docs', root)).map((name) => `docs/${name}`),
];

/** The fenced blocks of one language on a page. */
function blocks(page: string, language: string): readonly string[] {
  return [...read(page).matchAll(new RegExp(`^ *\`\`\`${language}\\n([\\s\\S]*?)^ *\`\`\``, 'gm'))].map(
    (match) => match[1] ?? '',
  );
}

describe('every YAML example is a valid data file', () => {
  test.each(pages.flatMap((page) => blocks(page, 'yaml').map((text, index) => ({ page, index, text }))))(
    '$page, block $index',
    ({ page, text }) => {
      // An example inside a numbered list is indented as a whole.
      const indent = /^ */.exec(text)?.[0].length ?? 0;
      const dedented = text.replaceAll(new RegExp(`^ {${indent}}`, 'gm'), '');
      const { inventory, problems } = parseInventory(dedented, page, { dhcpOptions });
      const found = [...problems, ...(inventory === undefined ? [] : findingsOf(inventory))];
      expect(found.filter(({ severity }) => severity === 'error')).toEqual([]);
    },
  );

  test('there are examples at all', () => {
    expect(blocks('README.md', 'yaml').length).toBeGreaterThan(1);
    expect(blocks('docs/data-yaml.md', 'yaml').length).toBeGreaterThan(0);
  });
});

test('examples/data.yaml has neither errors nor warnings', () => {
  const { inventory, problems } = parseInventory(read('examples/data.yaml'), 'examples/data.yaml');
  expect(problems).toEqual([]);
  expect(inventory === undefined ? [] : findingsOf(inventory)).toEqual([]);
});

describe('docs/data-yaml.md names every key of the schema', () => {
  const page = read('docs/data-yaml.md');
  const sections = Object.values(schema).filter((section) => 'keys' in section);
  test.each(sections.flatMap(({ title, keys }) => Object.values(keys).map(({ name }) => ({ title, name }))))(
    '$name of $title',
    ({ name }) => expect(page).toMatch(new RegExp(`\\b${name}\\b`)),
  );
});

describe('docs/lint.md has every rule as the code has it', () => {
  const rows = read('docs/lint.md').split('\n');
  const shown = (version: Version | undefined) => (version === undefined ? '' : formatVersion(version));
  const releases = ({ since, until }: (typeof RULES)[number]) => {
    if (since === undefined && until === undefined) return 'all';
    if (since === undefined) return `up to ${shown(until)}`;
    return until === undefined ? `from ${shown(since)}` : `${shown(since)} to ${shown(until)}`;
  };
  test.each(RULES)('$id', (rule) => {
    const { id, level, text, hint, needsCluster } = rule;
    expect(rows).toContain(
      `| \`${id}\`${needsCluster ? '*' : ''} | ${level} | ${releases(rule)} | ${text} | ${hint} |`,
    );
  });
});

describe('docs/lint.md has every rule for profiles as the code has it', () => {
  const rows = read('docs/lint.md').split('\n');
  test.each(PROFILE_RULES)('$id', ({ id, level, text, hint }) => {
    expect(rows).toContain(`| \`${id}\` | ${level} | ${text} | ${hint} |`);
  });
});

describe('every script that the documents name exists', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  const named = pages.flatMap((page) =>
    [...read(page).matchAll(/npm (?:run )?(start|test|setup|demo|check|[a-z:-]+-[a-z:-]+)\b/g)].map((match) => ({
      page,
      script: match[1] ?? '',
    })),
  );
  test.each(named)('$script in $page', ({ script }) => expect(Object.keys(scripts)).toContain(script));
});

describe('every link between the documents leads somewhere', () => {
  const links = pages.flatMap((page) =>
    [...read(page).matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g)].map((match) => ({ page, link: match[1] ?? '' })),
  );
  test.each(links)('$link in $page', ({ page, link }) => {
    expect(() => read(new URL(link, new URL(page, root)).pathname.slice(root.pathname.length))).not.toThrow();
  });
});

describe('every reason and step that docs/troubleshooting.md names is one that the log can have', () => {
  const source = readdirSync(new URL('packages', root)).flatMap((name) => sourcesIn(`packages/${name}/src`));
  const first = [...read('docs/troubleshooting.md').matchAll(/^\| ([^|]*`[^|]*) \|/gm)].map((match) => match[1] ?? '');
  const words = first.flatMap((cell) => [...cell.matchAll(/`([a-z]+(?:-[a-z]+)+)`/g)].map((match) => match[1] ?? ''));
  test.each([...new Set(words)])('%s', (word) => expect(source.some((text) => text.includes(`'${word}'`))).toBe(true));
  test('and there are some', () => expect(words.length).toBeGreaterThan(10));
});

function sourcesIn(folder: string): readonly string[] {
  return readdirSync(new URL(folder, root), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => read(`${folder}/${name}`));
}
