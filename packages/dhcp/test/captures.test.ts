import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { BootFields } from '../src/rules/facts.ts';
import { messageType, type Message } from '../src/wire/message.ts';
import { OPTIONS } from '../src/wire/options.ts';
import { ask, read } from './support/ask.ts';
import { binding, boot, facts, ip, NETWORK, subnet } from './support/facts.ts';
import {
  edk2AcceptsAck,
  edk2BootFile,
  edk2Kind,
  ipxeBootFile,
  ipxeWaitsForProxy,
  readStrictly,
  siaddrOf,
  valueOf,
  yiaddrOf,
} from './support/readers.ts';

const FOLDER = new URL('../../../test/fixtures/captures/', import.meta.url);

interface Captured {
  readonly src: string;
  readonly dst: string;
  readonly payload: Uint8Array;
}

/** The datagrams of real clients in one capture. */
function clientsOf(name: string): readonly Captured[] {
  return readFileSync(new URL(name, FOLDER), 'utf8')
    .trim()
    .split('\n')
    .map((line) => {
      const found: unknown = JSON.parse(line);
      const { src, dst, payload } = fieldsOf(found);
      return { src, dst, payload: Uint8Array.from(Buffer.from(payload, 'hex')) };
    })
    .filter(({ dst }) => dst.endsWith(':67'));
}

function fieldsOf(found: unknown): { src: string; dst: string; payload: string } {
  const get = (key: string) => {
    const value: unknown = typeof found === 'object' && found !== null ? Reflect.get(found, key) : undefined;
    return typeof value === 'string' ? value : expect.fail(`no ${key}`);
  };
  return { src: get('src'), dst: get('dst'), payload: get('payload') };
}

/** What the appliance would give such a client to boot; the classification itself is not of this package. */
function bootOf(message: Message): BootFields | undefined {
  const vendorClass = message.options.get(OPTIONS.vendorClass) ?? '';
  if (message.options.get(OPTIONS.userClasses)?.includes('iPXE') === true)
    return boot('ipxe', 'http://192.168.50.2/boot.ipxe');
  if (vendorClass.startsWith('HTTPClient')) return boot('http', 'http://192.168.50.2/ipxe.efi');
  return vendorClass.startsWith('PXEClient') ? boot('pxe') : undefined;
}

const given = (message: Message) =>
  facts({
    server: ip('192.168.50.1'),
    isOurs: (id) => id === ip('192.168.50.1'),
    network: { ...NETWORK, subnet: subnet('192.168.50.0/24') },
    binding: binding(undefined, ['192.168.50.160']),
    boot: bootOf(message),
  });

/** Whether the clients of a capture took the offer of 192.168.50.1, which we are here. */
const isOurs = (name: string) =>
  clientsOf(name)
    .map(({ payload }) => read(payload).options.get(OPTIONS.serverId))
    .every((server) => server === undefined || server === ip('192.168.50.1'));

const NAMES = readdirSync(FOLDER).filter((name) => name.endsWith('.jsonl') && isOurs(name));

test('there are captures', () => {
  expect(NAMES.length).toBeGreaterThanOrEqual(7);
});

describe.each(NAMES)('%s', (name) => {
  const clients = clientsOf(name);

  test('A-20 every datagram of the client is understood and answered; the reply suits EDK2 and iPXE', () => {
    expect(clients.length).toBeGreaterThan(0);
    for (const { payload } of clients) {
      const message = read(payload);
      const { intent, outcome, reply = expect.fail('no reply') } = ask(payload, given(message));
      expect(intent).toBe(messageType(message) === 'discover' ? 'discover' : 'selecting');
      expect(outcome.why).toBe(intent === 'discover' ? 'offered' : 'bound');
      expect(yiaddrOf(reply)).toBe('192.168.50.160');
      expect(outcome.reply?.to).toEqual({ address: 0xffffffff, port: 'client' });
      const fields = bootOf(message);
      expect(edk2Kind(reply)).toBe(
        fields === undefined ? 'dhcp-only' : fields.class === 'http' ? 'http' : 'dhcp-with-boot-file',
      );
      expect(edk2BootFile(reply)).toBe(fields?.file ?? '');
      expect(ipxeBootFile(reply)).toBe(fields?.file ?? '');
      expect(ipxeWaitsForProxy(reply)).toBe(fields?.class !== 'ipxe');
      expect(siaddrOf(reply)).toBe(fields === undefined ? '0.0.0.0' : '10.0.0.1');
    }
  });

  test('A-23 EDK2 takes the ACK for the OFFER of the same transaction', () => {
    const offers = new Map<number, Uint8Array>();
    let pairs = 0;
    for (const { payload } of clients) {
      const message = read(payload);
      const { intent, reply = expect.fail('no reply') } = ask(payload, given(message));
      if (intent === 'discover') offers.set(message.xid, reply);
      else {
        expect(edk2AcceptsAck(offers.get(message.xid) ?? expect.fail('no offer'), reply)).toBe(true);
        pairs += 1;
      }
    }
    expect(pairs > 0 || clients.every(({ payload }) => messageType(read(payload)) === 'discover')).toBe(true);
  });

  test('A-19 B-08 61 and 97 come back as they were sent', () => {
    for (const { payload } of clients) {
      const message = read(payload);
      const options = readStrictly(ask(payload, given(message)).reply ?? expect.fail());
      expect(valueOf(options, 61)).toEqual(message.options.joined(61));
      expect(valueOf(options, 97)).toEqual(message.options.joined(97));
    }
  });
});

test('A-09 A-11 what the iPXE ROM says of itself', () => {
  const [first = expect.fail()] = clientsOf('bios-ipxe-rom-with-uuid.jsonl');
  const { options } = read(first.payload);
  expect(options.get(OPTIONS.userClasses)).toEqual(['iPXE']);
  expect(options.get(OPTIONS.vendorClass)).toBe('PXEClient:Arch:00000:UNDI:002001');
  expect(options.get(OPTIONS.architectures)).toEqual([0]);
  expect(options.get(OPTIONS.ipxe)?.find(({ code }) => code === 19)?.bytes).toEqual(Uint8Array.of(1));
  expect(options.get(OPTIONS.maxMessageSize)).toBe(1472);
  expect(Buffer.from(options.get(OPTIONS.machineId) ?? []).toString('hex')).toBe('0033221100554477668899aabbccddeeff');
});

test('A-42 EDK2 says 65,280 in its REQUEST and is not given more than one packet', () => {
  const sizes = clientsOf('uefi-x64-pxe-to-ipxe.jsonl').map(({ payload }) =>
    read(payload).options.get(OPTIONS.maxMessageSize),
  );
  expect(sizes).toContain(0xff00);
});
