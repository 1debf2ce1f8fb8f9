import type { Report } from './problems.ts';
import { parseVersion, type Version } from './version.ts';
import type { Node } from './yaml/tree.ts';

/** Reads a Harvester version from its source text: to YAML `1.10` is the number 1.1 (decisions.md section 2). */
export function readVersion(node: Node, report: Report): Version | undefined {
  if (node.kind !== 'scalar') {
    report.error(node.place, `a ${node.kind} is not a version`, 'write it like v1.7.0');
    return undefined;
  }
  if (typeof node.value === 'number') {
    report.error(
      node.place,
      `the version ${node.text.slice(0, 20)} is a number to YAML`,
      'write all three parts, as in "1.10.0"',
    );
    return undefined;
  }
  const version = parseVersion(node.text);
  if (version === undefined) {
    report.error(node.place, 'a version that is not MAJOR.MINOR.PATCH', 'write it like 1.7.0 or v1.7.0');
  }
  return version;
}

/** Reads the release of another profile as the user wrote it: it stands for `{version}` in paths. */
export function readRelease(node: Node, report: Report): string | undefined {
  if (node.kind === 'scalar' && /^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}$/.test(node.text)) return node.text;
  report.error(node.place, 'a version that no path can hold', 'letters, digits, `.`, `_`, `+` and `-`');
  return undefined;
}
