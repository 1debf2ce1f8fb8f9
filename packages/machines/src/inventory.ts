import type { AddressRange, IPv4, Mac, Subnet } from '@sower/net';
import type { Config } from './config.ts';
import type { DhcpOption } from './dhcp-options.ts';
import type { Fault, Finding } from './lint/finding.ts';
import type { Problem, Place } from './problems.ts';
import type { Profile } from './profiles/profile.ts';
import type { Quirk } from './quirks.ts';
import type { Facts } from './template.ts';
import type { Version } from './version.ts';

export type { Place, Problem } from './problems.ts';

/** The whole of one valid data file. Immutable: a reload makes a new one. */
export interface Inventory {
  readonly appliance: ApplianceSettings;
  readonly machines: readonly Machine[];
  /** The machine that owns this MAC; O(1). */
  machineOf(mac: Mac): Machine | undefined;
  /** Every MAC with a fixed address: machines' `ipaddress`, and each `vip_hw_addr` with its `vip` (decisions.md section 2). */
  readonly reservations: ReadonlyMap<Mac, IPv4>;
  readonly warnings: readonly Problem[];
  /** What the linter has against installing a machine of this inventory; an error stops its install and no other's. */
  findingsOf(machine: Machine): readonly Finding[];
}

/** One entry of `maclist`: a host with one or more NICs. Which union member it is, its `profile` tells. */
export type Machine = HarvesterMachine | ProfiledMachine;

/** A machine that becomes a node of a Harvester cluster: what is installed where nothing else is named. */
export interface HarvesterMachine extends MachineFacts {
  readonly profile: undefined;
  readonly type: 'create' | 'join';
  readonly version: Version;
  /** `values.skipchecks`-like switches that reach the kernel line only when the machine says so. */
  readonly skipchecks: boolean;
}

/** A machine that is installed by the table of a profile; its config holds the profile's documents. */
export interface ProfiledMachine extends MachineFacts {
  readonly profile: Profile;
  readonly type: undefined;
  readonly version: undefined;
  /** As the user wrote it, if at all; it stands for `{version}` in paths. */
  readonly release: string | undefined;
  /** What the profile's templates can name. */
  readonly facts: Facts;
}

/** What every machine has. */
interface MachineFacts {
  /** At least one; the first is the machine's name in URLs made by us. */
  readonly macs: readonly [Mac, ...Mac[]];
  /** Key `name`, else `os.hostname` of its config, else the first MAC. */
  readonly name: string;
  /** How the machine's cluster was found is in decisions.md section 2; undefined where none was. */
  readonly cluster: string | undefined;
  readonly network: MachineNetwork;
  /** Its templates are filled in. */
  readonly config: Config;
  /** Templates in its config that could not be filled in: they stop its install. */
  readonly unfilled: readonly Fault[];
  /** `never`: no boot file, no script but local boot. */
  readonly netboot: 'always' | 'never';
  /** File name of the loader for this machine's firmware, instead of the default of its architecture. */
  readonly loader: string | undefined;
  /** Give even iPXE our loader once, before the script (B-21). */
  readonly rechain: boolean;
  /** Local boot by this method instead of the firmware's default. */
  readonly localboot: 'sanboot' | 'exit' | 'poweroff' | undefined;
  /** DHCP options of its own. */
  readonly options: readonly DhcpOption[];
  readonly place: Place;
}

/** The four values of the seed form that make a static `ip=`; each may be absent. */
export interface MachineNetwork {
  readonly address: IPv4 | undefined;
  readonly netmask: IPv4 | undefined;
  readonly gateway: IPv4 | undefined;
  readonly interface: string | undefined;
}

/** The `appliance` section with every default filled in. Paths are absolute. */
export interface ApplianceSettings {
  readonly http: {
    readonly address: string;
    readonly port: number;
    readonly url: string | undefined;
    readonly all: boolean;
    /** The only peers whose X-Forwarded-For counts; with any, `url` is there. */
    readonly proxies: readonly Subnet[];
  };
  readonly admin: { readonly address: string; readonly port: number; readonly tokenFile: string };
  readonly tftp: {
    readonly port: number;
    readonly allow: readonly Subnet[];
    /** Bytes of the largest block; undefined: what the network takes. */
    readonly maxBlksize: number | undefined;
    /** Everything through the one port, for firewalls. */
    readonly singlePort: boolean;
  };
  /** `mode: off` and an absent section are both undefined. */
  readonly dhcp: DhcpSettings | undefined;
  readonly secrets: 'open';
  readonly unknown: 'ignore' | 'discover' | 'local';
  /** A folder, or a base URL without a slash at its end (decisions.md section 3). */
  readonly artifacts: { readonly folder: string } | { readonly url: string };
  readonly state: string;
  /** The ISO that the data file or the command line names; undefined where neither does. */
  readonly iso: string | undefined;
  readonly loaders: LoaderSettings;
  /** Quirks of the data file, besides those that are known anyway. */
  readonly quirks: readonly Quirk[];
  /** File-name templates by Harvester version, over the built-in ones. */
  readonly templates: readonly ArtifactTemplate[];
  readonly limits: LimitSettings;
}

/** What is too much (A-53, C-30, D-20). `off` is no limit; DHCP counts requests a second, the others count at a time. */
export interface LimitSettings {
  readonly dhcpPerClient: number | 'off';
  readonly dhcpPerRelay: number | 'off';
  readonly dhcpPerCircuit: number | 'off';
  readonly tftpTransfers: number;
  readonly tftpPerClient: number;
  readonly httpPerAddress: number;
}

/** Default loader of each folder under `loaders/`, overridable; more than one name means: the first that exists. */
export interface LoaderSettings {
  readonly bios: readonly string[];
  readonly x64: readonly string[];
  readonly arm64: readonly string[];
  /** Raspberry Pi ROMs fetch what they need by names of their own; one of these being there tells that they can. */
  readonly rpi: readonly string[];
  readonly rechain: boolean;
}

/** Names of the files of one Harvester release, relative to the artifacts folder; `{version}` stands for the version without `v`. */
export interface ArtifactTemplate {
  /** Exact version, or `*` for all. */
  readonly version: string;
  readonly kernel: string | undefined;
  readonly initrd: string | undefined;
  readonly rootfs: string | undefined;
}

export interface DhcpSettings {
  /** Whether port 68 is listened to as well, for the offers of other servers. */
  readonly watch: boolean;
  readonly interfaces: readonly string[];
  readonly subnets: readonly SubnetSettings[];
  /** For every machine; those of its subnet, its architecture and its own count more, in this order. */
  readonly options: readonly DhcpOption[];
  readonly architectures: Readonly<Record<'bios' | 'x64' | 'arm64', readonly DhcpOption[]>>;
}

export interface SubnetSettings {
  readonly subnet: Subnet;
  /** `proxy`: another DHCP server gives the addresses; what follows has no meaning then. */
  readonly mode: 'server' | 'proxy';
  readonly pool: AddressRange | undefined;
  readonly router: IPv4 | undefined;
  readonly dns: readonly IPv4[];
  readonly domain: string | undefined;
  /** Seconds, at least 120. */
  readonly lease: number;
  /** Whether this is the only DHCP server here; default true. */
  readonly authoritative: boolean;
  /** Whether an address of the pool is asked for on the link before it is offered to a new client; default true. */
  readonly probe: boolean;
  /** Whether clients that ask for it skip OFFER and REQUEST (RFC 4039); default false. */
  readonly rapidCommit: boolean;
  /**
   * Relay agents for this subnet: they may have an address outside every subnet, and their word for the server
   * identifier counts (RFC 5107).
   */
  readonly relays: readonly IPv4[];
  readonly options: readonly DhcpOption[];
}
