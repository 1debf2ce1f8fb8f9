import { formatIPv4, type IPv4 } from '@sower/net';
import { maskedConfig, plainConfig, type Plain } from './config.ts';
import type { Machine } from './inventory.ts';
import { configUrl, scriptUrl } from './links.ts';
import { formatVersion } from './version.ts';

/** One machine as `/all` and `sower machines` show it; a value that is not set is null. JSON can carry all of it. */
export interface MachineView {
  readonly name: string;
  readonly macs: readonly string[];
  readonly cluster: string | null;
  readonly type: 'create' | 'join';
  readonly version: string;
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
    type: machine.type,
    version: formatVersion(machine.version),
    values: { ipaddress: dotted(address), netmask: dotted(netmask), gateway: dotted(gateway), interface: nic ?? null },
    netboot: machine.netboot,
    links: { script: scriptUrl(base, machine.macs[0]), config: configUrl(base, machine) },
    config: secrets === 'show' ? plainConfig(machine.config) : maskedConfig(machine.config),
  };
}

function dotted(address: IPv4 | undefined): string | null {
  return address === undefined ? null : formatIPv4(address);
}
