import { describe, expect, test } from 'vitest';
import { parseInventory } from '@sower/machines';
import { dataOf } from './facts.ts';

const problemsOf = (text: string) => parseInventory(text, '/srv/data.yaml').problems;
const lines = (...text: readonly string[]) => text.join('\n');
const CONFIG = 'version: 1.7.0, type: join, config: {}';
const dhcp = (subnet: string, more = '') =>
  lines('appliance:', '  dhcp:', '    interfaces: [eth1]', '    subnets:', `      - { ${subnet} }`, more);

type Row = readonly [name: string, text: string, line: number, column: number, what: string];

describe('each fault is told with its line and column', () => {
  test.each<Row>([
    ['a syntax error', 'a: b: c', 1, 5, 'this is not YAML: bad indentation of a mapping entry'],
    ['a tab', 'maclist:\n\t- a', 2, 1, 'this is not YAML: tab characters must not be used in indentation'],
    [
      'an open quote',
      'maclist:\n  - "a',
      2,
      7,
      'this is not YAML: unexpected end of the stream within a double quoted scalar',
    ],
    [
      'an open bracket',
      'maclist: [1,\n  2',
      2,
      4,
      'this is not YAML: unexpected end of the stream within a flow collection',
    ],
    ['a NUL', 'maclist: []\n\0', 2, 1, 'this is not YAML: null byte is not allowed in input'],
    ['nesting', `${'['.repeat(100)}${']'.repeat(100)}`, 1, 64, 'this is not YAML: nesting exceeded maxDepth (64)'],
    ['an empty file', '', 1, 1, 'there is nothing in the file'],
    ['a file of comments', '# nothing\n', 1, 1, 'there is nothing in the file'],
    ['a list as the file', '- a', 1, 1, 'the file is a sequence'],
    ['a second document', 'maclist: []\n---\nmaclist: []', 3, 1, 'a second YAML document'],
    [
      'an unknown alias',
      'maclist: []\nx-a: &location_Y_join {}\nx-b: *location_Y_joim',
      3,
      6,
      'unknown alias `*location_Y_joim`',
    ],
    ['an alias before its anchor', 'x-b: *a\nx-a: &a {}', 1, 6, 'unknown alias `*a`'],
    ['an alias in its own anchor', 'x-a: &a\n  b: *a', 2, 6, 'the alias `*a` stands inside its own anchor'],
    ['a key twice', 'maclist: []\nmaclist: []', 2, 1, 'the key `maclist` is there twice'],
    ['a key that is a list', '? [a]\n: b', 1, 3, 'a key that is not plain text'],
    ['a merge of a list of texts', 'x-a: { <<: [b] }', 1, 13, '`<<` merges mappings only'],
    ['two merges', 'x-a: &a {}\nx-b: { <<: *a, <<: *a }', 2, 16, 'the key `<<` is there twice'],
    ['a tag', 'maclist: []\nx-a: !!binary aGk=', 2, 15, 'a tag that means nothing here'],
    ['an unknown key of the file', 'maclst: []', 1, 1, 'unknown key `maclst` in the file'],
    [
      'an unknown key of an entry of maclist',
      dataOf(CONFIG, ', netbot: never'),
      3,
      38,
      'unknown key `netbot` in an entry of `maclist`',
    ],
    ['an unknown key of values', dataOf(`${CONFIG}, ipadress: 10.0.0.1`), 3, 88, 'unknown key `ipadress` in `values`'],
    ['an unknown key of appliance', 'appliance:\n  htttp: {}', 2, 3, 'unknown key `htttp` in `appliance`'],
    [
      'an unknown key of config',
      'config:\n  - cluster: a\n    config_creat: {}',
      3,
      5,
      'unknown key `config_creat` in an entry of `config`',
    ],
    ['maclist as a mapping', 'maclist:\n  a: b', 2, 3, '`maclist` is a mapping'],
    ['an entry that is a text', 'maclist:\n  - hello', 2, 5, 'an entry of `maclist` is a scalar'],
    [
      'a bad MAC',
      'maclist:\n  - { macaddress: 52:54:00:aa:bb, values: { version: 1.7.0, type: join, config: {} } }',
      2,
      19,
      '`52:54:00:aa:bb` is not the MAC address of a network card, such as 52:54:00:52:cb:c1',
    ],
    ['an empty list of MACs', `maclist: [{ macaddress: [], values: { ${CONFIG} } }]`, 1, 25, 'an empty list'],
    [
      'an empty list of subnets',
      'appliance: { dhcp: { interfaces: [a], subnets: [] } }',
      1,
      48,
      '`dhcp` has no `subnets`',
    ],
    [
      'a group MAC',
      'maclist:\n  - { macaddress: 01:00:5e:00:00:01, values: { version: 1.7.0, type: join, config: {} } }',
      2,
      19,
      '`01:00:5e:00:00:01` is not the MAC address of a network card, such as 52:54:00:52:cb:c1',
    ],
    [
      'no MAC',
      'maclist:\n  - { values: { version: 1.7.0, type: join, config: {} } }',
      2,
      5,
      '`macaddress` is missing in an entry of `maclist`',
    ],
    [
      'a bad IP',
      dataOf(`ipaddress: 10.0.0.256, ${CONFIG}`),
      3,
      59,
      '`10.0.0.256` is not an IPv4 address such as 192.168.178.31',
    ],
    [
      'an IP with a leading zero',
      dataOf(`gateway: 10.0.0.01, ${CONFIG}`),
      3,
      57,
      '`10.0.0.01` is not an IPv4 address such as 192.168.178.31',
    ],
    [
      'a bad netmask',
      dataOf(`netmask: 255.0.255.0, ${CONFIG}`),
      3,
      57,
      '`255.0.255.0` is not a netmask such as 255.255.255.0',
    ],
    [
      'F-H 33 an interface that would reach the script',
      dataOf(`interface: "eth0 || shell", ${CONFIG}`),
      3,
      59,
      '`eth0 || shell` is not the name of a network interface such as eth1',
    ],
    [
      'F-H 33 a name that would reach the script',
      dataOf(CONFIG, ', name: "${net0/ip}"'),
      3,
      44,
      '`${net0/ip}` is not a name of letters, digits, `.`, `-` and `_`',
    ],
    [
      'B-27 a loader that iPXE would expand',
      dataOf(CONFIG, ', loader: "x${net0/mac}"'),
      3,
      46,
      '`x${net0/mac}` is not the name of a file',
    ],
    [
      'an unquoted 1.10',
      dataOf('version: 1.10, type: join, config: {}'),
      3,
      57,
      'the version 1.10 is a number to YAML',
    ],
    ['an unquoted 1.8', dataOf('version: 1.8, type: join, config: {}'), 3, 57, 'the version 1.8 is a number to YAML'],
    [
      'a version that is none',
      dataOf('version: master, type: join, config: {}'),
      3,
      57,
      'a version that is not MAJOR.MINOR.PATCH',
    ],
    ['no version', dataOf('type: join, config: {}'), 3, 46, '`version` is missing in `values`'],
    [
      'a type that is none',
      dataOf('version: 1.7.0, type: joins, config: {}'),
      3,
      70,
      '`joins` is not `create` or `join`',
    ],
    ['no config', dataOf('version: 1.7.0, type: join'), 3, 46, '`config` is missing in `values`'],
    [
      'a config that is a text',
      dataOf('version: 1.7.0, type: join, config: a'),
      3,
      84,
      'an install config that is a scalar',
    ],
    ['netboot: once', dataOf(CONFIG, ', netboot: once'), 3, 47, '`once` is not available yet'],
    ['secrets: token', 'appliance: { secrets: token }', 1, 23, '`token` is not available yet'],
    ['tls', 'appliance: { tls: {} }', 1, 14, '`tls` is not available yet'],
    ['trusted', 'appliance: { trusted: [] }', 1, 14, '`trusted` is not available yet'],
    ['parallel', 'appliance: { parallel: 4 }', 1, 14, '`parallel` is not available yet'],
    ['a port', 'appliance: { http: { port: 65536 } }', 1, 28, '`65536` is not a port from 0 to 65535'],
    [
      'a URL with a slash',
      'appliance: { http: { url: "http://10.0.0.1/" } }',
      1,
      27,
      '`http://10.0.0.1/` is not an absolute http URL without a slash at its end',
    ],
    [
      'D-15 a URL that iPXE would expand',
      'appliance: { http: { url: "http://${ip}" } }',
      1,
      27,
      '`http://${ip}` is not an absolute http URL without a slash at its end',
    ],
    [
      'an https URL',
      'appliance: { http: { url: "https://10.0.0.1" } }',
      1,
      27,
      '`https://10.0.0.1` is not an absolute http URL without a slash at its end',
    ],
    [
      'artifacts with a query',
      'appliance: { artifacts: "http://a/b?c" }',
      1,
      25,
      '`artifacts` is not an absolute http URL that a script can hold',
    ],
    ['unknown', 'appliance: { unknown: maybe }', 1, 23, '`maybe` is not `ignore` or `discover` or `local`'],
    ['a switch', 'appliance: { http: { all: "true" } }', 1, 27, '`true` is not true or false'],
    [
      'a template that leaves its folder',
      'appliance: { templates: [{ version: "*", kernel: ../x }] }',
      1,
      50,
      '`../x` is not a relative path of a file below the artifacts folder',
    ],
    [
      'a quirk of nobody',
      'appliance: { quirks: [{ match: {}, behaviour: no-answer }] }',
      1,
      32,
      '`match` says nothing',
    ],
    [
      'a quirk without a match',
      'appliance: { quirks: [{ behaviour: no-answer }] }',
      1,
      23,
      '`match` is missing in an entry of `quirks`',
    ],
    [
      'a quirk by an unknown key',
      'appliance: { quirks: [{ match: { vendor: x, oui: 00:11:22 }, behaviour: no-answer }] }',
      1,
      34,
      'unknown key `vendor` in `match`',
    ],
    [
      'half an address block',
      'appliance: { quirks: [{ match: { oui: b8:27 }, behaviour: no-answer }] }',
      1,
      39,
      '`b8:27` is not three bytes of a MAC address, such as b8:27:eb',
    ],
    [
      'an architecture by name',
      'appliance: { quirks: [{ match: { arch: x64 }, behaviour: no-answer }] }',
      1,
      40,
      '`x64` is not a code of option 93 from 0 to 65535, or `none`',
    ],
    [
      'a mode that there is not',
      dhcp('cidr: 10.0.0.0/24', '    mode: relay'),
      6,
      11,
      '`relay` is not `server` or `proxy` or `off`',
    ],
    ['a network that is off', dhcp('cidr: 10.0.0.0/24, mode: off'), 5, 36, '`off` is not `server` or `proxy`'],
    [
      'a cidr with bits behind its prefix',
      dhcp('cidr: 10.0.0.1/24'),
      5,
      17,
      '`10.0.0.1/24` is not a network such as 192.168.178.0/24',
    ],
    ['no cidr', dhcp('lease: 12h'), 5, 9, '`cidr` is missing in an entry of `subnets`'],
    ['a huge network', dhcp('cidr: 10.0.0.0/7'), 5, 17, '10.0.0.0/7 is no network to serve'],
    ['a network of two', dhcp('cidr: 10.0.0.0/31'), 5, 17, '10.0.0.0/31 is no network to serve'],
    ['a pool outside', dhcp('cidr: 10.0.0.0/24, pool: 10.0.1.1-10.0.1.9'), 5, 36, 'the pool is not inside 10.0.0.0/24'],
    [
      'a pool with the broadcast address',
      dhcp('cidr: 10.0.0.0/24, pool: 10.0.0.9-10.0.0.255'),
      5,
      36,
      'the pool takes in an end of 10.0.0.0/24',
    ],
    [
      'a pool the wrong way round',
      dhcp('cidr: 10.0.0.0/24, pool: 10.0.0.9-10.0.0.1'),
      5,
      36,
      '`10.0.0.9-10.0.0.1` is not a range such as 192.168.178.100-192.168.178.199',
    ],
    [
      'a pool with the router',
      dhcp('cidr: 10.0.0.0/24, pool: 10.0.0.1-10.0.0.9, router: 10.0.0.1'),
      5,
      36,
      'the pool takes in the router',
    ],
    [
      'A-50 a relay with an address that none can have',
      dhcp('cidr: 10.0.0.0/24, relays: [127.0.0.1]'),
      5,
      38,
      '127.0.0.1 is no address that a relay can have',
    ],
    ...['0', '-1', '1.5', '1000001', 'none'].map((written): Row => [
      `a limit of ${written}`,
      `appliance: { limits: { dhcpPerClient: ${written} } }`,
      1,
      39,
      `\`${written}\` is not a number from 1 to 1000000, or off`,
    ]),
    ['a router outside', dhcp('cidr: 10.0.0.0/24, router: 10.0.1.1'), 5, 38, 'the router is no machine of 10.0.0.0/24'],
    [
      'A-34 a lease that is too short',
      dhcp('cidr: 10.0.0.0/24, lease: 119'),
      5,
      37,
      '`119` is not a time of at least 2 minutes, such as 12h, 30m or 86400',
    ],
    [
      'overlapping subnets',
      dhcp('cidr: 10.0.0.0/16', '      - { cidr: 10.0.1.0/24 }'),
      6,
      17,
      '10.0.1.0/24 overlaps 10.0.0.0/16',
    ],
    ['no interfaces', 'appliance:\n  dhcp:\n    subnets: [{ cidr: 10.0.0.0/24 }]', 3, 5, '`dhcp` has no `interfaces`'],
    [
      'an empty list of interfaces',
      'appliance:\n  dhcp:\n    interfaces: []\n    subnets: [{ cidr: 10.0.0.0/24 }]',
      3,
      17,
      'an empty list',
    ],
    ['no subnets', 'appliance:\n  dhcp:\n    interfaces: [eth1]', 3, 5, '`dhcp` has no `subnets`'],
    [
      'a name server that would reach the script',
      dataOf('version: 1.7.0, type: join, config: { os: { dns_nameservers: ["1.1.1.1;reboot"] } }'),
      3,
      110,
      'a name server that is no IP address',
    ],
    [
      'a console that would reach the script',
      dataOf('version: 1.7.0, type: join, config: { install: { tty: "tty1 ${x}" } }'),
      3,
      102,
      '`tty` is no console',
    ],
    [
      'a vip_hw_addr that is no MAC',
      dataOf('version: 1.7.0, type: join, config: { install: { vipHwAddr: abc } }'),
      3,
      108,
      '`vip_hw_addr` is no MAC address',
    ],
    ['a second cluster of one name', 'config:\n  - cluster: a\n  - cluster: a', 3, 14, 'a second cluster `a`'],
  ])('%s', (_, text, line, column, what) => {
    const errors = problemsOf(text).filter(({ severity }) => severity === 'error');
    expect(errors.map((problem) => [problem.line, problem.column, problem.what])).toEqual([[line, column, what]]);
    expect(errors[0]?.hint).not.toBe('');
    expect(parseInventory(text, '/srv/data.yaml').inventory).toBeUndefined();
  });

  test.each<Row>([
    [
      'a MAC twice, in two forms',
      lines(
        'maclist:',
        '  - { macaddress: 52:54:00:aa:bb:01, values: { version: 1.7.0, type: join, config: {} } }',
        '  - { macaddress: 525400AABB01, values: { version: 1.7.0, type: join, config: {} } }',
      ),
      3,
      19,
      'the MAC address 52:54:00:aa:bb:01 is there twice',
    ],
    [
      'a MAC twice in one list',
      'maclist:\n  - { macaddress: [52:54:00:aa:bb:01, 52-54-00-aa-bb-01], values: { version: 1.7.0, type: join, config: {} } }',
      2,
      39,
      'the MAC address 52:54:00:aa:bb:01 is there twice',
    ],
    [
      'an address twice',
      lines(
        'maclist:',
        '  - { macaddress: 52:54:00:aa:bb:01, values: { version: 1.7.0, type: join, config: {}, ipaddress: 10.0.0.1 } }',
        '  - { macaddress: 52:54:00:aa:bb:02, values: { version: 1.7.0, type: join, config: {}, ipaddress: 10.0.0.1 } }',
      ),
      3,
      99,
      'this `ipaddress` is there twice',
    ],
    [
      'a machine on the router',
      dhcp('cidr: 10.0.0.0/24, router: 10.0.0.1', dataOf(`ipaddress: 10.0.0.1, ${CONFIG}`).replace(/^.*\n/, '')),
      7,
      5,
      '10.0.0.1 is the router of 10.0.0.0/24',
    ],
    [
      'a machine on the broadcast address',
      dhcp('cidr: 10.0.0.0/24', dataOf(`ipaddress: 10.0.0.255, ${CONFIG}`).replace(/^.*\n/, '')),
      7,
      5,
      '10.0.0.255 is an end of 10.0.0.0/24',
    ],
    [
      'D-14 a kernel line that is too long',
      dataOf(
        `ipaddress: 10.0.0.9, netmask: 255.0.0.0, gateway: 10.0.0.1, interface: eth0, version: 1.7.0, type: join, config: { os: { dns_nameservers: [${'10.0.0.1,'.repeat(100)}] } }`,
      ),
      3,
      5,
      'its kernel line would have 2401 characters, more than the 2048 that a kernel takes',
    ],
  ])('across machines: %s', (_, text, line, column, what) => {
    const errors = problemsOf(text).filter(({ severity }) => severity === 'error');
    expect(errors.map((problem) => [problem.line, problem.column, problem.what])).toEqual([[line, column, what]]);
  });
});

describe('warnings leave the inventory in force', () => {
  test.each<Row>([
    ['an unknown cluster', dataOf(CONFIG, ', cluster: a'), 3, 47, 'unknown cluster `a`'],
    [
      'outside every DHCP subnet',
      `config: [{ cluster: a }]\n${dhcp('cidr: 10.0.0.0/24', dataOf(`ipaddress: 10.0.1.1, ${CONFIG}`, ', cluster: a').replace(/^.*\n/, ''))}`,
      8,
      5,
      'its address 10.0.1.1 is outside every DHCP subnet',
    ],
    [
      'a shallow merge that loses keys',
      lines(
        'config:',
        '  - cluster: a',
        '    config_join: &a { os: { hostname: x, password: y }, install: { mode: join } }',
        'maclist:',
        '  - macaddress: 52:54:00:aa:bb:01',
        '    values: { version: 1.7.0, type: join, config: { <<: *a, os: { hostname: z } } }',
      ),
      6,
      61,
      '`os` replaces the merged `os` and loses password',
    ],
  ])('%s', (_, text, line, column, what) => {
    const { inventory, problems } = parseInventory(text, '/srv/data.yaml');
    expect(problems).toMatchObject([{ severity: 'warning', line, column, what }]);
    expect(inventory?.warnings).toEqual(problems);
  });

  test('a merge that keeps all keys is no warning', () => {
    const text = lines(
      'config:',
      '  - cluster: a',
      '    config_join: &a { os: &os { hostname: x, password: y } }',
      'maclist:',
      '  - macaddress: 52:54:00:aa:bb:01',
      '    values: { version: 1.7.0, type: join, config: { <<: *a, os: { <<: *os, hostname: z } } }',
    );
    expect(problemsOf(text)).toEqual([]);
  });
});

describe('problems together', () => {
  test('all of them at once, in the order of the file', () => {
    const text = lines(
      'appliance: { http: { port: x } }',
      'maclist:',
      '  - { macaddress: a, values: { version: 1.8, type: b, config: *c } }',
    );
    expect(problemsOf(text).map(({ line, column }) => [line, column])).toEqual([
      [1, 28],
      [3, 19],
      [3, 41],
      [3, 52],
      [3, 63],
    ]);
  });

  test('a fault in a shared config is told once', () => {
    const entry = (mac: string) => `  - { macaddress: ${mac}, values: { version: 1.7.0, type: join, config: *a } }`;
    const text = lines(
      'config: [{ cluster: a, config_join: &a { install: { tty: "a b" } } }]',
      'maclist:',
      entry('52:54:00:aa:bb:01'),
      entry('52:54:00:aa:bb:02'),
    );
    expect(problemsOf(text)).toHaveLength(1);
  });

  test.each([
    ['unknown key with a near name', 'maclst: []', 'did you mean `maclist`?'],
    ['unknown alias with a near anchor', 'x-a: &loaction_Y {}\nx-b: *location_Y', 'did you mean `*loaction_Y`?'],
    ['an unquoted version', dataOf('version: 1.10, type: join, config: {}'), 'write all three parts, as in "1.10.0"'],
    ['a duplicate', 'x-a: 1\n\nx-a: 2', 'it is first set in line 1'],
    [
      'proxies without url',
      'appliance: { http: { proxies: [10.244.0.0/16] } }\nmaclist: []\n',
      'write `url: http://...`, as machines reach the proxy',
    ],
  ])('hint: %s', (_, text, hint) => {
    expect(problemsOf(text).find(({ severity }) => severity === 'error')?.hint).toBe(hint);
  });

  test.each([
    ['in a syntax error', 'config:\n  - token: hush: hush'],
    ['in a tag', 'config: [{ cluster: a, config_join: { token: !hush{ x } }]'],
    ['that begins with `*`', dataOf('version: x, type: y, config: { token: *hush, os: { password: [*hush] } }')],
    ['in a secret key', dataOf('version: x, type: y, config: { token: hush, os: { password: hush, tty: hush } }')],
    ['as an undeclared handle', 'token: !hush!x y'],
    ['in a URL', 'appliance: { http: { url: "http://me:hush@192.0.2.7" } }'],
  ])('a secret is never told: %s', (_, text) => {
    const problems = problemsOf(text);
    expect(problems.some(({ severity }) => severity === 'error')).toBe(true);
    expect(JSON.stringify(problems)).not.toContain('hush');
  });
});
