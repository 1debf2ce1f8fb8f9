import { isIP } from 'node:net';
import { parseIPv4, parseMac, parseRange, parseSubnet, prefixOfNetmask } from '@sower/net';
import type { AddressRange, IPv4, Mac, Subnet } from '@sower/net';
import { INSERTABLE } from './inserted.ts';
import type { Report } from './problems.ts';
import { maskedScalar } from './secrets.ts';
import { didYouMean } from './suggest.ts';
import type { Node } from './yaml/tree.ts';

/** Reads one value; undefined when it is wrong, which then is in the report. */
export type Reader<T> = (node: Node, report: Report) => T | undefined;

/** A reader of single values: `parse` gets what is written, `expected` says what should be. */
export function one<T>(expected: string, parse: (written: string) => T | undefined): Reader<T> {
  return (node, report) => {
    const value = node.kind === 'scalar' ? parse(node.text) : undefined;
    if (value !== undefined) return value;
    const found = node.kind === 'scalar' ? `\`${shown(node.text)}\`` : `a ${node.kind}`;
    report.error(node.place, `${found} is not ${expected}`, `write ${expected}`);
    return undefined;
  };
}

/** A list, or one value for a list of one. */
export function list<T>(item: Reader<T>): Reader<readonly T[]> {
  return (node, report) =>
    (node.kind === 'sequence' ? node.items : [node]).flatMap((entry) => {
      const value = item(entry, report);
      return value === undefined ? [] : [value];
    });
}

/** A list of at least one, or one value for a list of one. */
export function some<T>(item: Reader<T>): Reader<readonly T[]> {
  const all = list(item);
  return (node, report) => {
    if (node.kind !== 'sequence' || node.items.length > 0) return all(node, report);
    report.error(node.place, 'an empty list', 'give at least one, or leave the key out');
    return undefined;
  };
}

/** One of a few words; the words of later releases get their own message. */
export function choice<const T extends string>(words: readonly T[], later: readonly string[] = []): Reader<T> {
  return (node, report) => {
    const text = node.kind === 'scalar' ? node.text : '';
    const word = words.find((candidate) => candidate === text);
    if (word !== undefined) return word;
    const all = words.map((candidate) => `\`${candidate}\``).join(' or ');
    if (later.includes(text)) report.error(node.place, `\`${text}\` is not available yet`, `write ${all}`);
    else report.error(node.place, `${quoted(node)} is not ${all}`, didYouMean(text, words, `write ${all}`));
    return undefined;
  };
}

export const flag: Reader<boolean> = (node, report) => {
  if (node.kind === 'scalar' && typeof node.value === 'boolean') return node.value;
  report.error(node.place, `${quoted(node)} is not true or false`, 'write true or false, without quotes');
  return undefined;
};

/** How much of something there may be, or `off` for as much as comes. */
export const limit: Reader<number | 'off'> = one('a number from 1 to 1000000, or off', (written) =>
  written === 'off' ? 'off' : count(written),
);

export const amount: Reader<number> = one('a number from 1 to 1000000', count);

function count(written: string): number | undefined {
  return /^[1-9]\d{0,6}$/.test(written) && Number(written) <= 1_000_000 ? Number(written) : undefined;
}

export const text: Reader<string> = one('a text', (written) => written);

export const ipv4: Reader<IPv4> = one('an IPv4 address such as 192.168.178.31', parseIPv4);

export const netmask: Reader<IPv4> = one('a netmask such as 255.255.255.0', (written) => {
  const mask = parseIPv4(written);
  return mask === undefined || prefixOfNetmask(mask) === undefined ? undefined : mask;
});

export const listenAddress: Reader<string> = one('an IP address such as 0.0.0.0', (written) =>
  isIP(written) === 0 ? undefined : written,
);

/** From the source text: even the core schema takes `000000112233` for a number. */
export const mac: Reader<Mac> = one('the MAC address of a network card, such as 52:54:00:52:cb:c1', (written) => {
  const address = parseMac(written);
  const isGroup = address !== undefined && Number.parseInt(address.slice(0, 2), 16) % 2 === 1;
  return isGroup || address === '00:00:00:00:00:00' ? undefined : address;
});

/** The first three bytes of a MAC address. */
export const oui: Reader<string> = one('three bytes of a MAC address, such as b8:27:eb', (written) => {
  const lower = written.toLowerCase().replaceAll('-', ':');
  return /^[0-9a-f]{2}(?::[0-9a-f]{2}){2}$/.test(lower) ? lower : undefined;
});

/** A client architecture, or `none`. */
export const archCode: Reader<number | 'none'> = one('a code of option 93 from 0 to 65535, or `none`', (written) => {
  if (written === 'none') return written;
  return /^\d{1,5}$/.test(written) && Number(written) <= 65_535 ? Number(written) : undefined;
});

export const cidr: Reader<Subnet> = one('a network such as 192.168.178.0/24', parseSubnet);

export const range: Reader<AddressRange> = one('a range such as 192.168.178.100-192.168.178.199', parseRange);

export const port: Reader<number> = one('a port from 0 to 65535', (written) =>
  /^\d{1,5}$/.test(written) && Number(written) <= 65_535 ? Number(written) : undefined,
);

const UNITS: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

/** at least two minutes; 0xffffffff would mean for ever. */
export const leaseSeconds: Reader<number> = one(
  'a time of at least 2 minutes, such as 12h, 30m or 86400',
  (written) => {
    const match = /^(\d{1,10})([smhdw]?)$/.exec(written);
    const seconds = Number(match?.[1]) * (UNITS[match?.[2] ?? ''] ?? 1);
    return seconds >= 120 && seconds < 0xffffffff ? seconds : undefined;
  },
);

/** What the kernel allows (IFNAMSIZ) without the characters that a script or a kernel line could misread. */
export const interfaceName: Reader<string> = one('the name of a network interface such as eth1', (written) =>
  /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,14}$/.test(written) ? written : undefined,
);

export const blockSize: Reader<number> = one('a number of bytes from 512 to 1468', (written) => {
  const bytes = /^\d{3,4}$/.test(written) ? Number(written) : 0;
  return bytes >= 512 && bytes <= 1468 ? bytes : undefined;
});

export const machineName: Reader<string> = one('a name of letters, digits, `.`, `-` and `_`', (written) =>
  isName(written) ? written : undefined,
);

/** Whether a text can be a machine's name: safe in scripts, logs and URLs. */
export function isName(written: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._-]{0,252}$/.test(written);
}

/** B-27: a file name without a path and without anything that iPXE expands. */
export const fileName: Reader<string> = one('the name of a file', (written) =>
  /^[A-Za-z0-9_][A-Za-z0-9._-]{0,99}$/.test(written) ? written : undefined,
);

/** A relative path below the artifacts folder, in which `{version}` may stand. */
export const artifactPath: Reader<string> = one('a relative path of a file below the artifacts folder', (written) => {
  const inserted = written.replaceAll('{version}', '0');
  const isInside = inserted.split('/').every((segment) => !['', '.', '..'].includes(segment));
  return INSERTABLE.test(inserted) && isInside ? written : undefined;
});

/** One word of a kernel line with templates; `;` is fine there, and so is what templates are made of. */
export const kernelArgument: Reader<string> = one('one argument of a kernel line, without white space', (written) => {
  const plain = written.replaceAll(/\{\{\s*[\w.-]+\s*\}\}/g, '');
  return plain === '' || /^[A-Za-z0-9._:/,=@%+;-]+$/.test(plain) ? written : undefined;
});

export const baseUrl: Reader<string> = one('an absolute http URL without a slash at its end', (written) =>
  isBaseUrl(written, ['http:']) ? written : undefined,
);

/** Whether a text is an absolute URL to which `/path` can be added, harmless in a script (D-15). */
export function isBaseUrl(written: string, protocols: readonly string[]): boolean {
  if (!INSERTABLE.test(written) || written.endsWith('/') || written.length > 200) return false;
  if (!URL.canParse(written) || !written.includes('://')) return false;
  const url = new URL(written);
  return protocols.includes(url.protocol) && url.username === '' && url.password === '';
}

function quoted(node: Node): string {
  return node.kind === 'scalar' ? `\`${shown(node.text)}\`` : `a ${node.kind}`;
}

/** What a problem quotes: not all of it, and not the password of a URL. */
function shown(written: string): string {
  const harmless = maskedScalar(written) ?? written;
  return harmless.length > 60 ? `${harmless.slice(0, 57)}...` : harmless;
}

/** The items of a list of sections; anything but a list is reported. */
export function itemsOf(node: Node | undefined, name: string, report: Report): readonly Node[] {
  if (node === undefined || (node.kind === 'scalar' && node.value === null)) return [];
  if (node.kind === 'sequence') return node.items;
  report.error(node.place, `\`${name}\` is a ${node.kind}`, 'it has to be a list: each entry begins with `- `');
  return [];
}
