// The whole main job, live: an isolated network, sower on it, and a UEFI machine that boots through every step.
// Linux and root. Everything happens in a network namespace of its own and is removed at the end, also after Ctrl-C.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fail, root, run, tool } from './lib.mjs';

const MACHINE = { mac: '52:54:00:aa:bb:01', uuid: '00000000-0000-4000-8000-525400aabb01' };
const DATA = 'test/e2e/data/demo.yaml';

if (process.platform !== 'linux') fail(`The demo needs Linux, this is ${process.platform}.`);
if (run('sh', ['scripts/system-packages.sh']) !== 0) fail('The demo needs the system packages named above.');
if (process.getuid() !== 0) fail('The demo needs root, for a network namespace: sudo npm run demo');

// The lab is shared with the tests, and in TypeScript, which the oldest Node.js that sower runs on cannot read.
if (run(tool('tsc'), ['-p', 'test/e2e/lab']) !== 0) fail('The lab does not compile: see above.');
const compiled = (name) => import(join(root, '.cache/lab-js', name));
const { layOutRelease } = await compiled('guest/release.js');
const { FIRMWARE } = await compiled('lab/firmware.js');
const { openLab } = await compiled('lab/lab.js');
const { startSower } = await compiled('lab/sower.js');

const begin = performance.now();
const tell = (who, what) => {
  const seconds = ((performance.now() - begin) / 1000).toFixed(1).padStart(6);
  console.log(`${seconds} s  ${who.padEnd(8)} ${what}`);
};

/** Boots the machine, with a line for each step as it happens; gives what the guest reports in the end. */
async function boot(lab) {
  tell('network', `namespace ${lab.network.name}: bridge br0, 192.168.50.1/24, nothing else`);
  const sources = join(root, 'test/e2e/guest');
  await layOutRelease('v1.7.0', sources, join(root, '.cache/guest'), join(lab.folder, 'artifacts'));
  tell('release', 'kernel, initrd and root file system are in place');
  const sower = await startSower(root, lab, readFileSync(join(root, DATA), 'utf8'));
  tell('sower', `serves ${DATA}: DHCP, TFTP and HTTP`);
  const machine = await lab.powerOn(FIRMWARE.uefiPxe, MACHINE);
  tell('machine', `${MACHINE.mac} is switched on: ${FIRMWARE.uefiPxe.title}`);

  const reported = machine.report();
  let told = 0;
  let over = false;
  while (!over) {
    over = await Promise.race([reported.then(() => true), sleep(100, false)]);
    const steps = await sower.events({ mac: MACHINE.mac });
    for (const { step, msg, level } of steps.slice(told)) if (level !== 'debug') tell(step, msg);
    told = steps.length;
  }
  return reported;
}

/** What the guest saw, its secrets masked. */
function show({ firmware, address, gateway, cmdline, rootfs, config }) {
  tell('guest', `has reported: ${firmware}, ${address}, gateway ${gateway}`);
  console.log(`\nKernel command line\n  ${cmdline.replaceAll(' ', '\n    ')}`);
  console.log(`\nRoot file system, SHA-256\n  ${rootfs}`);
  const masked = config.toString().replaceAll(/^(\s*(?:token|password):).*$/gm, '$1 ***');
  console.log(`\nIts config, with secrets masked\n  ${masked.trimEnd().replaceAll('\n', '\n  ')}\n`);
}

const stopped = Promise.race(['SIGINT', 'SIGTERM'].map((signal) => once(process, signal))).then(() => undefined);
const opening = openLab(root, 'demo', '192.168.50.1/24');
try {
  const report = await Promise.race([opening.then(boot), stopped]);
  if (report !== undefined) show(report);
  process.exitCode = report === undefined ? 130 : 0;
} catch (error) {
  console.error(`The demo failed: ${error.message}`);
  console.error(await opening.then((lab) => lab.diagnosis()).catch(() => ''));
  process.exitCode = 1;
} finally {
  await opening.then((lab) => lab.close()).catch(() => {});
  tell('network', 'is removed');
}
