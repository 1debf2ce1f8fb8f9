import { macOf, type BootServerWhy, type DhcpEvent, type Message, type ServerWhy } from '@sower/dhcp';
import { ANY, formatIPv4, type IPv4, type Mac } from '@sower/net';
import type { AnswerWhy } from '../answer.ts';
import type { BootEvent } from '../events.ts';

/** What an answer on port 67 or 4011 came to. */
type TellableWhy = AnswerWhy | BootServerWhy | ServerWhy;

/** What is not a matter of course. Everything that is not listed is `info` with a reply and `debug` without. */
const LEVELS: Readonly<Partial<Record<TellableWhy, BootEvent['level']>>> = {
  'unknown-mac': 'info',
  'no-free-address': 'warn',
  'nak-address-taken': 'warn',
  'nak-other-address': 'warn',
  'nak-unknown-client': 'warn',
  'relay-not-allowed': 'warn',
  'no-subnet': 'warn',
  'lease-taken': 'warn',
  declined: 'warn',
  'decline-ignored': 'warn',
  released: 'info',
  'rate-limited': 'warn',
  overloaded: 'warn',
  stale: 'warn',
  'answer-failed': 'error',
  'send-failed': 'error',
};

/** What became of one DHCP datagram, as a step of a boot. */
export function tellDhcp(
  event: DhcpEvent<AnswerWhy | BootServerWhy>,
  nameOf: (mac: Mac) => string | undefined,
): BootEvent {
  const { why, message, intent, reply, error } = event;
  const mac = message === undefined ? undefined : macOf(message);
  return {
    step: 'dhcp',
    why,
    level: LEVELS[why] ?? (reply === undefined ? 'debug' : 'info'),
    mac,
    name: mac === undefined ? undefined : nameOf(mac),
    text: textOf(event),
    fields: {
      interface: event.interface,
      relay: relayOf(message),
      intent,
      reply: reply?.type,
      address: reply === undefined || reply.address === 0 ? undefined : formatIPv4(reply.address),
      file: reply?.file,
      boot: event.note,
      dropped: reply === undefined || reply.dropped.length === 0 ? undefined : reply.dropped.join(','),
      error: error?.message,
    },
  };
}

/** An address of a pool that somebody uses who was not given it (A-35). */
export function tellInUse(address: IPv4, occupant: Mac): BootEvent {
  const shown = formatIPv4(address);
  return {
    step: 'dhcp',
    why: 'address-in-use',
    level: 'warn',
    mac: occupant,
    name: undefined,
    text: `${shown} is used by ${occupant}, who was not given it: another address is offered`,
    fields: { address: shown },
  };
}

function relayOf(message: Message | undefined): string | undefined {
  return message === undefined || message.giaddr === ANY ? undefined : formatIPv4(message.giaddr);
}

function textOf({ why, message, intent, reply, note, error }: DhcpEvent<AnswerWhy | BootServerWhy>): string {
  const relay = relayOf(message);
  const what = intent ?? (message === undefined ? 'datagram' : 'boot request');
  const asked = `${what}${relay === undefined ? '' : ` through ${relay}`}`;
  if (error !== undefined) return `${asked}: ${why}: ${error.message}`;
  if (reply === undefined) return `${asked}: no answer, ${why}`;
  const address = reply.address === 0 ? '' : ` ${formatIPv4(reply.address)}`;
  const boots = reply.file === undefined ? bootless(note) : `, boot file ${reply.file}`;
  return `${asked}: ${reply.type ?? 'reply'}${address}${boots}`;
}

/** Why a machine that could boot from here is not told to; an operating system's own client is a matter of course. */
function bootless(note: string | undefined): string {
  return note === undefined || note === 'not-a-boot-client' ? '' : `, no boot file (${note})`;
}
