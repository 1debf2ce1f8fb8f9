// Install and build, each only when needed: what `npm start` and `npm test` share. Needs nothing but Node.js and npm.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fail, root, run, tool } from './lib.mjs';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  fail(`sower needs Node.js 20.19 or newer, and this is ${process.version}. See https://nodejs.org.`);
}

const manifests = [
  'pnpm-lock.yaml',
  'pnpm-workspace.yaml',
  'package.json',
  'bench/package.json',
  ...readdirSync(`${root}packages`).map((name) => `packages/${name}/package.json`),
];
const wanted = createHash('sha256');
for (const name of manifests) wanted.update(readFileSync(root + name));
wanted.update(process.versions.modules);
const stamp = `${root}node_modules/.sower-installed`;
const digest = wanted.digest('hex');

if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== digest) {
  const { devEngines } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
  const pnpm = `pnpm@${devEngines.packageManager.version}`;
  console.log(`Installing the dependencies with ${pnpm} …`);
  if (run('npx', ['--yes', pnpm, 'install', '--frozen-lockfile']) !== 0) {
    fail('The dependencies could not be installed: see above. Is the npm registry in reach?');
  }
  writeFileSync(stamp, digest);
}

// `tsc -b` compares time stamps and contents itself: with nothing to do it costs under a second.
if (run(tool('tsc'), ['-b']) !== 0) fail('The build failed: see above.');
