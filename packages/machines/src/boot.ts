import type { Client } from './client.ts';
import type { Inventory, Machine } from './inventory.ts';

/** What is known of a machine's way so far, this power-on. */
export interface Progress {
  /** Loaders it has fetched since its last script or, without one, within the last two minutes (B-21). */
  readonly loaderFetches: number;
}

/** What a machine boots next. `loader`: candidates by file name, for `folder` under `loaders/`, the first that exists. */
export type Boot =
  | {
      readonly kind: 'loader';
      readonly folder: 'bios' | 'x64' | 'arm64' | 'rpi';
      readonly names: readonly string[];
      readonly transport: 'tftp' | 'http';
    }
  | { readonly kind: 'script' }
  | { readonly kind: 'nothing'; readonly why: NothingWhy }
  /** No answer at all, not even an address. */
  | { readonly kind: 'ignore'; readonly why: 'unknown-mac' | 'quirk-no-answer' };

export type NothingWhy =
  | 'not-a-boot-client'
  | 'netboot-never'
  | 'quirk-no-boot-file'
  | 'unknown-local'
  | 'no-loader-for-arch'
  | 'http-boot-unsupported';

/** What boots next: pure. `machine` is undefined for a MAC outside the inventory; then `unknown` decides. */
export type Next = (
  client: Client,
  machine: Machine | undefined,
  settings: Inventory['appliance'],
  progress: Progress,
) => Boot;

/** What this client is told to boot (decisions.md sections 2 and 3, B-21). */
export const next: Next = (client, machine, settings, progress) => {
  if (machine === undefined && settings.unknown === 'ignore') return { kind: 'ignore', why: 'unknown-mac' };
  if (client.quirks.has('no-answer')) return { kind: 'ignore', why: 'quirk-no-answer' };
  if (client.class === 'plain') return nothing('not-a-boot-client');
  if (machine?.netboot === 'never') return nothing('netboot-never');
  if (client.quirks.has('no-boot-file')) return nothing('quirk-no-boot-file');
  const isIpxe = client.class === 'ours' || client.class === 'ipxe';
  if (machine === undefined && settings.unknown === 'local' && !isIpxe) return nothing('unknown-local');

  const loader = loaderFor(client, machine, settings);
  if (!isIpxe) return loader ?? nothing(client.class === 'http' ? 'http-boot-unsupported' : 'no-loader-for-arch');
  return loader !== undefined && rechains(client, machine, settings, progress) ? loader : { kind: 'script' };
};

/**
 * A foreign iPXE gets our loader once (the loop guard of B-21), and only where that is asked for, or where it could do
 * nothing with a script's URL (B-23).
 */
function rechains(
  client: Client,
  machine: Machine | undefined,
  settings: Inventory['appliance'],
  progress: Progress,
): boolean {
  const wanted = machine !== undefined && (machine.rechain || settings.loaders.rechain);
  return (wanted || !client.speaksHttp) && client.class === 'ipxe' && progress.loaderFetches === 0;
}

function loaderFor(
  client: Client,
  machine: Machine | undefined,
  settings: Inventory['appliance'],
): Extract<Boot, { kind: 'loader' }> | undefined {
  const folder = client.class === 'rpi' ? 'rpi' : client.arch?.loaders;
  if (folder === undefined) return undefined;
  const transport = client.class === 'http' ? 'http' : 'tftp';
  const own = machine?.loader;
  const isOwn = own !== undefined && (transport === 'http' || !isDiskImage(own));
  return { kind: 'loader', folder, names: isOwn ? [own] : settings.loaders[folder], transport };
}

/** B-13: what UEFI HTTP Boot mounts as a RAM disk. Nothing else that asks for a loader can start from it. */
function isDiskImage(name: string): boolean {
  return /\.(?:iso|img)$/i.test(name);
}

function nothing(why: NothingWhy): Boot {
  return { kind: 'nothing', why };
}
