// Which requirements of the protocol sheet no test names. A test covers an ID by quoting it: `C-18 …`.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './lib.mjs';

const tests = ['packages', 'test'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true })
    .filter((name) => name.endsWith('.test.ts') && !name.includes('node_modules'))
    .map((name) => readFileSync(join(root, folder, name), 'utf8')),
);
const withoutComments = tests.map((text) => text.replaceAll(/^\s*(?:\/\/|\/?\*).*$/gm, ''));
const quoted = new Set(withoutComments.flatMap((text) => text.match(/\b[A-DGN]-\d+[a-z]?\b/g) ?? []));
const requirements = JSON.parse(readFileSync(join(root, 'test/fixtures/protocol.json'), 'utf8'));
for (const level of ['MUST', 'MUST NOT', 'SHOULD', 'MAY']) {
  const all = requirements.filter((requirement) => requirement.level === level);
  const open = all.filter(({ id }) => !quoted.has(id));
  console.log(`${level}: ${all.length - open.length} of ${all.length} are named by a test`);
  for (const { id, title } of open) console.log(`  ${id}  ${title}`);
}
