import { formatIPv4 } from '@sower/net';
import { describe, expect, test } from 'vitest';
import type { Binding } from '../src/rules/facts.ts';
import { intentOf } from '../src/rules/intent.ts';
import { respond } from '../src/rules/respond.ts';
import { encode } from '../src/wire/encode.ts';
import { read } from './support/ask.ts';
import { binding, facts, ip, NETWORK } from './support/facts.ts';
import { d0, END, packet, quad, request, tlv, type PacketFields } from './support/packets.ts';

const OURS = tlv(54, quad('10.0.0.1'));
const THEIRS = tlv(54, quad('10.0.0.66'));
const wants = (address: string) => tlv(50, quad(address));
const type = (number: number, more: readonly number[], fields: PacketFields) =>
  packet({ ...fields, options: [...tlv(53, [number]), ...more, END] });

/** What a client has, and what it may have. */
const STRANGER = binding(undefined, ['10.0.0.50']);
const OWNER = binding('10.0.0.50', ['10.0.0.50', '10.0.0.51']);
const NOTHING_FREE = binding(undefined, []);
const RESERVED = binding(undefined, ['10.0.0.50'], '10.0.0.50');

/** How a request comes, and whether we are the only server: the columns of the table. */
const COLUMNS = [
  { way: 'unicast', authoritative: true },
  { way: 'broadcast', authoritative: true },
  { way: 'relayed', authoritative: true },
  { way: 'unicast', authoritative: false },
  { way: 'broadcast', authoritative: false },
  { way: 'relayed', authoritative: false },
] as const;

type Cell = 'offer' | 'ack' | 'nak' | 'bootp' | 'silence';
const always = (cell: Cell): readonly Cell[] => COLUMNS.map(() => cell);
const ifAuthoritative = (cell: Cell): readonly Cell[] => [cell, cell, cell, 'silence', 'silence', 'silence'];
/** A client that asks us and nobody else is refused in any case; one that asks everybody only by the sole server. */
const NOT_OURS: readonly Cell[] = ['nak', 'nak', 'nak', 'nak', 'silence', 'silence'];
const RECREATED: readonly Cell[] = ['ack', 'ack', 'ack', 'nak', 'silence', 'silence'];

interface Row {
  readonly name: string;
  readonly sent: (fields: PacketFields) => Uint8Array;
  readonly has: Binding;
  readonly cells: readonly Cell[];
  /** The change that goes with an answer that is no refusal, or with silence. */
  readonly change?: string;
  /** Where an answer that is no refusal goes without a relay. */
  readonly to?: string;
}

const ROWS: readonly Row[] = [
  { name: 'DISCOVER', sent: (f) => d0([], f), has: STRANGER, cells: always('offer'), change: 'hold' },
  { name: 'DISCOVER, none free', sent: (f) => d0([], f), has: NOTHING_FREE, cells: always('silence') },
  {
    name: 'selecting, free for it',
    sent: (f) => request([...OURS, ...wants('10.0.0.50')], f),
    has: STRANGER,
    cells: always('ack'),
    change: 'bind',
  },
  {
    name: 'selecting, taken',
    sent: (f) => request([...OURS, ...wants('10.0.0.99')], f),
    has: STRANGER,
    cells: always('nak'),
  },
  {
    name: 'selecting another server',
    sent: (f) => request([...THEIRS, ...wants('10.0.0.50')], f),
    has: STRANGER,
    cells: always('silence'),
    change: 'drop-hold',
  },
  {
    name: 'init-reboot, known, same address',
    sent: (f) => request(wants('10.0.0.50'), f),
    has: OWNER,
    cells: always('ack'),
    change: 'bind',
  },
  {
    name: 'init-reboot, known, other address',
    sent: (f) => request(wants('10.0.0.51'), f),
    has: OWNER,
    cells: always('nak'),
  },
  {
    name: 'init-reboot, unknown',
    sent: (f) => request(wants('10.0.0.50'), f),
    has: STRANGER,
    cells: ifAuthoritative('nak'),
  },
  {
    name: 'init-reboot, address of another network',
    sent: (f) => request(wants('192.168.7.7'), f),
    has: STRANGER,
    cells: ifAuthoritative('nak'),
  },
  {
    name: 'extending, known',
    sent: (f) => request([], { ...f, ciaddr: '10.0.0.50' }),
    has: OWNER,
    cells: always('ack'),
    change: 'bind',
    to: '10.0.0.50',
  },
  {
    name: 'extending, known with another address',
    sent: (f) => request([], { ...f, ciaddr: '10.0.0.51' }),
    has: OWNER,
    cells: NOT_OURS,
  },
  {
    name: 'extending, unknown, free',
    sent: (f) => request([], { ...f, ciaddr: '10.0.0.50' }),
    has: STRANGER,
    cells: RECREATED,
    change: 'bind',
    to: '10.0.0.50',
  },
  {
    name: 'extending, unknown, taken',
    sent: (f) => request([], { ...f, ciaddr: '10.0.0.50' }),
    has: NOTHING_FREE,
    cells: NOT_OURS,
  },
  {
    name: 'DECLINE of its own',
    sent: (f) => type(4, [...OURS, ...wants('10.0.0.50')], f),
    has: OWNER,
    cells: always('silence'),
    change: 'decline',
  },
  {
    name: 'DECLINE of another’s',
    sent: (f) => type(4, [...OURS, ...wants('10.0.0.51')], f),
    has: OWNER,
    cells: always('silence'),
  },
  {
    name: 'RELEASE of its own',
    sent: (f) => type(7, OURS, { ...f, ciaddr: '10.0.0.50' }),
    has: OWNER,
    cells: always('silence'),
    change: 'release',
  },
  {
    name: 'RELEASE of another’s',
    sent: (f) => type(7, OURS, { ...f, ciaddr: '10.0.0.51' }),
    has: OWNER,
    cells: always('silence'),
  },
  {
    name: 'INFORM',
    sent: (f) => type(8, [], { ...f, ciaddr: '10.0.0.77' }),
    has: STRANGER,
    cells: always('ack'),
    to: '10.0.0.77',
  },
  {
    name: 'A-58 BOOTP with a reservation',
    sent: (f) => packet({ ...f, options: [END] }),
    has: RESERVED,
    cells: always('bootp'),
    change: 'bind',
  },
  {
    name: 'A-58 BOOTP without one',
    sent: (f) => packet({ ...f, options: [END] }),
    has: STRANGER,
    cells: always('silence'),
  },
];

const NAMES: Readonly<Record<number, Cell>> = { 2: 'offer', 5: 'ack', 6: 'nak' };

/** What the reply's option 53 says, read from its bytes: it is the first option of all but BOOTP. */
function cellOf(bytes: Uint8Array | undefined): Cell {
  if (bytes === undefined) return 'silence';
  return bytes[240] === 53 ? (NAMES[bytes[242] ?? 0] ?? expect.fail('no such type')) : 'bootp';
}

describe.each(ROWS)('A-20 A-25 table A.3: $name', ({ name, sent, has, cells, change, to = '255.255.255.255' }) => {
  test.each(COLUMNS.map(({ way, authoritative }, index) => ({ way, authoritative, cell: cells[index] ?? 'silence' })))(
    '$way, authoritative $authoritative: $cell',
    ({ way, authoritative, cell }) => {
      const message = read(sent(way === 'relayed' ? { giaddr: '10.0.0.9' } : {}));
      const given = facts({ binding: has, network: { ...NETWORK, authoritative } });
      const intent = intentOf(message, { broadcast: way === 'broadcast', isOurs: (id) => given.isOurs(id) });
      if (intent.kind === 'ignored') return expect.fail(intent.why);
      const outcome = respond({ message, intent }, given);
      const { reply } = outcome;
      expect(cellOf(reply === undefined ? undefined : encode(reply, 548).bytes)).toBe(cell);
      const isRefused = cell === 'nak' || (cell === 'silence' && cells.includes('ack'));
      expect(outcome.change?.kind).toBe(isRefused ? undefined : change);
      if (reply === undefined) return;
      const direct = cell === 'nak' ? ip('255.255.255.255') : ip(to);
      const past = name === 'INFORM' ? direct : ip('10.0.0.9');
      expect(formatIPv4(reply.to.address)).toBe(formatIPv4(way === 'relayed' ? past : direct));
    },
  );
});
