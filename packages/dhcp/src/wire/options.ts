import { clientName, domains, encapsulated, enterprises, relayAgent, routes, userClasses } from './structures.ts';
import {
  address,
  addresses,
  bytes,
  exactBytes,
  machineId,
  opaque,
  optionCodes,
  presence,
  terminatedText,
  text,
  u16,
  u16s,
  u32,
  u8,
  type Codec,
} from './values.ts';

/** One row of the table: an option and the type of its value. */
export interface Option<T> {
  readonly code: number;
  readonly codec: Codec<T>;
  readonly source: string;
}

function row<T>(code: number, codec: Codec<T>, source: string): Option<T> {
  return { code, codec, source };
}

const CLIENT_ID_MAX = 1024;

/**
 * Every option with a shape of its own. Reading, writing, printing and the types come from here; a code that is not
 * listed passes through as bytes.
 */
export const OPTIONS = {
  subnetMask: row(1, address, 'RFC 2132 3.3'),
  timeOffset: row(2, u32, 'RFC 2132 3.4'),
  routers: row(3, addresses, 'RFC 2132 3.5'),
  timeServers: row(4, addresses, 'RFC 2132 3.6'),
  dnsServers: row(6, addresses, 'RFC 2132 3.8'),
  logServers: row(7, addresses, 'RFC 2132 3.9'),
  hostName: row(12, text, 'RFC 2132 3.14'),
  domainName: row(15, text, 'RFC 2132 3.17'),
  rootPath: row(17, text, 'RFC 2132 3.19'),
  interfaceMtu: row(26, u16, 'RFC 2132 5.1'),
  broadcastAddress: row(28, address, 'RFC 2132 5.3'),
  nisDomain: row(40, text, 'RFC 2132 8.1'),
  nisServers: row(41, addresses, 'RFC 2132 8.2'),
  ntpServers: row(42, addresses, 'RFC 2132 8.3'),
  vendorOptions: row(43, encapsulated, 'RFC 2132 8.4'),
  netbiosServers: row(44, addresses, 'RFC 2132 8.5'),
  netbiosNodeType: row(46, u8, 'RFC 2132 8.7'),
  requestedAddress: row(50, address, 'RFC 2132 9.1'),
  leaseTime: row(51, u32, 'RFC 2132 9.2'),
  overload: row(52, u8, 'RFC 2132 9.3'),
  messageType: row(53, u8, 'RFC 2132 9.6'),
  serverId: row(54, address, 'RFC 2132 9.7'),
  parameterRequestList: row(55, optionCodes, 'RFC 2132 9.8'),
  errorText: row(56, text, 'RFC 2132 9.9'),
  maxMessageSize: row(57, u16, 'RFC 2132 9.10'),
  renewalTime: row(58, u32, 'RFC 2132 9.11'),
  rebindingTime: row(59, u32, 'RFC 2132 9.12'),
  vendorClass: row(60, text, 'RFC 2132 9.13'),
  // kept with each lease and counted by: parts could add up to 64 KiB, and no client needs more than one
  clientId: row(61, bytes(1, CLIENT_ID_MAX), 'RFC 2132 9.14, RFC 4361'),
  tftpServerName: row(66, terminatedText, 'RFC 2132 9.4'),
  bootFile: row(67, terminatedText, 'RFC 2132 9.5'),
  smtpServers: row(69, addresses, 'RFC 2132 8.10'),
  userClasses: row(77, userClasses, 'RFC 3004'),
  rapidCommit: row(80, presence, 'RFC 4039'),
  clientName: row(81, clientName, 'RFC 4702'),
  relayAgent: row(82, relayAgent, 'RFC 3046'),
  architectures: row(93, u16s, 'RFC 4578 2.1'),
  networkInterface: row(94, exactBytes(3), 'RFC 4578 2.2'),
  machineId: row(97, machineId, 'RFC 4578 2.3'),
  posixTimezone: row(100, text, 'RFC 4833'),
  timezoneName: row(101, text, 'RFC 4833'),
  ipv6OnlyPreferred: row(108, u32, 'RFC 8925'),
  captivePortal: row(114, text, 'RFC 8910'),
  autoConfigure: row(116, u8, 'RFC 2563'),
  subnetSelection: row(118, address, 'RFC 3011'),
  domainSearch: row(119, domains, 'RFC 3397'),
  routes: row(121, routes, 'RFC 3442'),
  vendorClasses: row(124, enterprises, 'RFC 3925'),
  vendorInformation: row(125, enterprises, 'RFC 3925'),
  capwapControllers: row(138, addresses, 'RFC 5417'),
  tftpServers: row(150, addresses, 'RFC 5859'),
  ipxe: row(175, encapsulated, 'iPXE, dhcp.h'),
  pxelinuxConfig: row(209, text, 'RFC 5071'),
  pxelinuxPrefix: row(210, text, 'RFC 5071'),
  pxelinuxRebootTime: row(211, u32, 'RFC 5071'),
};

export type OptionName = keyof typeof OPTIONS;

/** An option of the table with its name. */
export interface NamedOption {
  readonly name: string;
  readonly option: Option<unknown>;
}

const BY_CODE: ReadonlyMap<number, NamedOption> = new Map(
  Object.entries(OPTIONS).map(([name, option]) => [option.code, { name, option }]),
);

const BY_NAME: ReadonlyMap<string, NamedOption> = new Map(
  [...BY_CODE.values()].map((known) => [
    known.name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
    known,
  ]),
);

/** The row of a code, if the table has one. */
export function optionOf(code: number): NamedOption | undefined {
  return BY_CODE.get(code);
}

/** The row of an option as a person names it: by code from 1 to 254, or in hyphens ("ntp-servers" is `ntpServers`). */
export function optionNamed(written: string): NamedOption | undefined {
  if (!/^\d{1,3}$/.test(written)) return BY_NAME.get(written);
  const code = Number(written);
  if (code < 1 || code > 254) return undefined;
  return BY_CODE.get(code) ?? { name: `option ${code}`, option: row(code, opaque, 'no shape of its own') };
}

/** Every name that `optionNamed` knows. */
export function optionNames(): Iterable<string> {
  return BY_NAME.keys();
}

/** Message types, option 53 (RFC 2132 section 9.6). */
export const MESSAGE_TYPES = {
  discover: 1,
  offer: 2,
  request: 3,
  decline: 4,
  ack: 5,
  nak: 6,
  release: 7,
  inform: 8,
} as const;

export type MessageTypeName = keyof typeof MESSAGE_TYPES;
