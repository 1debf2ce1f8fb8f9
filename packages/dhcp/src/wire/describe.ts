import { ANY, formatIPv4, type IPv4 } from '@sower/net';
import { hex } from './bytes.ts';
import { clientKey, macOf, messageType, type Message } from './message.ts';
import type { Options } from './option-set.ts';
import { OPTIONS, optionOf } from './options.ts';
import { printable } from './text.ts';

/** Said elsewhere in the line, or of no use in it. */
const LEFT_OUT: ReadonlySet<number> = new Set([OPTIONS.messageType.code, OPTIONS.overload.code]);

/**
 * One line about a message for a person: type, client, transaction, addresses that are set, options by name.
 * Nothing a client sends can break the line or hide part of it.
 */
export function describe(message: Message): string {
  const type = messageType(message) ?? (message.cookie ? 'unknown type' : 'bootp');
  const options = [...message.options.codes]
    .filter((code) => !LEFT_OUT.has(code))
    .map((code) => describeOption(message.options, code));
  return [
    type.toUpperCase(),
    macOf(message) ?? clientKey(message),
    `xid ${message.xid.toString(16).padStart(8, '0')}`,
    ...ADDRESS_FIELDS.filter((field) => message[field] !== ANY).map((field) => addressText(field, message[field])),
    ...(message.file === '' ? [] : [`file ${JSON.stringify(printable(message.file))}`]),
    ...options,
  ].join(' ');
}

const ADDRESS_FIELDS = ['ciaddr', 'yiaddr', 'siaddr', 'giaddr'] as const;

function addressText(field: string, address: IPv4): string {
  return `${field} ${formatIPv4(address)}`;
}

function describeOption(options: Options, code: number): string {
  const known = optionOf(code);
  const value = known === undefined ? undefined : options.get(known.option);
  return known === undefined || value === undefined
    ? `${code}=${hex(options.joined(code) ?? new Uint8Array(0))}`
    : `${known.name}=${known.option.codec.print(value)}`;
}
