import { BEHAVIOURS } from './quirks.ts';
import * as read from './readers.ts';
import { key, optional, required, type Shape } from './section.ts';
import type { Reader } from './readers.ts';
import type { Node } from './yaml/tree.ts';

/** Takes a value as it is: it is a section or a list that is read on its own. */
const node: Reader<Node> = (value) => value;

/** The file itself. */
export const FILE = {
  title: 'the file',
  keys: {
    config: optional('config', node, 'the clusters: a list of `cluster`, `config_create`, `config_join`'),
    maclist: optional('maclist', node, 'the machines: a list of `macaddress` and `values`'),
    profiles: optional(
      'profiles',
      node,
      'what else is installed: a list of `profile`, `kernel`, `initrd`, `arguments`',
    ),
    appliance: optional('appliance', node, 'what the appliance itself does'),
  },
  later: [],
} as const satisfies Shape;

/** An entry of `config`. */
export const CLUSTER = {
  title: 'an entry of `config`',
  keys: {
    cluster: required('cluster', read.text, 'the name of the cluster'),
    create: optional('config_create', node, 'the install config of its first machine'),
    join: optional('config_join', node, 'the install config of its other machines'),
  },
  later: [],
} as const satisfies Shape;

/** An entry of `profiles`. */
export const PROFILE = {
  title: 'an entry of `profiles`',
  keys: {
    name: required('profile', read.machineName, 'what machines name in their `profile`'),
    kernel: required('kernel', read.artifactPath, 'path below the artifacts folder, with {version}'),
    initrd: required('initrd', read.artifactPath, 'path below the artifacts folder, with {version}'),
    files: optional('files', node, 'further files: a mapping of name and path'),
    arguments: key('arguments', read.some(read.kernelArgument), [], 'the kernel’s arguments, with templates'),
    documents: optional('documents', node, 'a list of `name`, `format`, `header`, `otherwise`'),
  },
  later: [],
} as const satisfies Shape;

/** An entry of `documents` of a profile. */
export const DOCUMENT = {
  title: 'an entry of `documents`',
  keys: {
    name: required('name', read.fileName, 'its name in the URL, and in `values.config`'),
    format: key('format', read.choice(['yaml', 'json', 'text']), 'text', 'how a mapping in `values.config` is written'),
    header: optional('header', read.text, 'the first line of YAML, such as `#cloud-config`'),
    otherwise: optional('otherwise', read.text, 'the document of a machine whose config has none'),
  },
  later: [],
} as const satisfies Shape;

/** An entry of `maclist`. */
export const MACHINE = {
  title: 'an entry of `maclist`',
  keys: {
    macs: required('macaddress', read.some(read.mac), 'the MAC address of its network card, or a list of several'),
    values: required('values', node, 'ipaddress, netmask, gateway, interface, version, type, config'),
    name: optional('name', read.machineName, 'what it is called; else the `os.hostname` of its config'),
    cluster: optional('cluster', read.text, 'its cluster, where the anchors do not tell'),
    profile: optional('profile', read.text, 'what is installed, where it is not Harvester'),
    loader: optional('loader', read.fileName, 'its own loader, a file under `loaders/`'),
    rechain: key('rechain', read.flag, false, 'give even a network card with iPXE our loader first'),
    netboot: key('netboot', read.choice(['always', 'never'], ['once']), 'always', '`never`: it boots from its disk'),
    localboot: optional('localboot', read.choice(['sanboot', 'exit', 'poweroff']), 'how it boots from its disk'),
    options: optional('options', node, 'more DHCP options for it, such as `ntp-servers: 192.168.178.3`'),
  },
  later: [],
} as const satisfies Shape;

/** `values` of a machine. */
export const VALUES = {
  title: '`values`',
  keys: {
    address: optional('ipaddress', read.ipv4, 'its address'),
    netmask: optional('netmask', read.netmask, 'its netmask'),
    gateway: optional('gateway', read.ipv4, 'its router'),
    interface: optional('interface', read.interfaceName, 'the name of its network card'),
    version: optional('version', node, 'the version to install, such as v1.7.0'),
    type: optional(
      'type',
      read.choice(['create', 'join']),
      '`create` for the first machine of a cluster, `join` for others',
    ),
    config: required('config', node, 'its install config, as in `config: { <<: *anchor }`'),
  },
  later: [],
} as const satisfies Shape;

/** The section `appliance`. */
export const APPLIANCE = {
  title: '`appliance`',
  keys: {
    http: optional('http', node, 'the boot plane over HTTP'),
    admin: optional('admin', node, 'everything that is not for machines'),
    tftp: optional('tftp', node, 'loaders over TFTP'),
    dhcp: optional('dhcp', node, 'absent: DHCP stays off'),
    secrets: key('secrets', read.choice(['open'], ['token']), 'open', 'whoever asks for a config gets it'),
    unknown: key(
      'unknown',
      read.choice(['ignore', 'discover', 'local']),
      'ignore',
      'what a MAC outside `maclist` gets',
    ),
    artifacts: key(
      'artifacts',
      read.text,
      './artifacts',
      'a folder or a base URL: kernel, initrd, rootfs, ISO, loaders',
    ),
    state: key('state', read.text, './state', 'the folder of leases and progress'),
    iso: optional('iso', read.text, 'the ISO that is served as `/artifacts/ipxe.iso`; else `dist/ipxe.iso`'),
    loaders: optional('loaders', node, 'the default loaders'),
    quirks: optional('quirks', node, 'clients that need to be treated in their own way'),
    templates: optional('templates', node, 'file names by version, where they are not as released'),
    limits: optional('limits', node, 'how much one machine, or all of them, may ask for'),
  },
  later: ['tls', 'trusted', 'parallel'],
} as const satisfies Shape;

export const HTTP = {
  title: '`http`',
  keys: {
    address: key('address', read.listenAddress, '0.0.0.0', 'where it listens'),
    port: key('port', read.port, 10_000, 'where it listens'),
    url: optional('url', read.baseUrl, 'what machines are told; else the address that they reached'),
    all: key('all', read.flag, true, 'whether `/all` is there'),
    proxies: key('proxies', read.list(read.cidr), [], 'networks whose X-Forwarded-For counts; they need `url`'),
  },
  later: ['tls'],
} as const satisfies Shape;

export const ADMIN = {
  title: '`admin`',
  keys: {
    address: key('address', read.listenAddress, '127.0.0.1', 'where it listens'),
    port: key('port', read.port, 10_001, 'where it listens'),
    tokenFile: optional('tokenFile', read.text, 'where its token is; else `admin-token` in the state folder'),
  },
  later: [],
} as const satisfies Shape;

export const TFTP = {
  title: '`tftp`',
  keys: {
    port: key('port', read.port, 69, 'where it listens'),
    allow: key('allow', read.list(read.cidr), [], 'networks that are served besides our own'),
    maxBlksize: optional('maxBlksize', read.blockSize, 'bytes of the largest block, where a tunnel takes less'),
    singlePort: key('singlePort', read.flag, false, 'transfers go through the same port, for firewalls'),
  },
  later: [],
} as const satisfies Shape;

export const DHCP = {
  title: '`dhcp`',
  keys: {
    mode: key('mode', read.choice(['server', 'proxy', 'off']), 'server', '`proxy`: another server gives the addresses'),
    watch: key('watch', read.flag, false, 'listen on port 68 too, for the offers of other servers'),
    interfaces: key('interfaces', read.some(read.interfaceName), [], 'only these are ever answered'),
    subnets: optional('subnets', node, 'a list of `cidr`, `pool`, `router`, `dns`, `lease`'),
    options: optional('options', node, 'more DHCP options for every machine'),
    architectures: optional('architectures', node, 'more DHCP options by firmware: `bios`, `x64`, `arm64`'),
  },
  later: [],
} as const satisfies Shape;

export const ARCHITECTURES = {
  title: '`architectures`',
  keys: {
    bios: optional('bios', node, 'DHCP options for BIOS firmware'),
    x64: optional('x64', node, 'DHCP options for UEFI on x86-64'),
    arm64: optional('arm64', node, 'DHCP options for UEFI on arm64'),
  },
  later: [],
} as const satisfies Shape;

export const SUBNET = {
  title: 'an entry of `subnets`',
  keys: {
    cidr: required('cidr', read.cidr, 'the network, such as 192.168.178.0/24'),
    mode: optional('mode', read.choice(['server', 'proxy']), 'where this network differs from the others'),
    pool: optional('pool', read.range, 'addresses for machines without their own'),
    router: optional('router', read.ipv4, 'the router that machines are told'),
    dns: key('dns', read.list(read.ipv4), [], 'the name servers that machines are told'),
    domain: optional('domain', read.machineName, 'the domain that machines are told'),
    lease: key('lease', read.leaseSeconds, 43_200, 'how long an address is lent'),
    authoritative: key('authoritative', read.flag, true, 'whether this is the only DHCP server here'),
    probe: key('probe', read.flag, true, 'ask whether somebody uses an address before it is offered'),
    rapidCommit: key('rapidCommit', read.flag, false, 'two messages instead of four, for clients that ask for it'),
    relays: key(
      'relays',
      read.list(read.ipv4),
      [],
      'relay agents with an address outside every subnet, and trusted ones',
    ),
    options: optional('options', node, 'more DHCP options for this network'),
  },
  later: [],
} as const satisfies Shape;

export const LIMITS = {
  title: '`limits`',
  keys: {
    dhcpPerClient: key('dhcpPerClient', read.limit, 10, 'DHCP requests a second of one machine, or `off`'),
    dhcpPerRelay: key('dhcpPerRelay', read.limit, 'off', 'DHCP requests a second through one relay, or `off`'),
    dhcpPerCircuit: key('dhcpPerCircuit', read.limit, 'off', 'DHCP requests a second through one port of a relay'),
    tftpTransfers: key('tftpTransfers', read.amount, 1024, 'TFTP transfers at a time'),
    tftpPerClient: key('tftpPerClient', read.amount, 16, 'TFTP transfers at a time of one machine'),
    httpPerAddress: key('httpPerAddress', read.amount, 64, 'HTTP connections at a time of one address'),
  },
  later: [],
} as const satisfies Shape;

export const LOADERS = {
  title: '`loaders`',
  keys: {
    bios: key('bios', read.some(read.fileName), ['undionly.kpxe'], 'BIOS; of several the first that exists'),
    x64: key('x64', read.some(read.fileName), ['snponly.efi', 'ipxe.efi'], 'UEFI on x86-64'),
    arm64: key('arm64', read.some(read.fileName), ['snponly.efi', 'ipxe-arm64.efi'], 'UEFI on arm64'),
    rpi: key('rpi', read.some(read.fileName), ['bootcode.bin', 'start4.elf'], 'the boot ROM of a Raspberry Pi'),
    rechain: key('rechain', read.flag, false, 'give every known network card with iPXE our loader first'),
  },
  later: [],
} as const satisfies Shape;

export const QUIRK = {
  title: 'an entry of `quirks`',
  keys: {
    match: required('match', node, 'oui, vendorClass, userClass, arch or uuid'),
    behaviour: required('behaviour', read.choice(BEHAVIOURS.map(([name]) => name)), '`sower quirks` lists them'),
    source: key('source', read.text, 'data file', 'how you know; for people'),
  },
  later: [],
} as const satisfies Shape;

export const QUIRK_MATCH = {
  title: '`match`',
  keys: {
    oui: optional('oui', read.some(read.oui), 'the first three bytes of the MAC address'),
    vendorClass: optional('vendorClass', read.some(read.text), 'how option 60 begins'),
    userClass: optional('userClass', read.some(read.text), 'a string of option 77'),
    arch: optional('arch', read.some(read.archCode), 'codes of option 93; `none` for a client without it'),
    uuid: optional('uuid', read.some(read.text), 'option 97: a UUID, or a text in its bytes'),
  },
  later: [],
} as const satisfies Shape;

export const TEMPLATE = {
  title: 'an entry of `templates`',
  keys: {
    version: required('version', node, 'a version such as 1.7.0, or "*" for all'),
    kernel: optional('kernel', read.artifactPath, 'path below the artifacts folder, with {version}'),
    initrd: optional('initrd', read.artifactPath, 'path below the artifacts folder, with {version}'),
    rootfs: optional('rootfs', read.artifactPath, 'path below the artifacts folder, with {version}'),
  },
  later: [],
} as const satisfies Shape;
