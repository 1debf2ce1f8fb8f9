import { formatIPv4, type IPv4 } from '@sower/net';
import { maskedConfig, plainConfig, type Plain } from './config.ts';
import type { Machine } from './inventory.ts';
import { configUrl, documentsUrl, scriptUrl } from './links.ts';
import { formatVersion } from './version.ts';

/** One machine as `/all` and `sower machines` show it; a value that is not set is null. JSON can carry all of it. */
export interface MachineView {
  readonly name: string;
  readonly macs: readonly string[];
  readonly cluster: string | null;
  /** `harvester`, or the profile it names. */
  readonly profile: string;
  readonly type: 'create' | 'join' | null;
  readonly version: string | null;
  readonly values: {
    readonly ipaddress: string | null;
    readonly netmask: string | null;
    readonly gateway: string | null;
    readonly interface: string | null;
  };
  readonly netboot: 'always' | 'never';
  readonly links: { readonly script: string; readonly config: string };
  readonly config: Plain;
}

/** Describes a machine, with links below `base`; its secrets are masked unless `show`. */
export function describeMachine(machine: Machine, base: string, secrets: 'mask' | 'show'): MachineView {
  const { address, netmask, gateway, interface: nic } = machine.network;
  return {
    name: machine.name,
    macs: machine.macs,
    cluster: machine.cluster ?? null,
    profile: machine.profile?.name ?? 'harvester',
    type: machine.type ?? null,
    version: versionOf(machine),
    values: { ipaddress: dotted(address), netmask: dotted(netmask), gateway: dotted(gateway), interface: nic ?? null },
    netboot: machine.netboot,
    links: { script: scriptUrl(base, machine.macs[0]), config: linkTo(machine, base) },
    config: secrets === 'show' ? plainConfig(machine.config) : harmless(machine),
  };
}

/** What is secret in another system's documents only that system knows: they are named, and not shown. */
function harmless({ profile, config }: Machine): Plain {
  if (profile === undefined) return maskedConfig(config);
  return Object.fromEntries(Array.from(config.root.entries.keys(), (name) => [name, '***']));
}

function versionOf(machine: Machine): string | null {
  return machine.profile === undefined ? formatVersion(machine.version) : (machine.release ?? null);
}

function linkTo(machine: Machine, base: string): string {
  return machine.profile === undefined ? configUrl(base, machine) : documentsUrl(base, machine);
}

function dotted(address: IPv4 | undefined): string | null {
  return address === undefined ? null : formatIPv4(address);
}
