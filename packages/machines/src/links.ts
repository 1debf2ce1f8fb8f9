import type { Mac } from '@sower/net';
import type { ApplianceSettings, HarvesterMachine, Machine } from './inventory.ts';

/** URLs are made of `base`: `http://address:port`, without a slash at its end (decisions.md section 1). */

/** Where a machine's script is. */
export function scriptUrl(base: string, mac: Mac): string {
  return `${base}/ipxe/${mac}`;
}

/** The file name of a machine's install config, after its type. */
export function configName(machine: Pick<HarvesterMachine, 'type'>): string {
  return `config-${machine.type}.yaml`;
}

/** The folder of a machine's documents, with a slash at its end: NoCloud asks for names below it. */
export function documentsUrl(base: string, machine: Pick<Machine, 'macs'>): string {
  return `${base}/config/${machine.macs[0]}/`;
}

/** Where a machine's install config is. */
export function configUrl(base: string, machine: Pick<HarvesterMachine, 'type' | 'macs'>): string {
  return `${documentsUrl(base, machine)}${configName(machine)}`;
}

/** Where a file of the artifacts folder is, `path` relative to it; or on the server that `artifacts` names. */
export function artifactUrl(base: string, artifacts: ApplianceSettings['artifacts'], path: string): string {
  return 'url' in artifacts ? `${artifacts.url}/${path}` : `${base}/artifacts/${path}`;
}
