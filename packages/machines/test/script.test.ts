import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  chainScript,
  discoverScript,
  localBootScript,
  machineScript,
  parseInventory,
  waitScript,
  type FileUrls,
} from '@sower/machines';
import { dataOf, mac, onlyMachine, seed, valid } from './facts.ts';
import { commandsOf, faultsOf } from './ipxe-grammar.ts';

const BASE = 'http://10.0.0.1:10000';
const STATIC = 'ipaddress: 10.0.0.9, netmask: 255.255.255.0, gateway: 10.0.0.254, interface: ens3';

/** The files of a release as released, on our own server. */
function filesOf(version: string): FileUrls {
  const at = `${BASE}/artifacts/harvester/v${version}/harvester-v${version}`;
  return { kernel: `${at}-vmlinuz-amd64`, initrd: `${at}-initrd-amd64`, rootfs: `${at}-rootfs-amd64.squashfs` };
}

function scriptOf(version: string, type: string, values: string, config: string): string {
  const text = dataOf(`version: v${version}, type: ${type}, config: { ${config} }, x-: 0, ${values}`, ', name: n1');
  return machineScript(onlyMachine(text), BASE, filesOf(version));
}

/** The whole script of the kernel line `line`, as it has to be byte for byte. */
function expected(version: string, type: string, line: string): string {
  const asksFirmware = version.startsWith('1.8');
  const at = `http://10.0.0.1:10000/artifacts/harvester/v${version}/harvester-v${version}`;
  return `#!ipxe
imgfree
echo sower: n1, Harvester v${version}, ${type}, 52:54:00:aa:bb:01
${asksFirmware ? 'iseq ${platform} pcbios && goto bios ||\n' : ''}kernel ${at}-vmlinuz-amd64 initrd=harvester-v${version}-initrd-amd64 ${line} || goto no_kernel
initrd ${at}-initrd-amd64 || goto no_initrd
boot || goto no_boot
${asksFirmware ? ':bios\necho sower: this release installs on UEFI only, and this firmware is BIOS\ngoto again\n' : ''}:no_kernel
echo sower: the kernel did not come: ${at}-vmlinuz-amd64
goto again
:no_initrd
echo sower: the initrd did not come: ${at}-initrd-amd64
goto again
:no_boot
echo sower: the kernel did not start
:again
echo sower: asking again in 5 s
sleep 5
chain --replace --autofree http://10.0.0.1:10000/ipxe/52:54:00:aa:bb:01 || goto again
`;
}

const LIVE = 'net.ifnames=1 rd.cos.disable rd.noverifyssl root=live:http://10.0.0.1:10000/artifacts/harvester';
const AUTO = 'console=tty1 harvester.install.automatic=true';
const CONFIG = 'harvester.install.config_url=http://10.0.0.1:10000/config/52:54:00:aa:bb:01';
const IP = 'ip=10.0.0.9::10.0.0.254:255.255.255.0::ens3:none';

describe('D-14 the script of each version, whole', () => {
  test.each([
    [
      '0.3.0',
      'create',
      STATIC,
      `${IP} ${LIVE}/v0.3.0/harvester-v0.3.0-rootfs-amd64.squashfs ${AUTO} ${CONFIG}/config-create.yaml`,
    ],
    [
      '0.3.0',
      'join',
      '',
      `ip=dhcp rd.net.dhcp.retry=3 ${LIVE}/v0.3.0/harvester-v0.3.0-rootfs-amd64.squashfs ${AUTO} ${CONFIG}/config-join.yaml`,
    ],
    [
      '1.0.3',
      'create',
      '',
      `ip=dhcp rd.net.dhcp.retry=3 ${LIVE}/v1.0.3/harvester-v1.0.3-rootfs-amd64.squashfs ${AUTO} ${CONFIG}/config-create.yaml`,
    ],
    [
      '1.0.3',
      'join',
      STATIC,
      `${IP} ${LIVE}/v1.0.3/harvester-v1.0.3-rootfs-amd64.squashfs ${AUTO} ${CONFIG}/config-join.yaml`,
    ],
    [
      '1.1.0',
      'create',
      STATIC,
      `${IP} ${LIVE}/v1.1.0/harvester-v1.1.0-rootfs-amd64.squashfs ${AUTO} harvester.scheme_version=1 ${CONFIG}/config-create.yaml`,
    ],
    [
      '1.1.0',
      'join',
      '',
      `ip=dhcp rd.net.dhcp.retry=3 ${LIVE}/v1.1.0/harvester-v1.1.0-rootfs-amd64.squashfs ${AUTO} harvester.scheme_version=1 ${CONFIG}/config-join.yaml`,
    ],
    [
      '1.3.0',
      'create',
      '',
      `ip=dhcp rd.net.dhcp.retry=3 ${LIVE}/v1.3.0/harvester-v1.3.0-rootfs-amd64.squashfs ${AUTO} harvester.scheme_version=1 ${CONFIG}/config-create.yaml`,
    ],
    [
      '1.3.0',
      'join',
      STATIC,
      `${IP} ${LIVE}/v1.3.0/harvester-v1.3.0-rootfs-amd64.squashfs ${AUTO} harvester.scheme_version=1 ${CONFIG}/config-join.yaml`,
    ],
    [
      '1.7.0',
      'create',
      STATIC,
      `${IP} ${LIVE}/v1.7.0/harvester-v1.7.0-rootfs-amd64.squashfs ${AUTO} harvester.scheme_version=1 ${CONFIG}/config-create.yaml`,
    ],
    [
      '1.7.0',
      'join',
      '',
      `ip=dhcp rd.net.dhcp.retry=3 ${LIVE}/v1.7.0/harvester-v1.7.0-rootfs-amd64.squashfs ${AUTO} harvester.scheme_version=1 ${CONFIG}/config-join.yaml`,
    ],
    [
      '1.8.1',
      'create',
      '',
      `ip=dhcp rd.net.dhcp.retry=30 ${LIVE}/v1.8.1/harvester-v1.8.1-rootfs-amd64.squashfs ${AUTO} harvester.scheme_version=1 ${CONFIG}/config-create.yaml`,
    ],
    [
      '1.8.1',
      'join',
      STATIC,
      `${IP} ${LIVE}/v1.8.1/harvester-v1.8.1-rootfs-amd64.squashfs ${AUTO} harvester.scheme_version=1 ${CONFIG}/config-join.yaml`,
    ],
  ])('%s %s (%s)', (version, type, values, line) => {
    expect(scriptOf(version, type, values, '')).toBe(expected(version, type, line));
  });
});

describe('the kernel line', () => {
  /** The kernel line's words that are not in the one of the same machine without anything special. */
  const special = (version: string, type: string, config: string, values = STATIC) => {
    const words = (script: string) => commandsOf(script)[2]?.split(' ') ?? [];
    const plain = words(scriptOf(version, type, values, ''));
    return words(scriptOf(version, type, values, config)).filter((word) => !plain.includes(word));
  };

  test.each([
    [
      'name servers',
      '1.7.0',
      'create',
      'os: { dns_nameservers: [10.0.0.3, "fd00::1"] }',
      ['nameserver=10.0.0.3', 'nameserver=fd00::1'],
    ],
    [
      'name servers in the other spelling',
      '0.3.0',
      'join',
      'os: { dnsNameservers: [10.0.0.3] }',
      ['nameserver=10.0.0.3'],
    ],
    ['one name server', '1.7.0', 'create', 'os: { dns_nameservers: 10.0.0.3 }', ['nameserver=10.0.0.3']],
    ['a serial console', '1.7.0', 'create', 'install: { tty: "ttyS1,115200n8" }', ['console=ttyS1,115200n8']],
    ['skipchecks', '1.3.0', 'create', 'install: { skipchecks: true }', ['harvester.install.skipchecks=true']],
    ['skipchecks before 1.3.0', '1.2.2', 'create', 'install: { skipchecks: true }', []],
    ['no skipchecks', '1.8.1', 'join', 'install: { skipchecks: false }', []],
    [
      'a net-install ISO',
      '1.7.0',
      'join',
      'install: { iso_url: "http://a/harvester-v1.7.0-amd64-net-install.iso" }',
      ['harvester.install.with_net_images=true'],
    ],
    [
      'a net-install ISO of the first machine',
      '1.7.0',
      'create',
      'install: { iso_url: "http://a/harvester-v1.7.0-amd64-net-install.iso" }',
      [],
    ],
    ['a whole ISO', '1.7.0', 'join', 'install: { isoUrl: "http://net-install/harvester.iso" }', []],
  ])('%s', (_, version, type, config, words) => {
    expect(special(version, type, config)).toEqual(words);
  });

  test.each([
    ['ipaddress: 10.0.0.9, netmask: 255.255.255.0, gateway: 10.0.0.254'],
    ['ipaddress: 10.0.0.9, netmask: 255.255.255.0, interface: ens3'],
    ['ipaddress: 10.0.0.9, gateway: 10.0.0.254, interface: ens3'],
    ['netmask: 255.255.255.0, gateway: 10.0.0.254, interface: ens3'],
  ])('one of the four values missing means DHCP: %s', (values) => {
    const script = scriptOf('1.7.0', 'join', values, 'os: { dns_nameservers: [10.0.0.3] }');
    expect(script).toContain(' ip=dhcp rd.net.dhcp.retry=3 net.ifnames=1 ');
    expect(script).not.toContain('nameserver=');
  });

  test('scheme_version is said only where the file does not say it', () => {
    expect(scriptOf('1.7.0', 'join', STATIC, 'scheme_version: 1')).not.toContain('scheme_version');
  });

  test('D-15 a URL that iPXE would read is refused', () => {
    const node = onlyMachine(dataOf('version: 1.7.0, type: join, config: {}'));
    expect(() => machineScript(node, 'http://${net0/ip}', filesOf('1.7.0'))).toThrow(RangeError);
    expect(() => machineScript(node, BASE, { ...filesOf('1.7.0'), kernel: 'http://a/b || shell' })).toThrow(RangeError);
  });
});

describe('the other scripts, whole', () => {
  const who = mac('52:54:00:aa:bb:01');

  test('wait', () => {
    expect(waitScript(who, BASE, 'missing: harvester/v1.7.0/vmlinuz')).toBe(`#!ipxe
echo sower: 52:54:00:aa:bb:01 has to wait
echo sower: missing: harvester/v1.7.0/vmlinuz
:again
echo sower: asking again in 30 s
sleep 30
chain --replace --autofree http://10.0.0.1:10000/ipxe/52:54:00:aa:bb:01 || goto again
`);
  });

  test('discover', () => {
    expect(discoverScript(who, BASE)).toBe(`#!ipxe
echo sower: this machine is not in data.yaml
echo sower: its MAC address is 52:54:00:aa:bb:01
:again
echo sower: asking again in 30 s
sleep 30
chain --replace --autofree http://10.0.0.1:10000/ipxe/52:54:00:aa:bb:01 || goto again
`);
  });

  test.each([
    [undefined, 'iseq ${platform} efi && goto leave ||\nsanboot --no-describe --drive 0x80 ||\n:leave\nexit 1\n'],
    ['sanboot' as const, 'sanboot --no-describe --drive 0x80 ||\nexit 1\n'],
    ['exit' as const, 'exit 1\n'],
    ['poweroff' as const, 'poweroff ||\n:stay\necho sower: this machine may be switched off\nsleep 3600\ngoto stay\n'],
  ])('local boot by %s', (method, commands) => {
    expect(localBootScript(method, 'n1 boots from its disk')).toBe(
      `#!ipxe\necho sower: n1 boots from its disk\n${commands}`,
    );
  });

  test('B-02 chain', () => {
    expect(chainScript(BASE)).toBe(`#!ipxe
set user-class sower
:start
set nic:int32 0
:nic
isset \${net\${nic}/mac} || goto again
echo sower: net\${nic} \${net\${nic}/mac} waits for its link
iflinkwait --timeout 15000 net\${nic} || goto next
echo sower: net\${nic} asks DHCP for an address
dhcp net\${nic} || goto next
echo sower: asking http://10.0.0.1:10000 for the script
chain --replace --autofree http://10.0.0.1:10000/ipxe/\${net\${nic}/mac} || goto next
:next
ifclose net\${nic} ||
inc nic
goto nic
:again
echo sower: no network card led to a script, next round in 10 s
sleep 10
goto start
`);
  });
});

describe('the chain script of one machine', () => {
  const chainOf = (values: string, more = '') =>
    chainScript(BASE, onlyMachine(dataOf(`version: 1.7.0, type: join, ${values}`, more)));
  const PLAIN = 'config: { token: t }';
  const between = (text: string, from: string, to: string) =>
    text.slice(text.indexOf(from) + from.length, text.indexOf(to));
  const MATCHED = 'isset ${net${nic}/mac} || goto again\n';
  const LINKED = 'iflinkwait --timeout 15000 net${nic} || goto next\n';

  test('other network cards are passed over', () => {
    expect(between(chainOf(PLAIN, ', name: n1'), MATCHED, 'echo sower: net${nic} ${net${nic}/mac} waits')).toBe(
      'iseq ${net${nic}/mac} 52:54:00:aa:bb:01 && goto mine ||\n' +
        'echo sower: net${nic} ${net${nic}/mac} is not n1\ngoto next\n:mine\n',
    );
  });

  test('of several cards each is its own', () => {
    const both = '[52:54:00:aa:bb:01, 52:54:00:AA:BB:02]';
    const text = dataOf(`version: 1.7.0, type: join, ${PLAIN}`).replace('52:54:00:aa:bb:01', both);
    const tests = commandsOf(chainScript(BASE, onlyMachine(text))).filter((line) => line.startsWith('iseq'));
    expect(tests).toEqual([
      'iseq ${net${nic}/mac} 52:54:00:aa:bb:01 && goto mine ||',
      'iseq ${net${nic}/mac} 52:54:00:aa:bb:02 && goto mine ||',
    ]);
  });

  const told = 'echo sower: net${nic} has 10.0.0.9, by its data file\n';
  const address = 'set net${nic}/ip 10.0.0.9\nset net${nic}/netmask 255.255.255.0\n';
  const gateway = 'set net${nic}/gateway 10.0.0.254\n';
  test.each([
    ['all of them', `${STATIC}, ${PLAIN}`, address + gateway + told],
    ['no gateway', `ipaddress: 10.0.0.9, netmask: 255.255.255.0, ${PLAIN}`, address + told],
    [
      'no netmask',
      `ipaddress: 10.0.0.9, ${PLAIN}`,
      'echo sower: net${nic} asks DHCP for an address\ndhcp net${nic} || goto next\n',
    ],
    [
      'the first IPv4 name server',
      `${STATIC}, config: { os: { dns_nameservers: ["fd00::1", 10.0.0.3, 10.0.0.4] } }`,
      `${address}${gateway}set net\${nic}/dns 10.0.0.3\n${told}`,
    ],
  ])('static: %s', (_, values, lines) => {
    const script = chainOf(values);
    expect(between(script, LINKED, 'echo sower: asking http://10.0.0.1:10000')).toBe(lines);
    expect(faultsOf(script)).toEqual([]);
  });
});

describe('D-14 what iPXE reads', () => {
  const machines = valid(seed()).machines.map((machine) => machineScript(machine, BASE, filesOf('1.7.0')));

  test.each<readonly [string, string]>([
    ...machines.map((script, index) => [`seed machine ${index}`, script] as const),
    ['wait', waitScript(mac('52:54:00:aa:bb:01'), BASE, 'x')],
    ['discover', discoverScript(mac('52:54:00:aa:bb:01'), BASE)],
    ['chain', chainScript(BASE)],
    ...([undefined, 'sanboot', 'exit', 'poweroff'] as const).map(
      (method) => [`local boot by ${method ?? 'firmware'}`, localBootScript(method, 'x')] as const,
    ),
  ])('%s', (_, script) => {
    expect(faultsOf(script)).toEqual([]);
  });

  test('a script that boots a kernel begins with imgfree', () => {
    for (const script of machines) expect(commandsOf(script)[0]).toBe('imgfree');
  });

  test.each([
    ['#!ipxe\nkernel a\n', 'ends the script when it fails: kernel a'],
    ['#!ipxe\ngoto x\n', 'goto x leads nowhere'],
    ['#!ipxe\r\necho a\n', 'does not begin with #!ipxe and a line feed'],
    ['#!ipxe\nlogin\n', 'unknown command: login'],
    ['#!ipxe\necho a\n:x\n:x\n', 'a label is there twice'],
    ['#!ipxe\necho a ; login\n', 'unknown command: login'],
    ['#!ipxe\necho a', 'does not end with a line feed'],
  ])('the checker finds the fault of %j', (script, fault) => {
    expect(faultsOf(script)).toContain(fault);
  });

  test('F-H 33 D-15 no text of the data file becomes a command', () => {
    const hostile = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 20 }),
      fc.constantFrom('a || shell', 'a;b', '${net0/ip}', 'a\nshell', '"a"', "'a'", 'a && b', '#x', '\\'),
    );
    const or = (harmless: string) => fc.oneof(hostile, fc.constant(harmless));
    const quote = (text: string) => JSON.stringify(text);
    fc.assert(
      fc.property(or('n1'), or('eth0'), or('10.0.0.3'), or('ttyS0'), hostile, (name, nic, dns, tty, reason) => {
        const config = `{ os: { hostname: ${quote(name)}, dns_nameservers: [${quote(dns)}] }, install: { tty: ${quote(tty)} } }`;
        const values = `version: 1.7.0, type: join, interface: ${quote(nic)}, config: ${config}`;
        const { inventory } = parseInventory(dataOf(values), '/srv/data.yaml');
        const scripts = [
          waitScript(mac('52:54:00:aa:bb:01'), BASE, reason),
          localBootScript('exit', reason),
          ...(inventory?.machines ?? []).map((machine) => machineScript(machine, BASE, filesOf('1.7.0'))),
        ];
        for (const script of scripts) {
          expect(faultsOf(script)).toEqual([]);
          expect(script).not.toMatch(/["';\\]|\$\{|&&/);
        }
      }),
      { numRuns: 300 },
    );
  });
});
