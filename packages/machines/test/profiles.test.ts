import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  artifactUrl,
  describeMachine,
  installOf,
  machineScript,
  parseInventory,
  stopReason,
  type Machine,
} from '@sower/machines';
import { dataOf, onlyMachine, valid } from './facts.ts';
import { faultsOf } from './ipxe-grammar.ts';

const BASE = 'http://192.168.178.7:10000';
const AT = `${BASE}/artifacts`;

/** The only machine of the example under this heading of docs/profiles.md. */
function example(heading: string): Machine {
  const page = readFileSync(new URL('../../../docs/profiles.md', import.meta.url), 'utf8');
  const text = page.slice(page.indexOf(`# ${heading}`)).match(/```yaml\n([\s\S]*?)```/)?.[1] ?? '';
  const machine = onlyMachine(text);
  expect(valid(text).findingsOf(machine)).toEqual([]);
  return machine;
}

function urlsOf(machine: Machine): Readonly<Record<string, string>> {
  const files = Object.entries(installOf(machine).files([]));
  return Object.fromEntries(files.map(([name, [path = '']]) => [name, artifactUrl(BASE, { folder: '/' }, path)]));
}

/** Heading, kernel, its arguments in one line, and the documents with their types and the text that each begins with. */
const EXAMPLES: readonly (readonly [
  heading: string,
  kernel: string,
  line: string,
  documents: readonly (readonly [name: string, type: string, body: string])[],
])[] = [
  [
    'Profiles:',
    'fcos/41.20250117.3.0/fedora-coreos-41.20250117.3.0-live-kernel.x86_64',
    `initrd=fedora-coreos-41.20250117.3.0-live-initramfs.x86_64.img coreos.live.rootfs_url=${AT}/fcos/41.20250117.3.0/fedora-coreos-41.20250117.3.0-live-rootfs.x86_64.img coreos.inst.install_dev=/dev/sda coreos.inst.ignition_url=${BASE}/config/52:54:00:aa:bb:05/config.ign`,
    [
      [
        'config.ign',
        'application/json',
        JSON.stringify(
          {
            ignition: { version: '3.4.0' },
            storage: { files: [{ path: '/etc/hostname', mode: 420, contents: { source: 'data:,worker1' } }] },
          },
          undefined,
          2,
        ),
      ],
    ],
  ],
  [
    'Built in: `nocloud`',
    'ubuntu/24.04.2/vmlinuz',
    `initrd=initrd ip=dhcp url=${AT}/ubuntu/24.04.2/live-server.iso autoinstall ds=nocloud-net;s=${BASE}/config/52:54:00:aa:bb:06/`,
    [
      ['user-data', 'text/yaml', '#cloud-config\nautoinstall:\n  version: 1\n  identity:\n    hostname: web1\n'],
      ['meta-data', 'text/yaml', 'instance-id: "52:54:00:aa:bb:06"\n'],
      ['vendor-data', 'text/yaml', '\n'],
      ['network-config', 'text/yaml', 'version: 2\n'],
    ],
  ],
  [
    'Built in: `ignition`',
    'flatcar/4081.2.0/flatcar_production_pxe.vmlinuz',
    `initrd=flatcar_production_pxe_image.cpio.gz flatcar.first_boot=1 ignition.config.url=${BASE}/config/52:54:00:aa:bb:07/config.ign`,
    [['config.ign', 'application/json', '{\n  "ignition": {\n    "version": "3.3.0"\n']],
  ],
  [
    'Example: Talos',
    'talos/v1.9.1/vmlinuz-amd64',
    `initrd=initramfs-amd64.xz talos.platform=metal talos.config=${BASE}/config/52:54:00:aa:bb:08/machine.yaml talos.halt_if_installed=1 slab_nomerge pti=on init_on_alloc=1 console=tty0`,
    [
      [
        'machine.yaml',
        'text/yaml',
        'version: v1alpha1\nmachine:\n  type: controlplane\n  token: change-me\n  network:\n    hostname: talos-1\n',
      ],
    ],
  ],
  [
    'Example: Debian',
    'debian/12/linux',
    `initrd=initrd.gz auto=true priority=critical interface=auto hostname=deb1 domain=lab.example url=${BASE}/config/52:54:00:aa:bb:09/preseed.cfg`,
    [
      [
        'preseed.cfg',
        'text/plain',
        'd-i passwd/username string ops\nd-i partman-auto/method string lvm\nd-i netcfg/get_hostname string deb1\n',
      ],
    ],
  ],
  [
    'Example: the RHEL family',
    'rhel/9.5/images/pxeboot/vmlinuz',
    `initrd=initrd.img inst.repo=${AT}/rhel/9.5 inst.ks=${BASE}/config/52:54:00:aa:bb:0a/ks.cfg ip=192.168.178.50::192.168.178.1:255.255.255.0::ens3:none inst.text`,
    [['ks.cfg', 'text/plain', 'autopart\nreboot\nnetwork --hostname=alma1\n']],
  ],
  [
    'Example: SLE and Leap 16',
    'leap/16.0/linux',
    `initrd=initrd root=live:${AT}/leap/16.0/installer.squashfs inst.auto=${BASE}/config/52:54:00:aa:bb:0b/profile.json inst.install_url=http://download.example/leap/16.0 inst.finish=reboot`,
    [['profile.json', 'application/json', '{\n  "product": {\n    "id": "openSUSE_Leap"\n']],
  ],
];

describe('the documented profiles', () => {
  test.each(EXAMPLES)('%s', (heading, kernel, line, documents) => {
    const machine = example(heading);
    const install = installOf(machine);
    const files = urlsOf(machine);
    expect(files['kernel']).toBe(`${AT}/${kernel}`);
    expect(install.kernelArguments(BASE, files).join(' ')).toBe(line);
    const script = machineScript(machine, BASE, files);
    expect(script).toContain(`\nkernel ${AT}/${kernel} ${line} || goto no_kernel\ninitrd ${files['initrd']} || goto`);
    expect(faultsOf(script)).toEqual([]);
    expect(install.documents).toEqual(documents.map(([name]) => name));
    for (const [name, type, body] of documents) {
      const document = install.document(name);
      expect(document?.type).toBe(type);
      expect(document?.body.slice(0, body.length)).toBe(body);
    }
    expect(install.document('other')).toBeUndefined();
  });
});

const own = (arguments_: string, more = '') =>
  `profiles:\n  - { profile: mine, kernel: k, initrd: i, arguments: [${arguments_}], documents: [{ name: a.txt }, { name: b.json, format: json, otherwise: "{}" }]${more} }\n`;
const machine = (values: string) => dataOf(values, ', name: n1, profile: mine');

describe('a profile of one’s own', () => {
  test.each([
    ['an unknown document', '{ a.txt: x, b.jsn: {} }', 'document-unknown', 'b.jsn'],
    ['a document without content', '{ b.json: {} }', 'document-missing', 'a.txt'],
    ['a mapping for a text', '{ a.txt: { x: y } }', 'document-shape', 'a.txt'],
    ['a list', '{ a.txt: x, b.json: [] }', 'document-shape', 'b.json'],
    ['an unknown template', '{ a.txt: "{{ nmae }}" }', 'template-unfilled', 'a.txt'],
  ])('%s stops the machine', (_, config, rule, path) => {
    const inventory = valid(own('quiet') + machine(`config: ${config}`));
    const findings = inventory.machines.flatMap((one) => inventory.findingsOf(one));
    expect(findings).toMatchObject([{ rule, path, severity: 'error', machine: 'n1', line: 5 }]);
    expect(stopReason(findings)).toContain('line 5 of the data file');
  });

  test.each([
    [
      'a name that it does not have',
      '"ip={{ address }}"',
      'config: { a.txt: x }',
      'this machine has no `address` that a kernel line can hold',
    ],
    ['an unknown name', '"x={{ files.rootfs }}"', 'config: { a.txt: x }', 'no template `files.rootfs`'],
    [
      'a value that a script would read',
      '"x={{ values.x-a }}"',
      'x-a: "a || b", config: { a.txt: x }',
      'this machine has no `values.x-a` that a kernel line can hold',
    ],
  ])('D-15 an argument with %s stops the machine', (_, argument, values, what) => {
    const inventory = valid(own(argument) + machine(values));
    const findings = inventory.machines.flatMap((one) => inventory.findingsOf(one));
    expect(findings).toMatchObject([{ rule: 'template-unfilled', path: 'profile', what }]);
  });

  test('paths with a version want one', () => {
    const text = own('quiet').replace('kernel: k', 'kernel: "a/{version}/k"') + machine('config: { a.txt: x }');
    const inventory = valid(text);
    expect(inventory.machines.flatMap((one) => inventory.findingsOf(one))).toMatchObject([
      { rule: 'template-unfilled', what: '`version` is missing: the paths of mine hold it' },
    ]);
  });

  test.each([
    [
      'white space in an argument',
      own('"a b"') + machine('config: { a.txt: x }'),
      2,
      'is not one argument of a kernel line',
    ],
    [
      'a command in an argument',
      own('"a||reboot"') + machine('config: { a.txt: x }'),
      2,
      'is not one argument of a kernel line',
    ],
    [
      'an unknown profile',
      own('quiet') + machine('config: {}').replace('profile: mine', 'profile: mien'),
      5,
      'an unknown profile',
    ],
    [
      'a type',
      own('quiet') + machine('type: join, config: { a.txt: x }'),
      5,
      'only machines of Harvester have a `type`',
    ],
    [
      'a version that is a path',
      own('quiet') + machine('version: ../x, config: { a.txt: x }'),
      5,
      'a version that no path can hold',
    ],
    [
      'a path out of the folder',
      own('quiet', ', files: { a: ../b }') + machine('config: { a.txt: x }'),
      2,
      'is not a relative path',
    ],
    [
      'a name twice',
      own('quiet') + own('quiet').replace('profiles:\n', '') + machine('config: { a.txt: x }'),
      3,
      'a second profile `mine`',
    ],
    [
      'Harvester’s name',
      own('quiet').replace('mine', 'harvester') + dataOf('config: {}', ', profile: harvester'),
      2,
      'a second profile `harvester`',
    ],
  ])('%s is an error of the file', (_, text, line, what) => {
    const { inventory, problems } = parseInventory(text, 'f');
    expect(inventory).toBeUndefined();
    expect(problems[0]).toMatchObject({ severity: 'error', line, what: expect.stringContaining(what) as string });
  });

  test('one of a built-in name replaces that one', () => {
    const text = own('quiet').replace('mine', 'nocloud') + machine('config: { a.txt: x }').replace('mine', 'nocloud');
    expect(installOf(onlyMachine(text)).documents).toEqual(['a.txt', 'b.json']);
  });
});

test('what a document holds is shown to nobody but the admin: what is secret in it only its reader knows', () => {
  const documents = {
    'user-data': 'users: [{ hashed_passwd: hush1 }], runcmd: [kubeadm join --token hush2], ca: { key: hush3 }',
    'vendor-data': 'storage: { files: [{ contents: { source: "data:,hush4" } }] }',
  };
  const mappings = Object.entries(documents).map(([name, body]) => `${name}: { ${body} }`);
  const config = `{ ${mappings.join(', ')}, meta-data: "rootpw --plaintext hush5" }`;
  const machine = onlyMachine(dataOf(`version: 24.04.2, config: ${config}`, ', profile: nocloud'));
  const masked = { 'user-data': '***', 'vendor-data': '***', 'meta-data': '***' };
  expect(describeMachine(machine, BASE, 'mask').config).toEqual(masked);
  expect(JSON.stringify(describeMachine(machine, BASE, 'show').config).match(/hush\d/g)).toHaveLength(5);
});
