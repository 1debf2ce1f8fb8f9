import {
  createAdminApp,
  createApp,
  isAmong,
  openHttp,
  type BootService,
  type HttpEvent,
  type ListenOptions,
} from '@sower/http';
import type { ApplianceSettings } from '@sower/machines';
import { codeOf } from '@sower/net';
import { adminToken } from './admin-token.ts';
import { createStrangers, type Strangers } from './discovered.ts';
import type { Tell } from './events.ts';
import type { BootDesk } from './force.ts';
import type { Owner } from './lifecycle.ts';
import { messageOf, StartError } from './start-error.ts';
import { tellHttp } from './tell/http.ts';
import { countLoader } from './tell/loop.ts';

/** Opens the boot listener and, apart from it, the admin listener; gives their URLs. Rejects with StartError. */
export async function serveHttp(
  settings: ApplianceSettings,
  desk: BootDesk,
  tell: Tell,
  now: () => number,
  owner: Owner,
): Promise<{ readonly boot: string; readonly admin: string }> {
  const strangers = createStrangers(now);
  const service: BootService = {
    inventory: () => desk.force().inventory,
    files: { open: (name) => desk.force().files.http.open(name) },
    holderOf(address) {
      desk.heard(address);
      return desk.holderOf(address);
    },
    speakerAt(address) {
      desk.heard(address);
      return desk.speakerAt(address);
    },
    discovered: () => strangers.list(),
    observe(event) {
      note(event, desk, strangers, tell);
      tell(tellHttp(event, (mac) => desk.force().inventory.machineOf(mac)?.name));
    },
  };
  const isProxy = (peer: string) => isAmong(desk.force().inventory.appliance.http.proxies, peer);
  const token = await tokenIn(settings.admin.tokenFile);
  const limits = { connectionsPerAddress: settings.limits.httpPerAddress };
  const boot = owner.own(await open('http', createApp(service), { ...settings.http, limits, isProxy }));
  const admin = owner.own(await open('admin', createAdminApp(service, token), { ...settings.admin, limits }));
  return { boot: urlOf(boot), admin: urlOf(admin) };
}

function urlOf({ address, port }: { readonly address: string; readonly port: number }): string {
  return `http://${address.includes(':') ? `[${address}]` : address}:${port}`;
}

/** What later decisions need to remember of a request: a script ends the count of loaders (B-21), a stranger is listed. */
function note(event: HttpEvent, desk: BootDesk, strangers: Strangers, tell: Tell): void {
  const { trails } = desk;
  if (event.kind === 'artifact' && event.mac !== undefined && isLoader(event))
    countLoader(desk, event.mac, 'http', tell);
  if (event.kind === 'script') trails.scriptFetched(event.mac);
  if (event.kind !== 'unknown') return;
  trails.scriptFetched(event.mac);
  if (event.policy === 'discover') strangers.saw(event.mac, event.address);
}

async function tokenIn(file: string): Promise<string> {
  try {
    return await adminToken(file);
  } catch (error) {
    throw new StartError(`Cannot use the admin token file: ${messageOf(error)}.`, { cause: error });
  }
}

/** A whole loader, not a look at its size or a piece of it. */
function isLoader({ path, status, delivery }: Extract<HttpEvent, { kind: 'artifact' }>): boolean {
  return path.startsWith('loaders/') && status === 200 && delivery.outcome === 'complete';
}

/** What a person can do about a port that cannot be had. */
const REMEDIES: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program has it',
  EACCES: 'no right to open a port below 1024',
  EADDRNOTAVAIL: 'this host does not have that address',
};

async function open(key: 'http' | 'admin', app: Parameters<typeof openHttp>[0], at: ListenOptions) {
  const { address, port } = at;
  try {
    return await openHttp(app, at);
  } catch (error) {
    const why = REMEDIES[codeOf(error) ?? ''] ?? messageOf(error);
    throw new StartError(
      `Cannot listen on ${address}:${port}/tcp: ${why}. Stop what uses it, or change appliance.${key}.port or .address.`,
      {
        cause: error,
      },
    );
  }
}
