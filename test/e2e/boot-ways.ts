import { FIRMWARE, type Firmware } from './lab/firmware.ts';
import type { Fields } from './lab/sower.ts';

/** What every URL of the lab begins with. */
export const SERVER = 'http://192.168.50.1:10000';

/** One machine of data/boot.yaml, and what it must see. */
export interface Way {
  readonly title: string;
  readonly firmware: Firmware;
  readonly name: string;
  readonly mac: string;
  /** The address that DHCP gives and the kernel line repeats; undefined: one of the pool. */
  readonly address: string | undefined;
  readonly version: string;
  /** The kernel line after `initrd=`, as the installer of its version wants it. */
  readonly line: readonly string[];
  /** Boot steps in sower's log, in this order, between power-on and the kernel. */
  readonly steps: readonly Fields[];
}

const statically = (address: string): readonly string[] => [
  `ip=${address}::192.168.50.1:255.255.255.0::ens3:none`,
  'nameserver=192.168.50.1',
  'nameserver=192.168.50.2',
];
const live = (version: string): readonly string[] => [
  'net.ifnames=1',
  'rd.cos.disable',
  'rd.noverifyssl',
  `root=live:${SERVER}/artifacts/harvester/v${version}/harvester-v${version}-rootfs-amd64.squashfs`,
  'console=tty1',
  'harvester.install.automatic=true',
];
const configUrl = (mac: string, type: string): string =>
  `harvester.install.config_url=${SERVER}/config/${mac}/config-${type}.yaml`;

const UNDIONLY = { step: 'tftp', why: 'complete', file: 'loaders/bios/undionly.kpxe' };
const SNPONLY = { step: 'tftp', why: 'complete', file: 'loaders/x64/snponly.efi' };
const SCRIPT = { step: 'http', why: 'install' };
const offered = (file: string): Fields => ({ step: 'dhcp', why: 'offered', reply: 'offer', file });
const bound = (file: string): Fields => ({ step: 'dhcp', why: 'bound', reply: 'ack', file });

export const WAYS: readonly Way[] = [
  {
    title: `B-10 ${FIRMWARE.biosRom.title}; 1.7.0, static`,
    firmware: FIRMWARE.biosRom,
    name: 'bios',
    mac: '52:54:00:5e:00:01',
    address: '192.168.50.31',
    version: '1.7.0',
    line: [...statically('192.168.50.31'), ...live('1.7.0'), configUrl('52:54:00:5e:00:01', 'create')],
    steps: [offered(`${SERVER}/ipxe/52:54:00:5e:00:01`), bound(`${SERVER}/ipxe/52:54:00:5e:00:01`), SCRIPT],
  },
  {
    title: `B-21 rechain: ${FIRMWARE.biosRom.title} → undionly.kpxe; 1.7.0, static`,
    firmware: FIRMWARE.biosRom,
    name: 'rechain',
    mac: '52:54:00:5e:00:02',
    address: '192.168.50.32',
    version: '1.7.0',
    line: [...statically('192.168.50.32'), ...live('1.7.0'), configUrl('52:54:00:5e:00:02', 'join')],
    steps: [
      bound('loaders/bios/undionly.kpxe'),
      UNDIONLY,
      offered(`${SERVER}/ipxe/52:54:00:5e:00:02`),
      bound(`${SERVER}/ipxe/52:54:00:5e:00:02`),
      SCRIPT,
    ],
  },
  {
    title: `B-10 ${FIRMWARE.uefiPxe.title}; 1.1.0, from the pool`,
    firmware: FIRMWARE.uefiPxe,
    name: 'uefi-pxe',
    mac: '52:54:00:5e:00:03',
    address: undefined,
    version: '1.1.0',
    line: [
      'ip=dhcp',
      'rd.net.dhcp.retry=3',
      ...live('1.1.0'),
      'harvester.scheme_version=1',
      configUrl('52:54:00:5e:00:03', 'join'),
    ],
    steps: [bound('loaders/x64/snponly.efi'), SNPONLY, bound(`${SERVER}/ipxe/52:54:00:5e:00:03`), SCRIPT],
  },
  {
    title: `B-10 B-12 ${FIRMWARE.uefiHttp.title}; 0.3.0, static`,
    firmware: FIRMWARE.uefiHttp,
    name: 'uefi-http',
    mac: '52:54:00:5e:00:04',
    address: '192.168.50.34',
    version: '0.3.0',
    line: [...statically('192.168.50.34'), ...live('0.3.0'), configUrl('52:54:00:5e:00:04', 'join')],
    steps: [
      bound(`${SERVER}/artifacts/loaders/x64/snponly.efi`),
      { step: 'http', why: 'artifact', path: 'loaders/x64/snponly.efi' },
      bound(`${SERVER}/ipxe/52:54:00:5e:00:04`),
      SCRIPT,
    ],
  },
];
