import { formatIPv4 } from '@sower/net';
import type { BootEvent } from '../events.ts';
import type { Trace } from '../neighbours.ts';

const SEEN: Readonly<Record<Trace['seenIn'], string>> = {
  offer: 'it offers addresses',
  ack: 'it gives addresses',
  request: 'a machine took its offer',
};

/** Another DHCP server on a network that we serve: in the way, unless the data file says that there is one. */
export function tellServer({ interface: name, server, seenIn, client }: Trace, isExpected: boolean): BootEvent {
  const who = `${formatIPv4(server)} is another DHCP server on ${name}: ${SEEN[seenIn]}`;
  return {
    step: 'dhcp',
    why: isExpected ? 'other-server' : 'rogue-server',
    level: isExpected ? 'info' : 'error',
    mac: undefined,
    name: undefined,
    text: isExpected
      ? `${who}, as it should`
      : `${who}. Machines that take them do not boot from here: switch it off, or set mode: proxy or authoritative: false`,
    fields: { interface: name, address: formatIPv4(server), seenIn, client },
  };
}
