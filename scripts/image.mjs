// Builds the container image `sower:<version>`, or the name given, from this clone: node scripts/image.mjs [NAME]
// npm packages come from the clone's own store, so the build in Docker needs nothing but a Debian mirror.
// SOWER_DOCKER names another docker client, SOWER_DOCKER_BASE another base image.
import { cpSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { fail, root, run } from './lib.mjs';

if (run('node', ['scripts/setup.mjs']) !== 0) process.exit(1);

const { version } = JSON.parse(readFileSync(`${root}packages/cli/package.json`, 'utf8'));
const { devEngines } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
const [name = `sower:${version}`] = process.argv.slice(2);
const base = process.env.SOWER_DOCKER_BASE;
const context = `${root}.cache/image`;
const app = `${context}/app`;

// Production dependencies alone, as plain files: no links that lead out of the image.
rmSync(context, { recursive: true, force: true });
mkdirSync(context, { recursive: true });
const pnpm = ['--yes', `pnpm@${devEngines.packageManager.version}`, '--config.node-linker=hoisted'];
if (run('npx', [...pnpm, '--filter', '@sower/cli', 'deploy', '--prod', '--prefer-offline', app]) !== 0) {
  fail('The application could not be put together: see above.');
}
// What pnpm leaves for itself has the paths of this host in it.
for (const left of ['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'node_modules/.pnpm', 'node_modules/.modules.yaml'])
  rmSync(`${app}/${left}`, { recursive: true, force: true });
rmSync(`${app}/node_modules/.pnpm-workspace-state-v1.json`, { force: true });
cpSync(`${root}packages/cli/package.json`, `${app}/package.json`);

const build = ['build', '--network=host', '--file', 'docker/Dockerfile', '--tag', name];
const words = [...build, ...(base === undefined ? [] : ['--build-arg', `BASE=${base}`]), context];
if (run(process.env.SOWER_DOCKER ?? 'docker', words, { env: { ...process.env, DOCKER_BUILDKIT: '1' } }) !== 0) {
  fail('The image could not be built: see above.');
}
console.log(`${name} is built.`);
