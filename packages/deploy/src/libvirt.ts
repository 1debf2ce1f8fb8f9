/** The network of a libvirt host that sower answers on. */
export interface LibvirtNetwork {
  /** The bridge that libvirt makes, and the name of the network: what `appliance.dhcp.interfaces` names. */
  readonly bridge: string;
  /** The host's own address on it, dotted. */
  readonly address: string;
  /** Dotted. */
  readonly netmask: string;
}

/** A machine as a libvirt domain. */
export interface LibvirtDomain {
  readonly name: string;
  readonly mac: string;
  readonly network: string;
  /** MiB. */
  readonly memory: number;
  readonly cpus: number;
  /** As virt-install's `--disk` takes it, such as `size=250`. */
  readonly disk: string;
  /** The ISO of `sower build iso`: an absolute path. */
  readonly iso: string;
}

/** One way to define the domain. */
export interface VirtInstall {
  /** How it boots, for a comment. */
  readonly title: string;
  /** Words of a command line. */
  readonly words: readonly string[];
}

/** The XML of an isolated network: without <forward> nothing is routed, and libvirt gives neither addresses nor names on it. */
export function libvirtNetwork({ bridge, address, netmask }: LibvirtNetwork): string {
  return [
    '<network>',
    `  <name>${bridge}</name>`,
    `  <bridge name='${bridge}' stp='off' delay='0'/>`,
    "  <dns enable='no'/>",
    `  <ip address='${address}' netmask='${netmask}'/>`,
    '</network>',
    '',
  ].join('\n');
}

/** Loaders are not signed, so that UEFI has to be the one without Secure Boot. */
const UEFI = 'uefi,firmware.feature0.name=secure-boot,firmware.feature0.enabled=no';

/** How a domain may boot: the disk first, always, so that an installed system is left alone. */
const WAYS: readonly { readonly title: string; readonly boot: string; readonly fromIso: boolean }[] = [
  { title: 'from the network, BIOS', boot: 'hd,network', fromIso: false },
  { title: 'from the network, UEFI', boot: `${UEFI},hd,network`, fromIso: false },
  { title: 'from the ISO, BIOS', boot: 'hd,cdrom', fromIso: true },
  { title: 'from the ISO, UEFI', boot: `${UEFI},hd,cdrom`, fromIso: true },
];

/** The virt-install command of each way to boot a machine. */
export function virtInstall(domain: LibvirtDomain): readonly VirtInstall[] {
  const { name, mac, network, memory, cpus, disk, iso } = domain;
  // in a value of virt-install, a comma is written twice
  const cd = ['--disk', `path=${iso.replaceAll(',', ',,')},device=cdrom,readonly=on`];
  return WAYS.map(({ title, boot, fromIso }) => {
    const options = [
      ['--name', name],
      ['--memory', `${memory}`],
      ['--vcpus', `${cpus}`],
      ['--disk', disk],
      ['--network', `network=${network},model=virtio,mac=${mac}`],
      fromIso ? cd : [],
      ['--import'],
      ['--boot', boot],
      ['--osinfo', 'generic'],
      ['--noautoconsole'],
    ];
    return { title, words: ['virt-install', ...options.flat()] };
  });
}
