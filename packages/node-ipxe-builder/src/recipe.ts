import type { Output } from './outputs.ts';
import { PLATFORMS, type Platform } from './targets.ts';

/** What is to be made. */
export interface Recipe {
  readonly output: Output;
  /** The script that iPXE runs, unchanged. Undefined, for loaders alone: iPXE as it comes, which asks DHCP what to do. */
  readonly script: Uint8Array | undefined;
  /** A certificate in PEM that iPXE trusts for HTTPS, in place of its built-in root. Only an iPXE that is compiled here can. */
  readonly ca: Uint8Array | undefined;
  /** At least one, in the order of `PLATFORMS`. */
  readonly platforms: readonly Platform[];
  /** The time stamp of everything that is made, in seconds since 1970: the same inputs make the same bytes. */
  readonly epoch: number;
}

/** 2025-01-01. Any fixed time will do; FAT begins in 1980. */
export const DEFAULT_EPOCH = 1_735_689_600;

const FIRST_LINE = '#!ipxe';

/** iPXE's own limit is memory; this one keeps a mistyped file name from becoming a medium. */
const LARGEST_SCRIPT = 1 << 20;

/** Why nothing can be made of this; undefined when it can. */
export function recipeProblem({ output, script, ca, platforms }: Recipe): string | undefined {
  if (platforms.length === 0) return 'no platform is named, and nothing would boot from this';
  if (script === undefined && output !== 'loaders') return 'a medium needs a script';
  const inScript = script === undefined ? undefined : scriptProblem(script);
  if (inScript !== undefined) return `this is no iPXE script: ${inScript}`;
  const inCa = ca === undefined ? undefined : certificateProblem(ca);
  return inCa === undefined ? undefined : `this is no certificate: ${inCa}`;
}

/** Why these bytes are no script that iPXE would run; undefined when they are one. */
export function scriptProblem(script: Uint8Array): string | undefined {
  const [first = ''] = Buffer.from(script.subarray(0, 64)).toString('latin1').split('\n');
  if (script.length > LARGEST_SCRIPT)
    return `it has ${script.length} bytes, and no script has more than ${LARGEST_SCRIPT}`;
  if (!/^#!ipxe\s*$/.test(first)) return `its first line is not ${FIRST_LINE}, and iPXE runs nothing else`;
  return undefined;
}

/** Why these bytes are not one certificate in PEM (RFC 7468, section 5); undefined when they are. A private key must never get on a medium. */
export function certificateProblem(pem: Uint8Array): string | undefined {
  const text = Buffer.from(pem).toString('latin1');
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) return 'it holds a private key';
  const [, body] = /-----BEGIN CERTIFICATE-----\s+([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/.exec(text) ?? [];
  // every certificate is a DER sequence (X.509)
  const isSequence = body !== undefined && Buffer.from(body, 'base64')[0] === 0x30;
  if (!isSequence) return 'it has no block between BEGIN CERTIFICATE and END CERTIFICATE';
  // the fingerprint that TRUST embeds is what `openssl x509` reads: the first one's
  const count = text.match(/-----BEGIN CERTIFICATE-----/g)?.length ?? 0;
  return count === 1 ? undefined : `it holds ${count} certificates, and iPXE would trust the first one alone`;
}

/** Reads `bios,x64,arm64` in any order; undefined when a name is none or nothing is named. */
export function parsePlatforms(text: string): readonly Platform[] | undefined {
  const names = text.split(',').map((name) => name.trim());
  const known = PLATFORMS.filter((platform) => names.includes(platform));
  const isEveryNameKnown = names.every((name) => known.some((platform) => platform === name));
  return isEveryNameKnown && known.length > 0 ? known : undefined;
}
