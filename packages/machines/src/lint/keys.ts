import { isIP } from 'node:net';
import { parseIPv4, parseMac, parseSubnet } from '@sower/net';
import { release, type Version } from '../version.ts';

/** What a text has to look like. */
export interface Words {
  readonly expected: string;
  fits(text: string): boolean;
}

/**
 * What the installer makes of a value (harvester.md section 1.1). `text` takes strings alone: a number or a boolean fails
 * the whole file. `flag` takes true, t, yes, y and takes every other word for false. `texts` is a list, or one text;
 * `map` has free keys and its values become texts; `lists` has free keys and lists of texts; `list` holds mappings.
 */
export type Form =
  | { readonly kind: 'text' | 'texts'; readonly words: Words | undefined }
  | { readonly kind: 'number'; readonly words: Words }
  | { readonly kind: 'flag' | 'map' | 'lists' | 'list' | 'mapping' | 'any' };

/** One key of the install config and the releases that read it. */
export interface KeyRow {
  /** `[]` stands for the members of a list, `*` for any name. */
  readonly path: string;
  readonly form: Form;
  /** The first and the last release that read it; undefined: all of them. */
  readonly since: Version | undefined;
  readonly until: Version | undefined;
  /** What to write where it is not read any more. */
  readonly instead: string;
}

interface More {
  readonly since?: string;
  readonly until?: string;
  readonly instead?: string;
}

const row = (path: string, form: Form, { since = '', until = '', instead = '' }: More = {}): KeyRow => ({
  path,
  form,
  since: release(since),
  until: release(until),
  instead,
});

const matching = (expected: string, pattern: RegExp): Words => ({ expected, fits: (text) => pattern.test(text) });
const oneOf = (...names: readonly string[]): Words => ({
  expected: `one of ${names.join(', ')}`,
  fits: (text) => names.includes(text),
});
const numbers = (expected: string, fits: (value: number) => boolean): Form => ({
  kind: 'number',
  words: { expected, fits: (text) => /^\d+$/.test(text) && fits(Number(text)) },
});

const text = (words?: Words): Form => ({ kind: 'text', words });
const texts = (words?: Words): Form => ({ kind: 'texts', words });
const flag: Form = { kind: 'flag' };
const map: Form = { kind: 'map' };
const list: Form = { kind: 'list' };
const mapping: Form = { kind: 'mapping' };
const any: Form = { kind: 'any' };
const count = numbers('a whole number', () => true);

const HOSTNAME = matching(
  'a host name of small letters, digits, `-` and `.`',
  /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/,
);
const IPV4: Words = { expected: 'an IPv4 address', fits: (word) => parseIPv4(word) !== undefined };
const ADDRESS: Words = { expected: 'an IP address', fits: (word) => isIP(word) !== 0 };
const MAC: Words = { expected: 'a MAC address', fits: (word) => parseMac(word) !== undefined };
const CIDR: Words = { expected: 'a network such as 10.52.0.0/16', fits: (word) => parseSubnet(word) !== undefined };
const DEVICE = matching('a device such as /dev/sda', /^\/dev\/./);
const METHOD = matching('dhcp or static', /^(?:dhcp|static)$/i);
const SOURCE = matching('a URL or an absolute path', /^(?:(?:https?|ftp|tftp):\/\/[^/\s]+\/|\/)\S*$/);
const MTU = numbers('0, or a number from 576 to 9000', (mtu) => mtu === 0 || (mtu >= 576 && mtu <= 9000));
const VLAN = numbers('a number from 0 to 4094', (id) => id <= 4094);

/** A management network as one object; its place in the config changed at 1.1.0, its keys did not. */
const network = (path: string, since: string, until: string): readonly KeyRow[] => [
  row(`${path}.interfaces`, list, { since, until }),
  row(`${path}.interfaces[].name`, text(), { since, until }),
  row(`${path}.interfaces[].hw_addr`, text(MAC), { since, until }),
  row(`${path}.method`, text(METHOD), { since, until }),
  row(`${path}.ip`, text(IPV4), { since, until }),
  row(`${path}.subnet_mask`, text(IPV4), { since, until }),
  row(`${path}.gateway`, text(IPV4), { since, until }),
  row(`${path}.bond_options`, map, { since, until }),
  row(`${path}.mtu`, MTU, { since: since === '' ? '1.0.1' : since, until }),
  row(`${path}.vlan_id`, VLAN, { since: since === '' ? '1.0.0' : since, until }),
  // official examples of every release have it
  row(`${path}.default_route`, flag, { until: '0.3.0', instead: 'leave it out: `gateway` is the default route' }),
];

const MANAGEMENT = 'write `management_interface`';

/** Every key of the install config in any release from 0.2.0 on (harvester.md sections 1.2 to 1.4). */
export const KEYS: readonly KeyRow[] = [
  row(
    'scheme_version',
    numbers('1', (version) => version === 1),
    { since: '1.1.0' },
  ),
  row('server_url', text()),
  row('token', text()),
  row('sans', texts(), { since: '1.6.0' }),
  row('system_settings', map, { since: '1.0.0' }),
  row('runtime_version', text(), { since: '0.3.0' }),
  row('rancher_version', text(), { since: '1.0.3' }),
  row('harvester_chart_version', text(), { since: '1.0.0' }),
  row('monitoring_chart_version', text(), { since: '1.0.0' }),
  row('logging_chart_version', text(), { since: '1.1.0' }),
  row('kubeovn_chart_version', text(), { since: '1.6.0' }),
  row('cluster_networks', any, { since: '1.0.1', until: '1.1.0' }),

  row('os', mapping),
  row('os.hostname', text(HOSTNAME)),
  row('os.ssh_authorized_keys', texts()),
  row('os.password', text()),
  row('os.dns_nameservers', texts(ADDRESS)),
  row('os.ntp_servers', texts()),
  row('os.modules', texts()),
  row('os.sysctls', map),
  row('os.environment', map),
  row('os.write_files', list, { since: '0.3.0' }),
  row(
    'os.write_files[].encoding',
    text(oneOf('', 'b64', 'base64', 'gz', 'gzip', 'gz+base64', 'gzip+base64', 'gz+b64', 'gzip+b64')),
  ),
  row('os.write_files[].content', text()),
  row('os.write_files[].owner', text()),
  row('os.write_files[].path', text(matching('an absolute path', /^\//))),
  row('os.write_files[].permissions', text(matching('octal digits in quotes, such as "0644"', /^0?[0-7]{3,4}$/))),
  row('os.labels', map, { since: '1.0.0' }),
  row('os.after_install_chroot_commands', texts(), { since: '1.2.0' }),
  row('os.persistent_state_paths', texts(matching('an absolute path outside /tmp', /^\/(?!tmp(?:\/|$))/)), {
    since: '1.2.0',
  }),
  row('os.sshd', mapping, { since: '1.2.2' }),
  row('os.sshd.sftp', flag, { since: '1.2.2' }),
  row('os.sshd.disable_password_auth', flag, { since: '1.8.0' }),
  row('os.external_storage_config', mapping, { since: '1.4.0' }),
  row('os.external_storage_config.enabled', flag, { since: '1.4.0' }),
  row('os.external_storage_config.multi_path_config', any, { since: '1.4.0' }),
  row('os.additional_kernel_arguments', text(), { since: '1.4.0' }),
  row('os.wifi', any, { until: '1.6.1' }),

  row('install', mapping),
  row('install.automatic', flag),
  row('install.mode', text(oneOf('create', 'join', 'install', 'upgrade'))),
  row('install.skipchecks', flag, { since: '1.3.0' }),
  row('install.role', text(oneOf('', 'default', 'management', 'worker', 'witness')), { since: '1.3.0' }),
  row('install.management_interface', mapping, { since: '1.1.0', instead: 'write `networks: { harvester-mgmt: … }`' }),
  ...network('install.management_interface', '1.1.0', ''),
  row('install.networks', any, { until: '1.0.3', instead: MANAGEMENT }),
  row('install.networks.*', mapping, { since: '0.3.0', until: '1.0.3', instead: MANAGEMENT }),
  ...network('install.networks.*', '', '1.0.3'),
  row('install.networks[].interface', text(), { until: '0.2.0' }),
  row('install.networks[].method', text(METHOD), { until: '0.2.0' }),
  row('install.networks[].ip', text(IPV4), { until: '0.2.0' }),
  row('install.networks[].subnet_mask', text(IPV4), { until: '0.2.0' }),
  row('install.networks[].gateway', text(IPV4), { until: '0.2.0' }),
  row('install.networks[].dns_nameservers', texts(ADDRESS), { until: '0.2.0' }),
  row('install.mgmt_interface', text(), { until: '0.2.0', instead: 'leave it out' }),
  row('install.vip', text(IPV4), { since: '0.3.0' }),
  row('install.vip_mode', text(matching('static or dhcp', /^(?:static|dhcp|none)$/i)), { since: '0.3.0' }),
  row('install.vip_hw_addr', text(MAC), { since: '0.3.0' }),
  row('install.cluster_dns', text(IPV4), { since: '1.5.0' }),
  row('install.cluster_pod_cidr', text(CIDR), { since: '1.5.0' }),
  row('install.cluster_service_cidr', text(CIDR), { since: '1.5.0' }),
  row('install.device', text(DEVICE)),
  row('install.data_disk', text(DEVICE), { since: '1.0.1' }),
  row('install.persistent_partition_size', text(matching('a size such as 150Gi', /^\d+[MG]i$/)), { since: '1.2.0' }),
  row('install.iso_url', text(SOURCE)),
  row('install.config_url', text()),
  row('install.with_net_images', flag, { since: '1.3.0' }),
  row('install.wipe_all_disks', flag, { since: '1.5.0' }),
  row('install.wipe_disks_list', texts(DEVICE), { since: '1.5.0' }),
  row('install.wipe_disks', flag, { since: '1.2.2', until: '1.4.3', instead: 'write `wipe_all_disks`' }),
  row('install.force_efi', flag),
  row('install.debug', flag),
  row('install.power_off', flag),
  row('install.tty', text()),
  row('install.no_format', flag),
  row('install.silent', flag),
  row('install.force_mbr', flag, { since: '1.0.0' }),
  row('install.force_gpt', flag, { since: '0.3.0' }),
  row('install.no_data_partition', flag, { since: '1.0.0', until: '1.0.0', instead: 'write `data_disk`' }),
  row('install.raw_disk_image_path', text(), { since: '1.2.0' }),
  row('install.webhooks', list),
  row('install.webhooks[].event', text(oneOf('STARTED', 'SUCCEEDED', 'FAILED'))),
  row(
    'install.webhooks[].method',
    text(matching('a method of HTTP', /^(?:get|head|post|put|patch|delete|connect|options|trace)$/i)),
  ),
  row('install.webhooks[].url', text()),
  row('install.webhooks[].headers', { kind: 'lists' }),
  row('install.webhooks[].payload', text()),
  row('install.webhooks[].insecure', flag),
  row('install.webhooks[].basic_auth', mapping),
  row('install.webhooks[].basic_auth.user', text()),
  row('install.webhooks[].basic_auth.password', text()),
  row('install.addons', mapping, { since: '1.2.0' }),
  row('install.addons.*', mapping, { since: '1.2.0' }),
  row('install.addons.*.enabled', flag, { since: '1.2.0' }),
  row('install.addons.*.values_content', text(), { since: '1.2.0' }),
  row('install.harvester', mapping, { since: '1.1.3' }),
  row('install.harvester.storage_class', mapping, { since: '1.1.3' }),
  row('install.harvester.storage_class.replica_count', count, { since: '1.1.3' }),
  row('install.harvester.longhorn', mapping, { since: '1.2.0' }),
  row('install.harvester.longhorn.default_settings', mapping, { since: '1.2.0' }),
  row('install.harvester.longhorn.default_settings.guaranteedEngineManagerCPU', count, { since: '1.2.0' }),
  row('install.harvester.longhorn.default_settings.guaranteedReplicaManagerCPU', count, { since: '1.2.0' }),
  row('install.harvester.longhorn.default_settings.guaranteedInstanceManagerCPU', count, { since: '1.2.2' }),
  row('install.harvester.longhorn.default_settings.storageReservedPercentageForDefaultDisk', count, { since: '1.7.0' }),
  row('install.harvester.enable_go_cover_dir', flag, { since: '1.1.3' }),
];

/** What `system_settings` may set; the installer refuses other names on the first machine of a cluster. */
export const SYSTEM_SETTINGS: readonly string[] = [
  'additional-ca',
  'additional-guest-memory-overhead-ratio',
  'api-ui-version',
  'auto-disk-provision-paths',
  'auto-rotate-rke2-certs',
  'backup-target',
  'cluster-pod-security-standard',
  'cluster-registration-url',
  'containerd-registry',
  'csi-driver-config',
  'csi-online-expand-validation',
  'default-storage-class',
  'default-vm-termination-grace-period-seconds',
  'harvester-csi-ccm-versions',
  'http-proxy',
  'kubeconfig-default-token-ttl-minutes',
  'kubevirt-migration',
  'log-level',
  'longhorn-v2-data-engine-enabled',
  'max-hotplug-ratio',
  'ntp-servers',
  'overcommit-config',
  'rancher-cluster',
  'release-download-url',
  'server-version',
  'ssl-certificates',
  'ssl-parameters',
  'storage-network',
  'support-bundle-expiration',
  'support-bundle-image',
  'support-bundle-namespaces',
  'support-bundle-node-collection-timeout',
  'support-bundle-timeout',
  'ui-index',
  'ui-path',
  'ui-plugin-bundled-version',
  'ui-plugin-index',
  'ui-source',
  'upgradable-versions',
  'upgrade-checker-enabled',
  'upgrade-checker-url',
  'upgrade-config',
  'vip-pools',
  'vm-force-reset-policy',
  'vm-migration-network',
  'volume-snapshot-class',
];

/** The add-ons that a release up to 1.8.1 has. */
export const ADDONS: readonly string[] = [
  'descheduler',
  'harvester_pcidevices_controller',
  'harvester_seeder',
  'harvester_vm_import_controller',
  'kubeovn_operator',
  'nvidia_driver_toolkit',
  'rancher_logging',
  'rancher_monitoring',
];
