// Everything that shows that sower works: system packages, unit tests, and real firmware in virtual machines.
// The last line is `N passed, N failed[, N skipped]`. With CI=true a skipped test is a failure.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fail, root, run, tool } from './lib.mjs';

const ci = process.env.CI === 'true';
if (run('node', ['scripts/setup.mjs']) !== 0) process.exit(1);

/** Why the tests that need root, namespaces and virtual machines cannot run here; empty: they can. */
function unavailable() {
  if (process.platform !== 'linux') return `they need Linux, this is ${process.platform}`;
  const status = run('bash', ['scripts/system-packages.sh']);
  if (status === 0 && process.getuid() !== 0) return 'they need root, for network namespaces';
  return status === 0 ? '' : 'system packages are missing: see above, or run scripts/system-packages.sh as root';
}

const reason = unavailable();
if (reason !== '' && ci) fail(`With CI=true no test may be skipped, but the end-to-end tests cannot run: ${reason}`);

const folder = mkdtempSync(join(tmpdir(), 'sower-test-'));
const totals = { passed: 0, failed: 0, skipped: 0 };
for (const project of ['unit', 'e2e']) {
  const report = join(folder, `${project}.json`);
  const status = run(
    tool('vitest'),
    ['run', '--project', project, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
    {
      env: { ...process.env, SOWER_E2E_UNAVAILABLE: reason },
    },
  );
  count(report, status);
}
rmSync(folder, { recursive: true, force: true });

/** Adds one run's report; a run that failed without a failed test (a file that does not load) counts as one failure. */
function count(file, status) {
  let report;
  try {
    report = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    totals.failed += 1;
    return;
  }
  totals.passed += report.numPassedTests;
  totals.failed += report.numFailedTests;
  totals.skipped += report.numPendingTests + report.numTodoTests;
  if (status !== 0 && report.numFailedTests === 0) totals.failed += 1;
  for (const { name, assertionResults } of report.testResults) {
    const skipped = assertionResults.filter((test) => test.status === 'pending' || test.status === 'skipped');
    if (skipped.length > 0)
      console.log(`skipped in ${name.replace(root, '')}: ${skipped.map((test) => test.title).join('; ')}`);
  }
}

if (totals.skipped > 0 && reason !== '') console.log(`The end-to-end tests were skipped: ${reason}.`);
const bad = totals.failed > 0 || totals.passed === 0 || (ci && totals.skipped > 0);
console.log(
  `${totals.passed} passed, ${totals.failed} failed${totals.skipped > 0 ? `, ${totals.skipped} skipped` : ''}`,
);
process.exitCode = bad ? 1 : 0;
