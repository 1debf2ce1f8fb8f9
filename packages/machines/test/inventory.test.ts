import { ipv4, parseIPv4 } from '@sower/net';
import { describe, expect, test } from 'vitest';
import { describeMachine, formatVersion, parseInventory } from '@sower/machines';
import { dataOf, mac, onlyMachine, seed, valid } from './facts.ts';

const address = (text: string) => parseIPv4(text) ?? ipv4(0);
const CONFIG = 'version: 1.7.0, type: join, config: {}';

describe('the seed file', () => {
  test('is read unchanged, without a problem', () => {
    expect(parseInventory(seed(), '/srv/data.yaml').problems).toEqual([]);
  });

  test('its machines', () => {
    const { machines } = valid(seed());
    expect(
      machines.map((machine) => [
        machine.macs,
        machine.name,
        machine.cluster,
        machine.type,
        machine.version === undefined ? undefined : formatVersion(machine.version),
      ]),
    ).toEqual([
      [['52:54:00:52:cb:c1'], 'harvester01', 'location_X', 'create', '0.3.0'],
      [['52:54:00:7d:1a:a2'], '52:54:00:7d:1a:a2', 'location_X', 'join', '0.3.0'],
      [['52:54:00:c1:6b:56'], 'plant-y-01', 'location_Y', 'create', '1.7.0'],
      [['52:54:00:14:26:90'], '52:54:00:14:26:90', 'location_Y', 'join', '1.7.0'],
    ]);
    expect(machines[2]?.network).toEqual({
      address: address('172.16.128.41'),
      netmask: address('255.255.252.0'),
      gateway: address('172.16.128.254'),
      interface: 'ens3',
    });
  });

  test('A-30 its reservations', () => {
    expect([...valid(seed()).reservations]).toEqual([
      ['52:54:00:52:cb:c1', address('192.168.178.31')],
      ['52:54:00:7d:1a:a2', address('192.168.178.32')],
      ['52:54:00:c1:6b:56', address('172.16.128.41')],
      ['52:54:00:14:26:90', address('172.16.128.42')],
    ]);
  });

  test('D-11 a machine is found by its MAC', () => {
    const inventory = valid(seed());
    expect(inventory.machineOf(mac('52-54-00-C1-6B-56'))?.name).toBe('plant-y-01');
    expect(inventory.machineOf(mac('525400000000'))).toBeUndefined();
  });
});

describe('the section appliance', () => {
  test('every default', () => {
    expect(valid('maclist: []').appliance).toEqual({
      http: { address: '0.0.0.0', port: 10_000, url: undefined, all: true, proxies: [] },
      admin: { address: '127.0.0.1', port: 10_001, tokenFile: '/srv/state/admin-token' },
      tftp: { port: 69, allow: [], maxBlksize: undefined, singlePort: false },
      dhcp: undefined,
      secrets: 'open',
      unknown: 'ignore',
      artifacts: { folder: '/srv/artifacts' },
      state: '/srv/state',
      iso: undefined,
      loaders: {
        bios: ['undionly.kpxe'],
        x64: ['snponly.efi', 'ipxe.efi'],
        arm64: ['snponly.efi', 'ipxe-arm64.efi'],
        rpi: ['bootcode.bin', 'start4.elf'],
        rechain: false,
      },
      quirks: [],
      templates: [],
      limits: {
        dhcpPerClient: 10,
        dhcpPerRelay: 'off',
        dhcpPerCircuit: 'off',
        tftpTransfers: 1024,
        tftpPerClient: 16,
        httpPerAddress: 64,
      },
    });
  });

  test('every key', () => {
    const text = `
appliance:
  x-note: keys with x- are allowed anywhere
  http: { address: 10.0.0.2, port: 0, url: "http://10.0.0.2:10000/boot", all: false, proxies: [10.244.0.0/16], x-a: 1 }
  admin: { address: "::1", port: 1, tokenFile: ../token }
  tftp: { port: 6969, allow: [10.0.0.0/8], maxBlksize: 1380, singlePort: true }
  dhcp:
    mode: server
    interfaces: [eth1, br0.10]
    subnets:
      - { cidr: 10.0.0.0/24, pool: 10.0.0.100-10.0.0.199, router: 10.0.0.1, dns: [10.0.0.3], domain: lab.example, lease: 30m, authoritative: false, rapidCommit: true, probe: false, relays: 192.0.2.1 }
      - { cidr: 10.0.1.0/24 }
  secrets: open
  unknown: discover
  artifacts: https://files.example/harvester
  state: /var/lib/sower
  iso: media/ipxe.iso
  loaders: { bios: a.kpxe, x64: [b.efi, c.efi], rpi: start4.elf, rechain: true }
  quirks: [{ match: { oui: B8-27-EB, arch: [0, none] }, behaviour: reply-delay }]
  templates: [{ version: v1.7.0, kernel: "k/{version}", initrd: i }]
  limits: { dhcpPerClient: 500, dhcpPerRelay: 1000000, dhcpPerCircuit: off, tftpPerClient: 1 }
`;
    expect(valid(text).appliance).toEqual({
      http: {
        address: '10.0.0.2',
        port: 0,
        url: 'http://10.0.0.2:10000/boot',
        all: false,
        proxies: [{ address: address('10.244.0.0'), prefix: 16 }],
      },
      admin: { address: '::1', port: 1, tokenFile: '/token' },
      tftp: { port: 6969, allow: [{ address: address('10.0.0.0'), prefix: 8 }], maxBlksize: 1380, singlePort: true },
      dhcp: {
        watch: false,
        interfaces: ['eth1', 'br0.10'],
        subnets: [
          {
            subnet: { address: address('10.0.0.0'), prefix: 24 },
            mode: 'server',
            pool: { first: address('10.0.0.100'), last: address('10.0.0.199') },
            router: address('10.0.0.1'),
            dns: [address('10.0.0.3')],
            domain: 'lab.example',
            lease: 1800,
            authoritative: false,
            probe: false,
            rapidCommit: true,
            relays: [address('192.0.2.1')],
            options: [],
          },
          {
            subnet: { address: address('10.0.1.0'), prefix: 24 },
            mode: 'server',
            pool: undefined,
            router: undefined,
            dns: [],
            domain: undefined,
            lease: 43_200,
            authoritative: true,
            probe: true,
            rapidCommit: false,
            relays: [],
            options: [],
          },
        ],
        options: [],
        architectures: { bios: [], x64: [], arm64: [] },
      },
      secrets: 'open',
      unknown: 'discover',
      artifacts: { url: 'https://files.example/harvester' },
      state: '/var/lib/sower',
      iso: '/srv/media/ipxe.iso',
      loaders: {
        bios: ['a.kpxe'],
        x64: ['b.efi', 'c.efi'],
        arm64: ['snponly.efi', 'ipxe-arm64.efi'],
        rpi: ['start4.elf'],
        rechain: true,
      },
      quirks: [{ match: { oui: ['b8:27:eb'], arch: [0, 'none'] }, behaviour: 'reply-delay', source: 'data file' }],
      templates: [{ version: '1.7.0', kernel: 'k/{version}', initrd: 'i', rootfs: undefined }],
      limits: {
        dhcpPerClient: 500,
        dhcpPerRelay: 1000000,
        dhcpPerCircuit: 'off',
        tftpTransfers: 1024,
        tftpPerClient: 1,
        httpPerAddress: 64,
      },
    });
  });

  test.each([
    ['120', 120],
    ['2m', 120],
    ['86400', 86_400],
    ['12h', 43_200],
    ['1d', 86_400],
    ['2w', 1_209_600],
  ])('A-34 the lease %s', (lease, seconds) => {
    const text = `appliance: { dhcp: { interfaces: [a], subnets: [{ cidr: 10.0.0.0/24, lease: ${lease} }] } }`;
    expect(valid(text).appliance.dhcp?.subnets[0]?.lease).toBe(seconds);
  });

  test('dhcp that is off needs nothing else', () => {
    expect(valid('appliance: { dhcp: { mode: off } }').appliance.dhcp).toBeUndefined();
    expect(valid('appliance: { dhcp: }').appliance.dhcp).toBeUndefined();
  });

  test('what the command line says wins over the file', () => {
    const text = 'appliance: { state: a, artifacts: b, iso: c }';
    const options = { state: '/s', artifacts: 'http://10.0.0.1/x', iso: '/i/x.iso' };
    const { inventory } = parseInventory(text, '/srv/data.yaml', options);
    expect(inventory?.appliance).toMatchObject({
      state: '/s',
      admin: { tokenFile: '/s/admin-token' },
      artifacts: { url: 'http://10.0.0.1/x' },
      iso: '/i/x.iso',
    });
  });
});

describe('machines', () => {
  test.each([
    ['52:54:00:aa:bb:01', '52:54:00:aa:bb:01'],
    ['000000112234', '00:00:00:11:22:34'],
    ['5254001e0003', '52:54:00:1e:00:03'],
    ['525400112233', '52:54:00:11:22:33'],
    ['52:54:00:11:22:33', '52:54:00:11:22:33'],
    ['5254.00AA.BB01', '52:54:00:aa:bb:01'],
    ['01-52-54-00-aa-bb-01', '52:54:00:aa:bb:01'],
  ])('D-11 the unquoted MAC %s', (written, read) => {
    const text = `maclist: [{ macaddress: ${written}, values: { ${CONFIG} } }]`;
    expect(onlyMachine(text).macs).toEqual([read]);
  });

  test('one host with several network cards', () => {
    const text = `maclist: [{ macaddress: [5254.00aa.bb02, 52:54:00:aa:bb:01], values: { ${CONFIG}, ipaddress: 10.0.0.9 } }]`;
    const inventory = valid(text);
    expect(inventory.machineOf(mac('52:54:00:aa:bb:01'))).toBe(inventory.machineOf(mac('52:54:00:aa:bb:02')));
    expect(inventory.machines[0]?.name).toBe('52:54:00:aa:bb:02');
    expect([...inventory.reservations.keys()]).toEqual(['52:54:00:aa:bb:02', '52:54:00:aa:bb:01']);
  });

  test('the keys beside values, and their defaults', () => {
    expect(onlyMachine(dataOf(CONFIG))).toMatchObject({
      name: '52:54:00:aa:bb:01',
      netboot: 'always',
      loader: undefined,
      rechain: false,
      localboot: undefined,
      skipchecks: false,
      network: { address: undefined, netmask: undefined, gateway: undefined, interface: undefined },
      place: { file: '/srv/data.yaml', line: 3, column: 5 },
    });
    const more = ', name: n1, cluster: c, loader: x.efi, rechain: true, netboot: never, localboot: exit, x-rack: 4';
    expect(onlyMachine(dataOf(CONFIG, more))).toMatchObject({
      name: 'n1',
      cluster: 'c',
      loader: 'x.efi',
      rechain: true,
      netboot: 'never',
      localboot: 'exit',
    });
  });

  test.each([
    ['{ os: { hostname: node-1 } }', 'node-1'],
    ['{ os: { hostname: "no name" } }', '52:54:00:aa:bb:01'],
    ['{ os: { hostname: "${x}" } }', '52:54:00:aa:bb:01'],
  ])('with the config %s it is called %s', (config, name) => {
    expect(onlyMachine(dataOf(`version: 1.7.0, type: join, config: ${config}`)).name).toBe(name);
  });

  test.each([
    ['true', true],
    ['yes', true],
    ['"T"', true],
    ['false', false],
    ['1', false],
  ])('install.skipchecks: %s', (written, skipchecks) => {
    const values = `version: 1.7.0, type: join, config: { install: { skipchecks: ${written} } }`;
    expect(onlyMachine(dataOf(values))).toMatchObject({ skipchecks });
  });

  test('a vip_hw_addr is a reservation, whoever writes it', () => {
    const text = `
config:
  - cluster: a
    config_create: { install: { vip: 10.0.0.5, vip_hw_addr: 525400000005 } }
maclist:
  - macaddress: 52:54:00:aa:bb:01
    cluster: a
    values: { version: 1.7.0, type: create, config: { install: { vip: 10.0.0.6, vipHwAddr: 52:54:00:00:00:06 } } }
`;
    expect([...valid(text).reservations]).toEqual([
      ['52:54:00:00:00:05', address('10.0.0.5')],
      ['52:54:00:00:00:06', address('10.0.0.6')],
    ]);
  });
});

describe('the cluster of a machine', () => {
  const clusters = `
config:
  - cluster: a
    config_create: &a { install: { vip: 10.0.0.5 } }
    config_join: &aj { token: same }
  - cluster: b
    config_create: &b { install: { vip: 10.0.0.6 } }
    config_join: &bj { token: same }
x-through: &through { <<: *bj }
x-both: &both { <<: [*aj, *bj] }
`;
  test.each([
    ['an alias', '*aj', '', 'a'],
    ['a merge', '{ <<: *bj }', '', 'b'],
    ['a merge of a merge', '{ <<: *through }', '', 'b'],
    ['its own word', '{ <<: *bj }', ', cluster: a', 'a'],
    ['the VIP', '{ server_url: "https://10.0.0.6:443", token: same }', '', 'b'],
    ['the VIP, where the merges do not tell', '{ <<: *both, serverUrl: "https://10.0.0.5" }', '', 'a'],
    ['never the token', '{ token: same }', '', undefined],
    ['no VIP of anybody', '{ server_url: "https://10.0.0.7:443" }', '', undefined],
  ])('by %s', (_, config, more, cluster) => {
    const text = `${clusters}maclist: [{ macaddress: 52:54:00:aa:bb:01${more}, values: { version: 1.7.0, type: join, config: ${config} } }]`;
    expect(valid(text).machines[0]?.cluster).toBe(cluster);
  });
});

describe('the description of a machine', () => {
  const node = onlyMachine(
    dataOf('version: v1.7.0, type: create, config: { token: hush }, ipaddress: 10.0.0.9', ', name: n1'),
  );

  test('with links and masked secrets', () => {
    expect(describeMachine(node, 'http://10.0.0.1', 'mask')).toEqual({
      name: 'n1',
      macs: ['52:54:00:aa:bb:01'],
      cluster: null,
      profile: 'harvester',
      type: 'create',
      version: '1.7.0',
      values: { ipaddress: '10.0.0.9', netmask: null, gateway: null, interface: null },
      netboot: 'always',
      links: {
        script: 'http://10.0.0.1/ipxe/52:54:00:aa:bb:01',
        config: 'http://10.0.0.1/config/52:54:00:aa:bb:01/config-create.yaml',
      },
      config: { token: '***' },
    });
  });

  test('with its secrets, for those who may see them', () => {
    expect(describeMachine(node, 'http://10.0.0.1', 'show').config).toEqual({ token: 'hush' });
  });
});
