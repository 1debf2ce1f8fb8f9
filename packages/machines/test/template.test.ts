import { describe, expect, test } from 'vitest';
import { parseInventory, renderConfig, stopReason } from '@sower/machines';
import { onlyMachine, valid } from './facts.ts';

/** One machine with everything that templates can name, and this text as a value of its config. */
function dataWith(value: string): string {
  return `config:
  - cluster: lab
    config_create: &create { token: ${value} }
maclist:
  - macaddress: 52:54:00:AA:BB:01
    name: rack7
    values:
      ipaddress: 10.0.0.31
      netmask: 255.255.255.0
      interface: ens3
      version: v1.7.0
      type: create
      x-rack: 7
      config: { <<: *create }
`;
}

describe('templates', () => {
  test.each([
    ['"node-{{ name }}"', 'node-rack7'],
    ['"node-{{name}}"', 'node-rack7'],
    ['"{{ mac }}, {{ address }}, {{ netmask }}"', '52:54:00:aa:bb:01, 10.0.0.31, 255.255.255.0'],
    ['"{{ interface }} {{ version }} {{ type }} {{ cluster }}"', 'ens3 1.7.0 create lab'],
    ['"{{ values.ipaddress }} {{ values.version }}"', '10.0.0.31 v1.7.0'],
    ['"{{ values.x-rack }}"', '"7"'],
    ['"{{{{ name }}"', '"{{ name }}"'],
    ['"{{{{{{ name }}"', '"{{rack7"'],
    ['"{{.Hostname}} {{ .MACAddr }}"', '"{{.Hostname}} {{ .MACAddr }}"'],
    ['"a {single} brace }} stays"', 'a {single} brace }} stays'],
    ['7', '7'],
  ])('%s becomes %s', (written, rendered) => {
    const { config, unfilled } = onlyMachine(dataWith(written));
    expect(unfilled).toEqual([]);
    expect(renderConfig(config).replaceAll(/'/g, '"')).toBe(`token: ${rendered}\n`);
  });

  test.each([
    ['"{{ adress }}"', 'no template `adress`', 'did you mean `address`?'],
    ['"{{ gateway }}"', 'this machine has no `gateway`', 'give it one, or leave the template out'],
    ['"{{ values.x-rak }}"', 'no template `values.x-rak`', 'did you mean `values.x-rack`?'],
    ['"{{ if .Values }}"', '`{{` that begins no template', 'write `{{{{` where the text itself has `{{`'],
    ['"{{ name"', '`{{` that begins no template', 'write `{{{{` where the text itself has `{{`'],
    ['"{{}}"', '`{{` that begins no template', 'write `{{{{` where the text itself has `{{`'],
  ])('%s stops the machine: %s', (written, what, hint) => {
    const inventory = valid(dataWith(written));
    const [machine] = inventory.machines;
    const found = machine === undefined ? [] : inventory.findingsOf(machine);
    const column = '    config_create: &create { token: '.length + 1;
    expect(found.filter(({ rule }) => rule === 'template-unfilled')).toMatchObject([
      { severity: 'error', line: 3, column, path: 'token', what, hint },
    ]);
    expect(stopReason(found)).toBeDefined();
  });

  test('one anchor serves many machines, each with its own values; nothing is shared by accident', () => {
    const inventory = valid(`config:
  - cluster: lab
    config_join: &join { os: { hostname: "node-{{ values.x-no }}", ntp_servers: [a, "{{ address }}"] }, token: same }
maclist:
  - { macaddress: 52:54:00:aa:bb:01, values: { ipaddress: 10.0.0.31, version: 1.7.0, type: join, x-no: 1, config: *join } }
  - { macaddress: 52:54:00:aa:bb:02, values: { ipaddress: 10.0.0.32, version: 1.7.0, type: join, x-no: 2, config: *join } }
`);
    expect(inventory.machines.map(({ name }) => name)).toEqual(['node-1', 'node-2']);
    expect(inventory.machines.map(({ config }) => renderConfig(config))).toEqual(
      [1, 2].map((no) => `os:\n  hostname: node-${no}\n  ntp_servers:\n    - a\n    - 10.0.0.3${no}\ntoken: same\n`),
    );
    expect(inventory.machines.map(({ cluster }) => cluster)).toEqual(['lab', 'lab']);
  });

  test('what goes into the kernel line is checked as it is filled in', () => {
    const data = (server: string) => dataWith(`x, os: { dns_nameservers: ["${server}"] }`);
    expect(valid(data('{{ address }}')).machines).toHaveLength(1);
    const { inventory, problems } = parseInventory(data('{{ name }}'), 'f');
    expect(inventory).toBeUndefined();
    expect(problems).toMatchObject([{ severity: 'error', line: 3, what: 'a name server that is no IP address' }]);
  });
});
