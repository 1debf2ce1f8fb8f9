/** A Harvester version: `MAJOR.MINOR.PATCH`, with or without `v` in front, as the user wrote it (decisions.md section 2). */
export interface Version {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
}

/** Config profiles (harvester.md section 0): P0 is 0.2 (k3OS), P1 is 0.3.0 to 1.0.3, P2 is 1.1.0 and later. */
export type Era = 'P0' | 'P1' | 'P2';

const FORM = /^v?(0|[1-9]\d{0,4})\.(0|[1-9]\d{0,4})\.(0|[1-9]\d{0,4})$/;

/** Reads `1.7.0` or `v1.7.0`; undefined for anything else, `1.7` and `1.7.0-rc1` included. */
export function parseVersion(text: string): Version | undefined {
  const match = FORM.exec(text);
  if (match === null) return undefined;
  return { major: Number(match[1]), minor: Number(match[2]), patch: Number(match[3]) };
}

/** Writes `1.7.0`, without a `v`. */
export function formatVersion(version: Version): string {
  return `${version.major}.${version.minor}.${version.patch}`;
}

/** Negative when `a` is the older one, 0 when they are equal. */
export function compareVersions(a: Version, b: Version): number {
  return a.major - b.major || a.minor - b.minor || a.patch - b.patch;
}

/** Whether a version lies between two releases, both inclusive; undefined leaves that end open. */
export function isWithin(version: Version, since: Version | undefined, until: Version | undefined): boolean {
  return (
    (since === undefined || compareVersions(version, since) >= 0) &&
    (until === undefined || compareVersions(version, until) <= 0)
  );
}

/** A release that a table names; undefined for an empty text. Throws RangeError for anything else. */
export function release(text: string): Version | undefined {
  const version = parseVersion(text);
  if (version === undefined && text !== '') throw new RangeError(`${text} in a table is no version`);
  return version;
}

/** Whether `version` is `major.minor.0` or later. */
export function isAtLeast(version: Version, major: number, minor: number): boolean {
  return compareVersions(version, { major, minor, patch: 0 }) >= 0;
}

/** Which shape of install config this version reads. */
export function eraOf(version: Version): Era {
  if (isAtLeast(version, 1, 1)) return 'P2';
  return isAtLeast(version, 0, 3) ? 'P1' : 'P0';
}
