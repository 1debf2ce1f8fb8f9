// The benchmark against the servers people use today; see bench/main.ts. Linux, Debian or Ubuntu, and root.
import { fail, root, run, tool } from './lib.mjs';

if (process.platform !== 'linux') fail(`The benchmark needs Linux, this is ${process.platform}.`);
if (process.getuid() !== 0) fail('The benchmark needs root, for network namespaces: sudo npm run bench');
if (run(tool('tsc'), ['-p', 'bench']) !== 0) fail('The benchmark does not compile: see above.');
process.exitCode = run('node', [`${root}bench/dist/bench/main.js`, ...process.argv.slice(2)]);
