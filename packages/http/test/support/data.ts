/** The two machines of the tests; `appliance` holds more lines of that section, each indented by two. */
export function data(...appliance: readonly string[]): string {
  return `appliance:
  secrets: open
${appliance.map((line) => `  ${line}\n`).join('')}config:
  - cluster: lab
    config_create: &create
      scheme_version: 1
      token: open-sesame
      os: { hostname: node1, password: hush-hush, dns_nameservers: [10.0.0.3] }
      install: { mode: create, <<: &disk { device: /dev/vda, iso_url: http://10.0.0.7/a.iso, management_interface: { method: dhcp, interfaces: [{ name: ens3 }] } }, vip: 10.0.0.40, vip_mode: static }
    config_join: &join
      scheme_version: 1
      server_url: https://10.0.0.40:443
      token: open-sesame
      os: { hostname: node2, password: hush-hush }
      install: { mode: join, <<: *disk }
maclist:
  - macaddress: [52:54:00:aa:bb:01, 52:54:00:aa:bb:11]
    values:
      ipaddress: 10.0.0.31
      netmask: 255.255.255.0
      gateway: 10.0.0.1
      interface: ens3
      version: v1.7.0
      type: create
      config: { <<: *create }
  - macaddress: 52:54:00:aa:bb:02
    netboot: never
    values: { version: v1.7.0, type: join, config: { <<: *join } }
`;
}

/** As `data`, with an error in the config of the first machine alone; the second one netboots. */
export const UNFIT = data()
  .replace('token: open-sesame', 'token: 4711')
  .replace('netboot: never', 'cluster: none')
  .replace('open-sesame', 'open-sesame-too');

/** The MACs of `data`: both NICs of the first machine, the second one, and one that is in no inventory. */
export const FIRST = '52:54:00:aa:bb:01';
export const FIRST_OTHER_NIC = '52:54:00:aa:bb:11';
export const SECOND = '52:54:00:aa:bb:02';
export const STRANGER = '52:54:00:aa:bb:99';

/** The files of the first machine's release. */
export const RELEASE = {
  'harvester/v1.7.0/harvester-v1.7.0-vmlinuz-amd64': 'kernel',
  'harvester/v1.7.0/harvester-v1.7.0-initrd-amd64': 'initrd',
  'harvester/v1.7.0/harvester-v1.7.0-rootfs-amd64.squashfs': 'rootfs',
};
