import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { formatVersion, RULES, shared, stopReason, type Finding, type Version } from '@sower/machines';
import { KEYS } from '../src/lint/keys.ts';
import { spellingsOf } from '../src/spelling.ts';
import { seed, valid } from './facts.ts';

const read = (name: string) => readFileSync(new URL(`lint/${name}`, import.meta.url), 'utf8');

function findingsOf(text: string): readonly Finding[] {
  const inventory = valid(text);
  return inventory.machines.flatMap((machine) => inventory.findingsOf(machine));
}

const lineOf = (text: string, part: string) => text.slice(0, text.indexOf(part)).split('\n').length;

describe('configs in the manner of Harvester’s documentation pass', () => {
  test.each(['0.3.0', '1.0.3', '1.1.2', '1.4.1', '1.8.1'])('%s', (version) => {
    const text = read(`${version}.yaml`);
    expect(valid(text).machines.length).toBeGreaterThan(1);
    expect(findingsOf(text).filter(({ severity }) => severity === 'error')).toEqual([]);
  });

  test('the seed’s data file has warnings alone', () => {
    const findings = findingsOf(seed());
    expect(findings.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(findings.map(({ rule, path }) => [rule, path])).toEqual([['other-release', 'install.mgmt_interface']]);
  });
});

/** A rule, the release, what is changed in `base.yaml` (`from` becomes `to`), and the text on whose line the fault is. */
type Row = readonly [
  rule: string,
  version: string,
  changes: readonly (readonly [from: string, to: string])[],
  at: string,
];

const TO = 'mode: create';
const into = (line: string): readonly [string, string] => [TO, `${TO}\n        ${line}`];
const os = (line: string): readonly [string, string] => ['password: hush', `password: hush\n        ${line}`];
const STATIC = 'method: static, ip: 10.1.0.31, subnet_mask: 255.255.255.0, gateway: 10.1.0.1';
const dhcp = (more: string): readonly [string, string] => ['method: dhcp', more];
const OLD: readonly (readonly [string, string])[] = [
  [
    'management_interface: { interfaces: [{ name: ens3 }], method: dhcp }',
    'networks: { harvester-mgmt: { interfaces: [{ name: ens3 }], method: dhcp } }',
  ],
  [
    'management_interface: { interfaces: [{ name: ens3 }], method: dhcp } # join',
    'networks: { harvester-mgmt: { interfaces: [{ name: ens3 }], method: dhcp } }',
  ],
];

const FAULTS: readonly Row[] = [
  ['unknown-key', '1.7.0', [into('skip_checks: true')], 'skip_checks'],
  ['unknown-key', '1.7.0', [into('wth_net_images: true')], 'wth_net_images'],
  ['unknown-key', '1.7.0', [into('ntp_servers: [a.example]')], 'ntp_servers'],
  ['unknown-key', '1.7.0', [into('webhooks: [{ event: STARTED, method: GET, url: "http://a/", evnt: x }]')], 'evnt'],
  ['other-release', '1.7.0', [into('wipe_disks: true')], 'wipe_disks'],
  ['other-release', '1.1.0', [into('role: worker')], 'role'],
  ['spelt-twice', '1.7.0', [into('vipMode: dhcp')], 'vip_mode: static'],
  ['not-text', '1.7.0', [['token: hush', 'token: 123456']], 'token: 123456'],
  ['not-text', '1.7.0', [['token: hush', 'token: true']], 'token: true'],
  ['not-text', '1.7.0', [os('write_files: [{ path: /etc/x, permissions: 0644 }]')], 'permissions'],
  ['not-text', '1.0.3', [...OLD, ['token: hush', 'token: on']], 'token: on'],
  ['not-flag', '1.7.0', [into('debug: enabled')], 'debug: enabled'],
  ['not-flag', '1.7.0', [into('skipchecks: on')], 'skipchecks: on'],
  ['native-type', '1.7.0', [into('poweroff: yes')], 'poweroff: yes'],
  ['native-type', '1.7.0', [os('ntpservers: a.example')], 'ntpservers'],
  ['wrong-shape', '1.7.0', [['interfaces: [{ name: ens3 }]', 'interfaces: ens3']], 'interfaces: ens3'],
  ['wrong-shape', '1.7.0', [['interfaces: [{ name: ens3 }]', 'interfaces: [ens3]']], 'interfaces: [ens3]'],
  [
    'wrong-shape',
    '1.7.0',
    [into('webhooks: [{ event: STARTED, method: GET, url: "http://a/", headers: { X: y } }]')],
    'headers',
  ],
  ['wrong-shape', '1.7.0', [os('sysctls: { kernel: { panic: 1 } }')], 'sysctls'],
  ['bad-value', '1.7.0', [os('hostname: Node_1')], 'Node_1'],
  ['bad-value', '1.7.0', [into('webhooks: [{ event: started, method: GET, url: "http://a/" }]')], 'started'],
  ['bad-value', '1.7.0', [['method: dhcp }', 'method: dhcp, mtu: 9216 }']], 'mtu: 9216'],
  ['bad-value', '1.7.0', [into('persistent_partition_size: 150GB')], '150GB'],
  ['bad-value', '1.7.0', [['scheme_version: 1', 'scheme_version: 2']], 'scheme_version: 2'],
  ['template-unfilled', '1.7.0', [os('hostname: "node-{{ nmae }}"')], 'nmae'],
  ['release-not-booted', '0.2.0', [], 'macaddress: 52:54:00:00:00:01'],
  ['token-missing', '1.7.0', [['token: hush', 'x-token: hush']], 'config: { <<: *create }'],
  ['token-characters', '1.7.0', [['token: hush', 'token: hüsh']], 'hüsh'],
  ['mode-differs', '1.7.0', [['mode: join', 'mode: create']], 'mode: create # join'],
  ['mode-differs', '1.7.0', [['mode: join', 'x-mode: join']], 'install: # join'],
  ['credentials-missing', '1.7.0', [['password: hush', 'modules: []']], 'os: &os'],
  ['network-missing', '1.7.0', [['management_interface: {', 'networks: {']], 'install: # create'],
  ['network-missing', '1.0.3', [], 'install: # create'],
  ['networks-shape', '1.0.3', [into('networks: [{ interface: ens3, method: dhcp }]')], 'networks: ['],
  ['method-missing', '1.7.0', [[', method: dhcp', '']], 'management_interface: {'],
  ['static-incomplete', '1.7.0', [dhcp('method: static, ip: 10.1.0.31, subnet_mask: 255.255.255.0')], 'method: static'],
  ['static-without-dns', '1.7.0', [dhcp(STATIC), ['dns_nameservers: [10.1.0.3]', 'modules: []']], 'os: &os'],
  ['gateway-outside', '1.7.0', [['gateway: 10.1.0.1 # node1', 'gateway: 10.2.0.1']], 'macaddress: 52:54:00:00:00:01'],
  ['gateway-outside', '1.7.0', [dhcp(STATIC.replace('gateway: 10.1.0.1', 'gateway: 10.9.0.1'))], 'gateway: 10.9.0.1'],
  ['gateway-outside', '1.7.0', [dhcp(STATIC.replace('255.255.255.0', '255.0.255.0'))], 'subnet_mask: 255.0.255.0'],
  ['device-missing', '1.7.0', [['device: /dev/vda # create', 'tty: tty1']], 'install: # create'],
  ['disks-same', '1.7.0', [into('data_disk: /dev/vda')], 'data_disk'],
  [
    'iso-missing',
    '1.7.0',
    [['iso_url: http://10.1.0.7/harvester/v1.7.0/harvester-v1.7.0-amd64.iso # create', 'tty: tty1']],
    'install: # create',
  ],
  ['vip-missing', '1.7.0', [['vip: 10.1.0.40', 'tty: tty1']], 'install: # create'],
  ['vip-missing', '1.7.0', [['vip_mode: static', 'tty: tty1']], 'install: # create'],
  ['vip-not-leased', '0.3.0', [...OLD, ['vip_mode: static', 'vip_mode: DHCP']], 'install: # create'],
  ['vip-none', '1.7.0', [['vip_mode: static', 'vip_mode: none']], 'vip_mode: none'],
  [
    'settings-name',
    '1.7.0',
    [['scheme_version: 1', 'scheme_version: 1\n      system_settings: { log-levl: debug }']],
    'log-levl',
  ],
  ['addon-name', '1.7.0', [into('addons: { rancher_monitorng: { enabled: true } }')], 'rancher_monitorng'],
  ['label-syntax', '1.7.0', [os('labels: { "a b": c }')], 'a b'],
  ['label-syntax', '1.7.0', [os('labels: { zone: "a b" }')], 'zone'],
  ['dns-outside', '1.7.0', [into('cluster_dns: 10.52.0.10')], 'cluster_dns'],
  ['witness-first', '1.7.0', [into('role: witness')], 'role: witness'],
  ['net-install-first', '1.7.0', [into('with_net_images: true')], 'with_net_images'],
  ['net-install-first', '1.7.0', [['amd64.iso # create', 'amd64-net-install.iso']], 'net-install.iso'],
  ['mbr-refused', '1.8.0', [into('force_mbr: true')], 'force_mbr'],
  [
    'bios-client',
    '1.8.0',
    [['name: node1', 'name: node1\n    loader: undionly.kpxe']],
    'macaddress: 52:54:00:00:00:01',
  ],
  ['nic-unnamed', '0.3.0', [...OLD, ['[{ name: ens3 }]', '[{ hwAddr: "52:54:00:00:00:01" }]']], 'hwAddr'],
  ['nic-unnamed', '1.7.0', [['[{ name: ens3 }]', '[{}]']], '[{}]'],
  ['nic-of-another', '1.7.0', [['[{ name: ens3 }]', '[{ hwAddr: "52:54:00:00:00:02" }]']], 'hwAddr'],
  ['nic-name-differs', '1.7.0', [['[{ name: ens3 }]', '[{ name: ens9, hwAddr: "52:54:00:00:00:01" }]']], 'hwAddr'],
  ['address-twice', '1.7.0', [dhcp(STATIC.replace('10.1.0.31', '10.1.0.32'))], 'ip: 10.1.0.32'],
  ['address-differs', '1.7.0', [dhcp(STATIC.replace('10.1.0.31', '10.1.0.39'))], 'ip: 10.1.0.39'],
  [
    'cluster-unknown',
    '1.7.0',
    [['config: { <<: *join }', 'config: { server_url: "https://10.1.0.99:443" }']],
    'macaddress: 52:54:00:00:00:02',
  ],
  ['founder-twice', '1.7.0', [['type: join', 'type: create']], 'macaddress: 52:54:00:00:00:02'],
  ['founder-missing', '1.7.0', [['type: create', 'type: join']], 'macaddress: 52:54:00:00:00:01'],
  ['token-differs', '1.7.0', [['token: hush # join', 'token: hash']], 'token: hash'],
  [
    'server-url-create',
    '1.7.0',
    [['scheme_version: 1', 'scheme_version: 1\n      server_url: https://10.1.0.40:443']],
    'server_url: https',
  ],
  ['server-url-missing', '1.7.0', [['server_url:', 'x-server_url:']], 'config: { <<: *join }'],
  ['server-url-form', '1.7.0', [['https://10.1.0.40:443', 'https://10.1.0.40:443/v1']], '443/v1'],
  ['server-url-form', '1.7.0', [['https://10.1.0.40:443', 'http://10.1.0.40:443']], 'http://10.1.0.40:443'],
  ['server-url-port', '1.7.0', [['https://10.1.0.40:443', 'https://10.1.0.40:8443']], '40:8443'],
  ['server-url-port', '1.0.0', [...OLD], '40:443'],
  ['server-url-vip', '1.7.0', [['https://10.1.0.40:443', 'https://10.1.0.31:443']], 'https://10.1.0.31'],
  ['vip-is-node', '1.7.0', [['vip: 10.1.0.40', 'vip: 10.1.0.32']], 'vip: 10.1.0.32'],
  ['vip-in-pool', '1.7.0', [['vip: 10.1.0.40', 'vip: 10.1.0.150']], 'vip: 10.1.0.150'],
  [
    'vip-shared',
    '1.7.0',
    [['cluster: other', 'cluster: other\n    config_create: { install: { vip: 10.1.0.40 } }']],
    'vip: 10.1.0.40 #',
  ],
  ['vip-outside', '1.7.0', [['vip: 10.1.0.40', 'vip: 10.3.0.40']], 'vip: 10.3.0.40'],
  ['hostname-twice', '1.7.0', [os('hostname: node')], 'hostname: node'],
  ['files-of-two-releases', '1.7.0', [['harvester-v1.7.0-amd64.iso # create', 'harvester-v1.6.1-amd64.iso']], 'v1.6.1'],
  [
    'files-of-two-releases',
    '1.7.0',
    [['artifacts: ./artifacts', 'templates: [{ version: "*", kernel: v1.6.0/vmlinuz }]']],
    'macaddress: 52:54:00:00:00:01',
  ],
];

/** `base.yaml` is right as it stands; every text to be replaced has to be there. */
function faulty(version: string, changes: Row[2]): string {
  let text = read('base.yaml').replaceAll('1.7.0', version);
  for (const [from, to] of changes) {
    const old = from.replaceAll('1.7.0', version);
    expect(text).toContain(old);
    text = text.replace(old, to);
  }
  return text;
}

describe('one fault after the other, each found with its line and a hint', () => {
  test('without a fault there is no finding', () => expect(findingsOf(faulty('1.7.0', []))).toEqual([]));

  test.each(FAULTS)('%s, in %s: %j', (rule, version, changes, at) => {
    const text = faulty(version, changes);
    const found = findingsOf(text).filter((finding) => finding.rule === rule);
    expect(found[0]).toMatchObject({
      file: '/srv/data.yaml',
      line: lineOf(text, at),
      severity: RULES.find(({ id }) => id === rule)?.level,
    });
    for (const { hint, what, column } of found) {
      expect(hint).not.toBe('');
      expect(what).not.toContain('hush');
      expect(column).toBeGreaterThan(0);
    }
  });

  test('no rule goes untested, and no two have one name', () => {
    const ids = RULES.map(({ id }) => id);
    expect([...new Set(FAULTS.map(([rule]) => rule))].toSorted()).toEqual(ids.toSorted());
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('where a finding is', () => {
  test('a fault behind an anchor is one place and all its machines', () => {
    const text = faulty('1.7.0', [['password: hush', 'passwrod: hush\n        password: hush']]);
    const [finding, ...others] = shared(findingsOf(text));
    expect(others).toEqual([]);
    expect(finding).toMatchObject({
      rule: 'unknown-key',
      line: lineOf(text, 'passwrod'),
      column: 9,
      path: 'os.passwrod',
      hint: 'did you mean `password`?',
      machines: ['node1', 'node2'],
    });
  });

  test('an error is the reason of its machine alone, in one line', () => {
    const inventory = valid(
      faulty('1.7.0', [
        ['token: hush # join', 'token: 5'],
        ['mode: join', 'mode: create'],
      ]),
    );
    const [node1, node2] = inventory.machines.map((machine) => stopReason(inventory.findingsOf(machine)));
    expect(node1).toBeUndefined();
    expect(node2).toMatch(
      /^line \d+ of the data file: token is a number here, not a text \(and 2 more, see sower check\)$/,
    );
  });

  test('a warning stops nothing', () => {
    const inventory = valid(faulty('1.7.0', [into('wipe_disks: true')]));
    expect(inventory.machines.map((machine) => inventory.findingsOf(machine).length)).toEqual([1, 0]);
    expect(inventory.machines.map((machine) => stopReason(inventory.findingsOf(machine)))).toEqual([
      undefined,
      undefined,
    ]);
  });

  test('without a cluster, the rules that skip the machine are named', () => {
    const text = faulty('1.7.0', [['config: { <<: *join }', 'config: { server_url: "https://10.1.0.99:443" }']]);
    const finding = findingsOf(text).find(({ rule }) => rule === 'cluster-unknown');
    expect(finding?.what).toMatch(/: founder-twice, founder-missing, token-differs, server-url-vip, vip-shared$/);
  });

  test.each([
    ['a key that belongs elsewhere', into('ntp_servers: [a.example]'), 'it belongs at `os.ntp_servers`'],
    ['a misspelt key', into('isourl_: x'), 'did you mean `iso_url`?'],
    [
      'the key of the older releases',
      into('networks: { harvester-mgmt: { interfaces: [{ name: ens3 }] } }'),
      'write `management_interface`',
    ],
  ])('%s gets its own hint', (_, change, hint) => {
    expect(findingsOf(faulty('1.7.0', [change])).map((finding) => finding.hint)).toContain(hint);
  });

  test.each([
    ['poweroff: yes', '1.1.2'],
    ['poweroff: on', '1.0.3'],
    ['power_off: Yes', '1.7.0'],
    ['poweroff: true', '1.7.0'],
    ['power_off: "false"', '1.7.0'],
    ['debug: off', '1.7.0'],
    ['x-note: whatever', '1.7.0'],
    ['vip_hw_addr: ""', '1.7.0'],
    ['role: ~', '1.7.0'],
  ])('%s is fine in %s', (line, version) => {
    const rules = findingsOf(faulty(version, [into(line)])).map(({ rule }) => rule);
    expect(
      rules.filter((rule) => ['unknown-key', 'not-flag', 'native-type', 'bad-value', 'not-text'].includes(rule)),
    ).toEqual([]);
  });
});

describe('the table of keys agrees with the installer’s schema', () => {
  interface Schema {
    readonly $ref?: string;
    readonly $defs?: Readonly<Record<string, Schema>>;
    readonly properties?: Readonly<Record<string, Schema>>;
    readonly items?: Schema;
    readonly additionalProperties?: Schema | boolean;
    readonly anyOf?: readonly Schema[];
    readonly 'x-alias-of'?: string;
    readonly 'x-since'?: string;
    readonly 'x-until'?: string | null;
  }
  const url = new URL('../../../test/fixtures/harvester-config.schema.json', import.meta.url);
  const schema = JSON.parse(readFileSync(url, 'utf8')) as Schema;
  const known = new Map<string, { spellings: string[]; since: string; until: string }>();
  const release = (text: string | null | undefined) => (/^\d+\.\d+\.\d+$/.test(text ?? '') ? (text ?? '') : '');
  const walk = (node: Schema, path: string): void => {
    if (node.$ref !== undefined) walk(schema.$defs?.[node.$ref.replace('#/$defs/', '')] ?? {}, path);
    for (const [name, below] of Object.entries(node.properties ?? {})) {
      const canonical = spellingsOf(below['x-alias-of'] ?? name)[0] ?? name;
      const at = path === '' ? canonical : `${path}.${canonical}`;
      const row = known.get(at) ?? { spellings: [], since: '', until: '' };
      known.set(at, row);
      if (!row.spellings.includes(name)) row.spellings.push(name);
      if (below['x-alias-of'] !== undefined) continue;
      row.since = release(below['x-since']);
      row.until = release(below['x-until']);
      walk(below, at);
    }
    if (node.items !== undefined) walk(node.items, `${path}[]`);
    if (typeof node.additionalProperties === 'object') walk(node.additionalProperties, `${path}.*`);
    for (const option of node.anyOf ?? []) walk(option, path);
  };
  walk(schema, '');
  const canonical = (path: string) =>
    path
      .split('.')
      .map((part) => (part === '*' ? part : (spellingsOf(part)[0] ?? part)))
      .join('.');
  const shown = (version: Version | undefined) => (version === undefined ? '' : formatVersion(version));
  // free keys below: the installer passes these on, or drops them in later releases
  const isFree = (path: string) => /bond_options\.|multi_path_config[.[]|cluster_networks\.|os\.wifi\[/.test(path);

  test('every key of it is there, in all its spellings', () => {
    const rows = new Map(KEYS.map((row) => [canonical(row.path), row] as const));
    const missing = [...known.keys()].filter((path) => !isFree(path) && !rows.has(path));
    expect(missing).toEqual([]);
    for (const [path, { spellings }] of known) {
      if (isFree(path)) continue;
      const name = path.slice(path.lastIndexOf('.') + 1);
      expect(spellings.filter((spelling) => !spellingsOf(name).includes(spelling))).toEqual([]);
    }
  });

  test('and no other', () => {
    const extra = KEYS.map(({ path }) => canonical(path)).filter((path) => !known.has(path) && !path.endsWith('.*'));
    expect(extra).toEqual([]);
  });

  test('from the same release on, up to the same release', () => {
    const own = KEYS.filter(({ path }) => known.has(canonical(path)) && !/interfaces|networks|management_/.test(path));
    const differing = own.filter(({ path, since, until }) => {
      const row = known.get(canonical(path));
      return (
        (row?.since !== '' && row?.since !== '0.2.0' && row?.since !== shown(since)) ||
        (row.until !== '' && row.until !== shown(until))
      );
    });
    expect(differing.map(({ path }) => path)).toEqual([]);
  });
});
