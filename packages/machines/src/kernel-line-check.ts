import type { ApplianceSettings, Machine } from './inventory.ts';
import { artifactUrl } from './links.ts';
import type { Report } from './problems.ts';
import { installOf } from './profiles/install.ts';

/** Bytes of a command line that an x86 kernel keeps for sure (D-14). */
const MAX_LINE = 2048;

/** The longest base URL that is made where `http.url` is absent. */
const LONGEST_BASE = 'http://255.255.255.255:65535';

/** Reports machines whose kernel line is too long to reach the kernel whole. */
export function checkKernelLines(machines: readonly Machine[], appliance: ApplianceSettings, report: Report): void {
  const base = appliance.http.url ?? LONGEST_BASE;
  for (const machine of machines) {
    // what a template lacks has been told, and there is no line to measure
    if (machine.unfilled.length > 0) continue;
    const install = installOf(machine);
    const urls = Object.entries(install.files(appliance.templates)).map(
      ([name, [path = '']]) => [name, artifactUrl(base, appliance.artifacts, path)] as const,
    );
    const { length } = install.kernelArguments(base, Object.fromEntries(urls)).join(' ');
    if (length > MAX_LINE) {
      const what = `its kernel line would have ${length} characters, more than the ${MAX_LINE} that a kernel takes`;
      report.error(machine.place, what, 'fewer `dns_nameservers`, or a shorter `http.url`');
    }
  }
}
