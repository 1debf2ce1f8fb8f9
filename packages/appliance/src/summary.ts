import { scriptUrl, type ApplianceSettings, type Inventory } from '@sower/machines';
import { formatIPv4 } from '@sower/net';
import { linkBase } from './base-url.ts';

/** What is running, and what is not and why. */
export interface Running {
  /** Interfaces that are named and not served yet, a line each. */
  readonly idle: readonly string[];
  readonly http: string;
  readonly admin: string;
  readonly tftp: Service;
  readonly dhcp: Service;
  readonly loaders: readonly LoaderState[];
  /** Undefined: there is none, and none was named. */
  readonly iso: IsoState | undefined;
  /** Artifacts that scripts would fetch from here and that are not there. */
  readonly missing: readonly string[];
  /** What this host cannot give to machines as the data file has it, a line each. */
  readonly warnings: readonly string[];
}

export type Service = { readonly on: string } | { readonly off: string; readonly remedy: string };

export interface LoaderState {
  readonly folder: string;
  /** The loader's path, or the names that were looked for. */
  readonly found: string | undefined;
  readonly wanted: readonly string[];
}

export interface IsoState {
  readonly path: string;
  /** Why it cannot be served, if so. */
  readonly problem: string | undefined;
}

/** The start-up summary: what listens where, what is off and why, each machine with its script URL. */
export function summarize(inventory: Inventory, dataFile: string, running: Running): readonly string[] {
  const { appliance, machines, warnings } = inventory;
  return [
    `sower serves ${machines.length} machine${machines.length === 1 ? '' : 's'} from ${dataFile}`,
    `  HTTP   ${running.http}`,
    `  admin  ${running.admin} (token in ${appliance.admin.tokenFile})`,
    ...service('TFTP', running.tftp),
    ...service('DHCP', running.dhcp),
    ...running.idle.map((line) => `         ${line}`),
    ...running.loaders.map(loaderLine),
    ...(running.iso === undefined ? [] : [isoLine(running.iso)]),
    ...running.missing.map((path) => `  missing artifact: ${path} (the machines that need it wait and ask again)`),
    ...running.warnings.map((line) => `  warning: ${line}`),
    ...(appliance.secrets === 'open' ? [OPEN_SECRETS] : []),
    ...warnings.map(({ file, line, column, what, hint }) => `  warning: ${file}:${line}:${column}: ${what} (${hint})`),
    ...machines.map((machine) => {
      const url = scriptUrl(linkBase(machine, appliance), machine.macs[0]);
      const { address } = machine.network;
      const where = address === undefined ? 'from the pool' : formatIPv4(address);
      return `  ${machine.name}  ${machine.macs.join(' ')}  ${machine.type}  ${where}  ${url}`;
    }),
  ];
}

/** DHCP as the data file has it; absent is off, and the summary says how to turn it on. */
export function dhcpState(dhcp: ApplianceSettings['dhcp']): Service {
  if (dhcp !== undefined) return { on: `ports 67 and 4011 on ${dhcp.interfaces.join(', ')}, and nowhere else` };
  return {
    off: 'appliance.dhcp is absent or off',
    remedy:
      'to turn it on, name the interface of the boot VLAN in appliance.dhcp.interfaces and its subnet in appliance.dhcp.subnets',
  };
}

const OPEN_SECRETS =
  '  warning: secrets are open (appliance.secrets: open): whoever can reach the HTTP port and guesses a MAC address reads that machine’s config';

function service(name: string, state: Service): readonly string[] {
  return 'on' in state ? [`  ${name}   ${state.on}`] : [`  ${name}   off: ${state.off}`, `         ${state.remedy}`];
}

function loaderLine({ folder, found, wanted }: LoaderState): string {
  if (found !== undefined) return `  loader ${folder}: ${found}`;
  return `  loader ${folder}: none, its machines get an address and no boot file; put ${wanted.join(' or ')} into the artifacts folder under loaders/${folder}/, or install the package ipxe`;
}

function isoLine({ path, problem }: IsoState): string {
  if (problem === undefined) return `  ISO    ${path}, as /artifacts/ipxe.iso`;
  return `  warning: the ISO cannot be served as /artifacts/ipxe.iso until it is there: ${problem}`;
}
