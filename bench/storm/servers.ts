import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { dnsmasqBase } from '../rig/dnsmasq.ts';
import { nginxLaunch } from '../rig/nginx.ts';
import type { Launch, Rig } from '../rig/rig.ts';
import { SITE, siteMachine } from '../rig/site.ts';
import { sowerLaunch } from '../rig/sower.ts';

/** What boots a thousand machines: one program, or several that share the work. */
export interface StormServer {
  readonly name: string;
  launch(rig: Rig, folder: string, machines: number): Promise<readonly Launch[]>;
}

export const LOADER_BYTES = 300_000;
const LOADER = 'loaders/x64/snponly.efi';
const WEB = `http://${SITE.server}:${SITE.httpPort}`;
const VERSION = 'v1.7.0';
const RELEASE = ['vmlinuz-amd64', 'initrd-amd64', 'rootfs-amd64.squashfs'];

/** What every machine is given at the end. */
const CONFIG = {
  scheme_version: 1,
  server_url: 'https://10.64.0.9:443',
  token: 'a-token-that-nobody-guesses',
  os: { password: 'a-password', dns_nameservers: [SITE.server] },
  install: {
    mode: 'join',
    management_interface: { interfaces: [{ name: 'ens3' }], method: 'dhcp' },
    device: '/dev/vda',
    iso_url: `${WEB}/artifacts/harvester/${VERSION}/harvester-${VERSION}-amd64.iso`,
  },
};

export const STORM_SERVERS: readonly StormServer[] = [
  { name: 'sower', launch: async (rig, folder, machines) => [await sower(rig, folder, machines)] },
  { name: 'dnsmasq + nginx', launch: dnsmasqAndNginx },
];

async function sower(rig: Rig, folder: string, machines: number): Promise<Launch> {
  await put(folder, `artifacts/${LOADER}`, Buffer.alloc(LOADER_BYTES, 'sower'));
  for (const name of RELEASE) await put(folder, `artifacts/harvester/${VERSION}/harvester-${VERSION}-${name}`, 'small');
  const entries = each(
    machines,
    ({ mac, address }) => `  - { macaddress: "${mac}", values: { <<: *node, ipaddress: ${address} } }\n`,
  );
  const data = `config:
  - { cluster: lab, config_join: &join ${JSON.stringify(CONFIG)} }
x-node: &node
  netmask: ${SITE.netmask}
  gateway: ${SITE.server}
  interface: ens3
  version: ${VERSION}
  type: join
  config: { <<: *join }
appliance:
  dhcp:
    interfaces: [${SITE.device}]
    subnets: [{ cidr: ${SITE.network}/${SITE.prefix}, router: ${SITE.server}, lease: ${SITE.leaseSeconds} }]
  unknown: ignore
maclist:
${entries}`;
  return sowerLaunch(rig, folder, data);
}

/** dnsmasq for DHCP and TFTP, nginx for scripts and configs that were written beforehand. */
async function dnsmasqAndNginx(rig: Rig, folder: string, machines: number): Promise<readonly Launch[]> {
  await put(folder, `tftp/${LOADER}`, Buffer.alloc(LOADER_BYTES, 'sower'));
  for (let index = 0; index < machines; index += 1) {
    const { mac, address } = siteMachine(index);
    await put(folder, `ipxe/${mac}`, script(mac, address));
    await put(folder, `config/${mac}/config-join.yaml`, JSON.stringify(CONFIG));
  }
  const config = join(folder, 'dnsmasq.conf');
  const hosts = each(machines, ({ mac, address }) => `${mac},${address}\n`);
  await writeFile(join(folder, 'hosts'), hosts);
  const lines = [
    `dhcp-range=${SITE.network},static,${SITE.netmask},${SITE.leaseSeconds}`,
    `dhcp-hostsfile=${join(folder, 'hosts')}`,
    'dhcp-authoritative',
    'dhcp-match=set:ipxe,175',
    `dhcp-boot=tag:!ipxe,${LOADER}`,
    `dhcp-boot=tag:ipxe,${WEB}/ipxe/\${mac}`,
    'enable-tftp',
    `tftp-root=${join(folder, 'tftp')}`,
    'tftp-max=2000',
  ];
  await writeFile(config, dnsmasqBase(folder, lines));
  const { peers } = rig;
  const dnsmasq = { command: peers.program('usr/sbin/dnsmasq'), args: ['-k', '-C', config], env: peers.env };
  return [dnsmasq, await nginxLaunch(rig, folder)];
}

/** As long as sower's own. */
function script(mac: string, address: string): string {
  const files = `${WEB}/artifacts/harvester/${VERSION}/harvester-${VERSION}`;
  return `#!ipxe
imgfree
kernel ${files}-vmlinuz-amd64 initrd=initrd ip=${address}::${SITE.server}:${SITE.netmask}:ens3:none nameserver=${SITE.server} net.ifnames=1 rd.cos.disable rd.noverifyssl console=tty1 root=live:${files}-rootfs-amd64.squashfs harvester.install.automatic=true harvester.install.config_url=${WEB}/config/${mac}/config-join.yaml
initrd --name initrd ${files}-initrd-amd64
boot
`;
}

function each(machines: number, line: (machine: ReturnType<typeof siteMachine>) => string): string {
  return Array.from({ length: machines }, (_, index) => line(siteMachine(index))).join('');
}

async function put(folder: string, name: string, content: string | Buffer): Promise<void> {
  await mkdir(dirname(join(folder, name)), { recursive: true });
  await writeFile(join(folder, name), content);
}
