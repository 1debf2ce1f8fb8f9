import { missingArtifact } from '@sower/http';
import { spot, type ApplianceSettings, type Finding, type Inventory, type Machine } from '@sower/machines';
import { formatIPv4, type InterfaceAddress } from '@sower/net';
import { createFiles, findLoader, isoAt, isoPath, LOADER_FOLDERS, type Files } from './files.ts';
import type { IsoState, LoaderState } from './summary.ts';

/** Which loader each architecture gets (decisions.md section 3). A Raspberry Pi's own files are few sites' business: only found ones. */
export async function loaderStates({ loaders }: ApplianceSettings, files: Files): Promise<readonly LoaderState[]> {
  const states = await Promise.all(
    LOADER_FOLDERS.map(async (folder) => {
      const wanted = loaders[folder];
      return { folder, wanted, found: await findLoader(files, folder, wanted) };
    }),
  );
  return states.filter(({ folder, found }) => folder !== 'rpi' || found !== undefined);
}

/** The ISO for `/artifacts/ipxe.iso`. One that nobody named and nobody built is not missed. */
export async function isoState(appliance: ApplianceSettings): Promise<IsoState | undefined> {
  const path = isoPath(appliance);
  const file = await isoAt(path).open('ipxe.iso');
  if ('refused' in file) return appliance.iso === undefined ? undefined : { path, problem: file.detail };
  await file.close();
  return { path, problem: undefined };
}

/** The artifacts that machines would fetch from here and that are not there, each once. Files elsewhere are not judged. */
export async function missingArtifacts({ appliance, machines }: Inventory, files: Files): Promise<readonly string[]> {
  const missing = await Promise.all(
    machines.flatMap((machine) => [
      missingArtifact(machine, appliance, files.http),
      missingIso(machine, appliance, files),
    ]),
  );
  return [...new Set(missing.filter((path) => path !== undefined))];
}

/** As `missingArtifacts`, machine by machine, for a check without a running appliance. */
export async function artifactFindings({ appliance, machines }: Inventory): Promise<readonly Finding[]> {
  const files = createFiles(appliance);
  const found = await Promise.all(
    machines.flatMap((machine) => [
      missingArtifact(machine, appliance, files.http).then((path) => missingFinding(machine, path)),
      missingIso(machine, appliance, files).then((path) => missingFinding(machine, path)),
    ]),
  );
  return found.flat();
}

function missingFinding({ name, place }: Machine, path: string | undefined): readonly Finding[] {
  if (path === undefined) return [];
  const what = `missing in the artifacts folder: ${path}`;
  const hint = 'put the file there: a machine waits for its boot files, and its installer fails without the ISO';
  return [
    { ...place, severity: 'warning', rule: 'artifact-missing', machine: name, path: 'values.version', what, hint },
  ];
}

/** The path of an ISO that `iso_url` fetches from here, by `http.url`, and that is not there. */
async function missingIso(
  { config, netboot }: Machine,
  { http, artifacts }: ApplianceSettings,
  files: Files,
): Promise<string | undefined> {
  const { text = '' } = spot(config, 'install', 'iso_url');
  const here = `${http.url}/artifacts/`;
  if (netboot === 'never' || 'url' in artifacts || !text.startsWith(here)) return undefined;
  const path = text.slice(here.length);
  const file = await files.http.open(path);
  if ('refused' in file) return path;
  await file.close();
  return undefined;
}

/** Machines that are to have an address which this host has itself: DHCP gives it to nobody. */
export function clashes({ machines }: Inventory, addresses: readonly InterfaceAddress[]): readonly string[] {
  return machines.flatMap(({ name, network }) => {
    const own = addresses.find(({ address }) => address === network.address);
    return own === undefined
      ? []
      : [`${name} is to have ${formatIPv4(own.address)}, which is this host's own address on ${own.name}`];
  });
}

/** Machines whose own `loader` is in none of the folders: they would be offered no boot file. */
export async function absentLoaders({ machines }: Inventory, files: Files): Promise<readonly string[]> {
  const lines = await Promise.all(
    machines.map(async ({ name, loader }) => {
      if (loader === undefined) return [];
      const found = await Promise.all(LOADER_FOLDERS.map((folder) => findLoader(files, folder, [loader])));
      return found.some((path) => path !== undefined)
        ? []
        : [`the loader ${loader} of ${name} is nowhere under loaders/`];
    }),
  );
  return lines.flat();
}
