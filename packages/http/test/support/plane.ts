import type { OpenFile, Source } from '@sower/files';
import { parseInventory, type Inventory } from '@sower/machines';
import { formatIPv4, parseMac, type IPv4, type Mac } from '@sower/net';
import {
  createAdminApp,
  createApp,
  isAmong,
  openHttp,
  type BootService,
  type Discovered,
  type HttpEvent,
  type HttpListener,
  type Limits,
} from '@sower/http';
import { afterEach, expect } from 'vitest';

const opened: HttpListener[] = [];
afterEach(async () => {
  for (const listener of opened.splice(0)) await listener.close(0);
});

/** What a test sets of the boot plane. */
export interface Setting {
  readonly files?: Source;
  /** The text of a data.yaml. */
  readonly data?: string;
  /** The lease table: dotted address → MAC. */
  readonly leases?: Readonly<Record<string, string>>;
  readonly discovered?: readonly Discovered[];
  readonly limits?: Partial<Limits>;
  /** Listen here instead of on 127.0.0.1. */
  readonly address?: string;
  /** Open the admin listener with this token instead of the boot listener. */
  readonly token?: string;
}

/** A listener on loopback, with the events that it told so far. */
export interface Plane {
  readonly port: number;
  readonly listener: HttpListener;
  readonly events: readonly HttpEvent[];
  /** Resolves when so many events have come. */
  readonly told: (count: number) => Promise<readonly HttpEvent[]>;
}

/** Opens a listener over a real application; it is closed after the test. */
export async function plane(setting: Setting): Promise<Plane> {
  const events: HttpEvent[] = [];
  let wake = () => {};
  const service: BootService = {
    inventory: () => inventoryOf(setting.data ?? 'maclist: []\n'),
    files: setting.files ?? fixed({}),
    holderOf: (address: IPv4) => macOrUndefined(setting.leases?.[formatIPv4(address)]),
    speakerAt: (address: IPv4) => macOrUndefined(setting.leases?.[formatIPv4(address)]),
    discovered: () => setting.discovered ?? [],
    observe: (event) => {
      events.push(event);
      wake();
    },
  };
  const app = setting.token === undefined ? createApp(service) : createAdminApp(service, setting.token);
  const listener = await openHttp(app, {
    address: setting.address ?? '127.0.0.1',
    port: 0,
    limits: setting.limits ?? {},
    isProxy: (peer) => isAmong(service.inventory().appliance.http.proxies, peer),
  });
  opened.push(listener);
  const told = async (count: number) => {
    while (events.length < count) await new Promise<void>((resolve) => (wake = resolve));
    return events;
  };
  return { port: listener.port, listener, events, told };
}

function macOrUndefined(text: string | undefined): Mac | undefined {
  return text === undefined ? undefined : parseMac(text);
}

function inventoryOf(data: string): Inventory {
  const { inventory, problems } = parseInventory(data, 'data.yaml');
  return inventory ?? expect.fail(JSON.stringify(problems));
}

/** When every fixed file was last changed: an HTTP date that tests spell out. */
export const CHANGED = 'Thu, 02 Jan 2025 03:04:05 GMT';

/** Files of fixed bytes; it counts how many are open. */
export function fixed(
  contents: Readonly<Record<string, Uint8Array | string>>,
): Source & { readonly unclosed: () => number } {
  const files = new Map(Object.entries(contents).map(([name, content]) => [name, Buffer.from(content)]));
  let unclosed = 0;
  return {
    unclosed: () => unclosed,
    open(name) {
      const content = files.get(name);
      if (content === undefined) return Promise.resolve({ refused: 'missing', detail: `no ${name}` });
      unclosed += 1;
      const file: OpenFile = {
        size: content.length,
        modified: Date.parse(CHANGED) + 678,
        version: `1-2-${content.length}-x`,
        read: (position, length) => Promise.resolve(content.subarray(position, position + length)),
        close: () => {
          unclosed -= 1;
          return Promise.resolve();
        },
      };
      return Promise.resolve(file);
    },
  };
}
