import { artifactCandidates } from './artifacts.ts';
import type { ApplianceSettings, Machine } from './inventory.ts';
import { kernelArguments } from './kernel-line.ts';
import { artifactUrl } from './links.ts';
import type { Report } from './problems.ts';

/** Bytes of a command line that an x86 kernel keeps for sure (D-14). */
const MAX_LINE = 2048;

/** The longest base URL that is made where `http.url` is absent. */
const LONGEST_BASE = 'http://255.255.255.255:65535';

/** Reports machines whose kernel line is too long to reach the kernel whole. */
export function checkKernelLines(machines: readonly Machine[], appliance: ApplianceSettings, report: Report): void {
  const base = appliance.http.url ?? LONGEST_BASE;
  for (const machine of machines) {
    const { initrd, rootfs } = artifactCandidates(machine.version, appliance.templates);
    const url = (paths: readonly string[]) => artifactUrl(base, appliance.artifacts, paths[0] ?? '');
    const files = { kernel: '', initrd: url(initrd), rootfs: url(rootfs) };
    const { length } = kernelArguments(machine, base, files).join(' ');
    if (length > MAX_LINE) {
      const what = `its kernel line would have ${length} characters, more than the ${MAX_LINE} that a kernel takes`;
      report.error(machine.place, what, 'fewer `dns_nameservers`, or a shorter `http.url`');
    }
  }
}
