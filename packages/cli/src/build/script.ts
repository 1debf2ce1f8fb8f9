import { readFile } from 'node:fs/promises';
import { chainScript, type Inventory, type Machine } from '@sower/machines';
import { certificateProblem, scriptProblem } from '@sower/node-ipxe-builder';
import { UsageError } from '../command.ts';
import type { Options } from './options.ts';

/**
 * The script of the site, or for one machine of it: bytes. Without a data file for any machine that reaches the URL. UsageError
 * where nothing says how sower is reached.
 */
export function siteScript(inventory: Inventory | undefined, { data, url, mac }: Options): Uint8Array {
  const base = (url ?? inventory?.appliance.http.url)?.replace(/\/+$/, '');
  if (base === undefined) {
    throw new UsageError(`where do the machines find sower? Neither --url nor appliance.http.url in ${data} says it`);
  }
  if (!/^https?:\/\/[A-Za-z0-9._:-]+(?:\/[A-Za-z0-9._/-]*)?$/.test(base))
    throw new UsageError(`${base} is no URL for a script`);
  return Buffer.from(chainScript(base, mac === undefined ? undefined : machineOf(inventory?.machines ?? [], mac)));
}

/** A script of the user's own. */
export function ownScript(file: string): Promise<Uint8Array> {
  return readChecked(file, 'script', scriptProblem, 'iPXE script');
}

/** A certificate for iPXE to trust, in PEM. */
export function ownCertificate(file: string): Promise<Uint8Array> {
  return readChecked(file, 'CA', certificateProblem, 'certificate');
}

async function readChecked(
  file: string,
  what: string,
  problemOf: (bytes: Uint8Array) => string | undefined,
  kind: string,
): Promise<Uint8Array> {
  const bytes = await readFile(file).catch((error: unknown) => {
    throw new UsageError(`the ${what} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  });
  const problem = problemOf(bytes);
  if (problem !== undefined) throw new UsageError(`${file} is no ${kind}: ${problem}`);
  return bytes;
}

function machineOf(machines: readonly Machine[], mac: string): Machine {
  const digits = (text: string) => text.toLowerCase().replaceAll(/[^0-9a-f]/g, '');
  const machine = machines.find(({ macs }) => macs.some((own) => digits(own) === digits(mac)));
  if (machine === undefined) throw new UsageError(`no machine of the data file has the MAC ${mac}`);
  return machine;
}
