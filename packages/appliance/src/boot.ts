import { OPTIONS, type BootFields, type Menu, type Message } from '@sower/dhcp';
import {
  clientOf,
  next,
  scriptUrl,
  type Boot,
  type Client,
  type Inventory,
  type SubnetSettings,
} from '@sower/machines';
import type { IPv4, Mac } from '@sower/net';
import { baseUrl, literalUrl } from './base-url.ts';
import { findLoader, type Files } from './files.ts';
import type { Trails } from './trail.ts';

/** What is known when it is decided what a client boots, on whatever port it asks. */
export interface BootFacts {
  readonly inventory: Inventory;
  readonly files: Files;
  readonly trails: Trails;
}

/** Who asks, by what its message says and by the quirks in force. */
export function clientIn({ inventory }: BootFacts, { options }: Message, mac: Mac): Client {
  const id = options.get(OPTIONS.machineId);
  const said = {
    mac,
    vendorClass: options.get(OPTIONS.vendorClass),
    userClasses: options.get(OPTIONS.userClasses) ?? [],
    archs: options.get(OPTIONS.architectures) ?? [],
    ipxeFeatures: options.has(OPTIONS.ipxe.code)
      ? (options.get(OPTIONS.ipxe) ?? []).map(({ code }) => code)
      : undefined,
    uuid: id?.subarray(1),
  };
  return clientOf(said, inventory.appliance.quirks);
}

/** A VIP's MAC has an address and nothing to boot (decisions.md section 2); everybody else goes by the boot decision. */
export function bootFor({ inventory, trails }: BootFacts, mac: Mac, client: Client): Boot {
  const machine = inventory.machineOf(mac);
  if (machine === undefined && inventory.reservations.has(mac)) return { kind: 'nothing', why: 'not-a-boot-client' };
  return next(client, machine, inventory.appliance, { loaderFetches: trails.loaderFetches(mac) });
}

/** What the reply carries, and the word for it in the log. */
interface BootAnswer {
  readonly fields: BootFields | undefined;
  readonly note: string;
}

/** The decision as DHCP says it. A loader that exists nowhere is an offer without a boot file (decisions.md section 3). */
export async function bootFields(
  { inventory, files }: BootFacts,
  boot: Boot,
  client: Client,
  mac: Mac,
  nextServer: IPv4,
  mode: SubnetSettings['mode'],
): Promise<BootAnswer> {
  if (boot.kind === 'nothing') return { fields: undefined, note: boot.why };
  if (client.class === 'plain' || boot.kind === 'ignore') return { fields: undefined, note: 'not-a-boot-client' };
  const { http } = inventory.appliance;
  const menu = menuFor(client, mode);
  const told = { class: client.class, nextServer, ...(menu && { menu }) };
  const script = { ...told, file: scriptUrl(baseUrl(http, nextServer), mac) };
  if (boot.kind === 'script') return { fields: script, note: 'script' };
  const path = await findLoader(files, boot.folder, boot.names);
  if (path !== undefined) {
    const file = boot.transport === 'http' ? `${literalUrl(http, nextServer)}/artifacts/${path}` : path;
    return { fields: { ...told, file }, note: 'loader' };
  }
  // Where there is no loader to rechain to, the iPXE that asks can still run its script.
  const isIpxe = client.class === 'ipxe' || client.class === 'ours';
  return { fields: isIpxe ? script : undefined, note: `no-loader: ${boot.names.join(', ')}` };
}

/** What option 43 says, where it is not what every client of the class gets. */
function menuFor({ class: known, quirks }: Client, mode: SubnetSettings['mode']): Menu | undefined {
  if (known === 'rpi') return quirks.has('raspberry-pi-padded') ? 'raspberry-pi-padded' : undefined;
  const hints = quirks.has('pxe-hints') || (mode === 'proxy' && quirks.has('skip-discovery'));
  return known === 'pxe' && hints ? 'skip-discovery' : undefined;
}
