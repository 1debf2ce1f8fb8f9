import { formatIPv4, formatSubnet, ipv4, parseIPv4, parseSubnet, subnetOf, type IPv4, type Subnet } from '@sower/net';
import { concat, Cursor, hex, number, numberBytes } from './bytes.ts';
import { readName, writeName } from './labels.ts';
import { printable, textBytes, textUntilNul, textWithoutPadding } from './text.ts';
import { eachWord, type Codec } from './values.ts';

/** One sub-option of 43, 82 or 175. */
export interface SubOption {
  readonly code: number;
  readonly bytes: Uint8Array;
}

/** Reads code, length, value until the bytes end; a sub-option that overruns ends the list, what came before counts. */
function readSubOptions(bytes: Uint8Array, padAndEnd: boolean): readonly SubOption[] {
  const cursor = new Cursor(bytes);
  const found: SubOption[] = [];
  for (let code = cursor.u8(); code !== undefined; code = cursor.u8()) {
    if (padAndEnd && code === 0) continue;
    if (padAndEnd && code === 255) break;
    const length = cursor.u8();
    const value = length === undefined ? undefined : cursor.take(length);
    if (value === undefined) break;
    found.push({ code, bytes: value });
  }
  return found;
}

function writeSubOptions(subOptions: readonly SubOption[]): Uint8Array {
  return concat(subOptions.flatMap(({ code, bytes }) => [Uint8Array.of(code, bytes.length), bytes]));
}

/** Vendor options with pad and end, as 43 (RFC 2132 section 8.4) and iPXE's 175; written without an end. */
export const encapsulated: Codec<readonly SubOption[]> = {
  whole: false,
  fits: (length) => length > 0,
  read: (bytes) => readSubOptions(bytes, true),
  write: writeSubOptions,
  print: (list) => list.map(({ code, bytes }) => `${code}:${hex(bytes)}`).join(' '),
};

/** What a relay agent says (82). The bytes themselves stay available for the echo. */
export interface RelayAgent {
  readonly circuitId: Uint8Array | undefined;
  readonly remoteId: Uint8Array | undefined;
  /** Sub-option 5, RFC 3527: an address of the subnet that the client is on. */
  readonly linkSelection: IPv4 | undefined;
  /** Sub-option 10, RFC 5010: whether the relay got the message as unicast; undefined when it does not say. */
  readonly unicast: boolean | undefined;
  /** Sub-option 11, RFC 5107: what the client shall see as server identifier. */
  readonly serverOverride: IPv4 | undefined;
  /** Sub-option 19, RFC 8357, which is empty: answers go to the UDP port that the relay sent from. */
  readonly sourcePort: boolean;
}

const RELAY_UNICAST_FLAG = 0x80;

/**
 * Relay agent information (RFC 3046): sub-options without pad or end. A sub-option of a wrong length counts as absent.
 */
export const relayAgent: Codec<RelayAgent> = {
  whole: false,
  fits: (length) => length >= 2,
  read: (bytes) => {
    const list = readSubOptions(bytes, false);
    const find = (code: number, length?: number) =>
      list.find((sub) => sub.code === code && (length ?? sub.bytes.length) === sub.bytes.length)?.bytes;
    const addressOf = (value: Uint8Array | undefined) => (value === undefined ? undefined : ipv4(number(value)));
    const flags = find(10, 1);
    return {
      circuitId: find(1),
      remoteId: find(2),
      linkSelection: addressOf(find(5, 4)),
      unicast: flags === undefined ? undefined : (number(flags) & RELAY_UNICAST_FLAG) !== 0,
      serverOverride: addressOf(find(11, 4)),
      sourcePort: find(19, 0) !== undefined,
    };
  },
  write: (agent) => {
    const fields: readonly (readonly [number, Uint8Array | undefined])[] = [
      [1, agent.circuitId],
      [2, agent.remoteId],
      [5, agent.linkSelection === undefined ? undefined : numberBytes(agent.linkSelection, 4)],
      [10, agent.unicast === undefined ? undefined : Uint8Array.of(agent.unicast ? RELAY_UNICAST_FLAG : 0)],
      [11, agent.serverOverride === undefined ? undefined : numberBytes(agent.serverOverride, 4)],
      [19, agent.sourcePort ? new Uint8Array(0) : undefined],
    ];
    return writeSubOptions(fields.flatMap(([code, bytes]) => (bytes === undefined ? [] : [{ code, bytes }])));
  },
  print: (agent) =>
    [
      agent.circuitId && `circuit ${hex(agent.circuitId)}`,
      agent.remoteId && `remote ${hex(agent.remoteId)}`,
      agent.linkSelection === undefined ? undefined : `link ${formatIPv4(agent.linkSelection)}`,
      agent.serverOverride === undefined ? undefined : `server ${formatIPv4(agent.serverOverride)}`,
    ]
      .filter((part) => part !== undefined)
      .join(' '),
};

/**
 * User classes (77): counted strings if the counts add up exactly (RFC 3004), else one bare string, as iPXE sends
 * (A-09).
 */
export const userClasses: Codec<readonly string[]> = {
  whole: false,
  fits: (length) => length > 0,
  read: (bytes) => {
    const classes = countedStrings(bytes) ?? [textWithoutPadding(bytes)];
    return classes.every((name) => name === '') ? undefined : classes;
  },
  write: (classes) =>
    concat(classes.map(textBytes).flatMap((name) => [Uint8Array.of(name.length), name.subarray(0, 255)])),
  print: (classes) => classes.map((name) => JSON.stringify(printable(name))).join(','),
};

function countedStrings(bytes: Uint8Array): readonly string[] | undefined {
  const cursor = new Cursor(bytes);
  const found: string[] = [];
  for (let length = cursor.u8(); length !== undefined; length = cursor.u8()) {
    const value = length === 0 ? undefined : cursor.take(length);
    if (value === undefined) return undefined;
    found.push(textWithoutPadding(value));
  }
  return found;
}

/** Client FQDN (81, RFC 4702). */
export interface ClientName {
  readonly flags: number;
  readonly name: string;
}

const FQDN_WIRE_FORM = 0x04;

/** Flags, two unused bytes, and a name: in wire form when the E flag says so, else as text. */
export const clientName: Codec<ClientName> = {
  whole: false,
  fits: (length) => length >= 3,
  read: (bytes) => {
    const flags = bytes[0] ?? 0;
    const rest = bytes.subarray(3);
    if ((flags & FQDN_WIRE_FORM) === 0) return { flags, name: textUntilNul(rest) };
    const name = rest.length === 0 ? { name: '' } : readName(rest, 0);
    return name === undefined ? undefined : { flags, name: name.name };
  },
  write: ({ flags, name }) =>
    concat([Uint8Array.of(flags, 255, 255), (flags & FQDN_WIRE_FORM) === 0 ? textBytes(name) : writeName(name)]),
  print: ({ name }) => JSON.stringify(printable(name)),
};

/** Domain search list (119, RFC 3397): names in wire form, pointers understood but never written. */
export const domains: Codec<readonly string[]> = {
  whole: false,
  fits: (length) => length > 0,
  read: (bytes) => {
    const names: string[] = [];
    for (let at = 0; at < bytes.length;) {
      const found = readName(bytes, at);
      if (found === undefined) return undefined;
      if (found.name !== '') names.push(found.name);
      at = found.next;
    }
    return names;
  },
  write: (names) => concat(names.map(writeName)),
  print: (names) => names.map((name) => JSON.stringify(printable(name))).join(','),
  written: eachWord('one or more domain names', (word) => (isDomainName(word) ? word : undefined)),
};

/** RFC 1123 section 2.1, and the underscores that people use. */
function isDomainName(word: string): boolean {
  return word.length <= 253 && word.split('.').every((label) => /^[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,62})$/.test(label));
}

/** One classless static route. */
export interface Route {
  readonly to: Subnet;
  readonly router: IPv4;
}

/** Classless static routes (121, RFC 3442): prefix length, as many octets of the network as that needs, router. */
export const routes: Codec<readonly Route[]> = {
  whole: false,
  fits: (length) => length >= 5,
  read: (bytes) => {
    const cursor = new Cursor(bytes);
    const found: Route[] = [];
    for (let prefix = cursor.u8(); prefix !== undefined; prefix = cursor.u8()) {
      const network = prefix > 32 ? undefined : cursor.take(Math.ceil(prefix / 8));
      const router = cursor.u32();
      if (network === undefined || router === undefined) return undefined;
      const padded = concat([network, new Uint8Array(4 - network.length)]);
      found.push({ to: subnetOf(ipv4(number(padded)), prefix), router: ipv4(router) });
    }
    return found;
  },
  write: (list) =>
    concat(
      list.flatMap(({ to, router }) => [
        Uint8Array.of(to.prefix),
        numberBytes(to.address, 4).subarray(0, Math.ceil(to.prefix / 8)),
        numberBytes(router, 4),
      ]),
    ),
  print: (list) => list.map(({ to, router }) => `${formatSubnet(to)} via ${formatIPv4(router)}`).join(','),
  written: eachWord('one or more routes such as 10.0.0.0/8 via 192.168.178.1', (word) => {
    const [to, router] = word.split(/ +via +/);
    const subnet = to === undefined ? undefined : parseSubnet(to);
    const address = router === undefined ? undefined : parseIPv4(router);
    return subnet === undefined || address === undefined ? undefined : { to: subnet, router: address };
  }),
};

/** Data under one enterprise number (124, 125; RFC 3925). */
export interface EnterpriseData {
  readonly enterprise: number;
  readonly bytes: Uint8Array;
}

/** Enterprise number, length, data, repeated; an entry that overruns ends the list. */
export const enterprises: Codec<readonly EnterpriseData[]> = {
  whole: false,
  fits: (length) => length >= 5,
  read: (bytes) => {
    const cursor = new Cursor(bytes);
    const found: EnterpriseData[] = [];
    for (let enterprise = cursor.u32(); enterprise !== undefined; enterprise = cursor.u32()) {
      const length = cursor.u8();
      const data = length === undefined ? undefined : cursor.take(length);
      if (data === undefined) break;
      found.push({ enterprise, bytes: data });
    }
    return found;
  },
  write: (list) =>
    concat(list.flatMap(({ enterprise, bytes }) => [numberBytes(enterprise, 4), Uint8Array.of(bytes.length), bytes])),
  print: (list) => list.map(({ enterprise, bytes }) => `${enterprise}:${hex(bytes)}`).join(' '),
};
