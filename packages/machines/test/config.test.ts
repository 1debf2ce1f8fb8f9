import fc from 'fast-check';
import { CORE_SCHEMA, load, YAML11_SCHEMA } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import { maskedConfig, plainConfig, renderConfig, type Config } from '@sower/machines';
import { Report } from '../src/problems.ts';
import { parseYaml } from '../src/yaml/parse.ts';

function configOf(text: string): Config {
  const report = new Report();
  const root = parseYaml(text, 'f', report);
  if (root?.kind !== 'mapping' || report.hasErrors) throw new Error(JSON.stringify(report.problems()));
  return { kind: 'config', root };
}

describe('the rendered config', () => {
  test('merges are flattened and aliases written out', () => {
    const text = `
base: &base { device: /dev/vda, os: &os { hostname: node } }
node: { <<: *base, all: [*os, *os] }
`;
    expect(renderConfig(configOf(text))).toBe(`base:
  device: /dev/vda
  os:
    hostname: node
node:
  device: /dev/vda
  os:
    hostname: node
  all:
    - hostname: node
    - hostname: node
`);
  });

  test.each([
    ['0755', 'k: 0755\n'],
    ['1.10', 'k: 1.10\n'],
    ['0o17', 'k: 0o17\n'],
    ['0x1F', 'k: 0x1F\n'],
    ['+1', 'k: +1\n'],
    ['1e10', 'k: 1e10\n'],
    ['12345678901234567890', 'k: 12345678901234567890\n'],
    ['True', 'k: True\n'],
    ['.inf', 'k: .inf\n'],
    ['~', 'k: null\n'],
    ['', 'k: null\n'],
    ['v1.7.0', 'k: v1.7.0\n'],
    ['1.7.0', 'k: 1.7.0\n'],
    ['192.168.178.3', 'k: 192.168.178.3\n'],
    ['!!str 5', 'k: "5"\n'],
    ['yes', 'k: yes\n'],
    ['Off', 'k: Off\n'],
    ['"yes"', 'k: "yes"\n'],
    ['"0755"', 'k: "0755"\n'],
    ['"1"', 'k: "1"\n'],
    ['"null"', 'k: "null"\n'],
    ['2024-01-01', 'k: "2024-01-01"\n'],
    ['52:54:00:11:22:33', 'k: "52:54:00:11:22:33"\n'],
    ['1_000', 'k: "1_000"\n'],
    ['1_0e5', 'k: "1_0e5"\n'],
    ['0X1F', 'k: "0X1F"\n'],
    ['""', 'k: ""\n'],
    ['"a: b"', 'k: "a: b"\n'],
    ['"#cloud-config\\nx"', 'k: |-\n  #cloud-config\n  x\n'],
    ['"{{.MACAddr}}"', 'k: "{{.MACAddr}}"\n'],
    ['[]', 'k: []\n'],
    ['{}', 'k: {}\n'],
  ])('%s is written as %j', (written, rendered) => {
    expect(renderConfig(configOf(`k: ${written}`))).toBe(rendered);
  });

  test.each(['<<', 'yes', '1', '0755', '=', '~', '__proto__', ''])('the key %j stays a text', (name) => {
    const rendered = renderConfig(configOf(`${JSON.stringify(name)}: 1\n`));
    expect(Object.keys(Object(load(rendered, { schema: YAML11_SCHEMA })))).toEqual([name]);
  });

  const text = fc.oneof(
    fc.string({ maxLength: 12 }),
    fc.string({ unit: 'binary', maxLength: 12 }),
    fc.stringMatching(/^[-+.0-9_:xobeE~yntfaNT ]{0,8}$/),
    fc.constantFrom(
      'yes',
      'no',
      'on',
      'off',
      'null',
      '=',
      '<<',
      '2024-01-01 10:00:00',
      'a\n  b\n',
      '\n\n',
      ' x\ny',
      'a\r\nb',
    ),
  );
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      text,
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(text, tie('value'), { maxKeys: 3, noNullPrototype: true }),
    ),
  }));

  test('reads back as it was, in YAML 1.2 and in YAML 1.1', () => {
    fc.assert(
      fc.property(fc.dictionary(text, value, { noNullPrototype: true }), (data) => {
        const config = configOf(JSON.stringify(data));
        const rendered = renderConfig(config);
        expect(load(rendered, { schema: CORE_SCHEMA })).toEqual(data);
        expect(load(rendered, { schema: YAML11_SCHEMA })).toEqual(data);
        expect(renderConfig(configOf(rendered))).toBe(rendered);
        expect(plainConfig(config)).toEqual(data);
      }),
      { numRuns: 300 },
    );
  });
});

describe('the config as data', () => {
  test('numbers whose text says more stay text', () => {
    expect(plainConfig(configOf('{ a: 0755, b: 1.10, c: 3, d: -0.5, e: .inf, f: true, g: ~, h: x }'))).toEqual({
      a: '0755',
      b: '1.10',
      c: 3,
      d: -0.5,
      e: '.inf',
      f: true,
      g: null,
      h: 'x',
    });
  });

  test('F-H 41 __proto__ is a key like any other', () => {
    const plain = plainConfig(configOf('__proto__: { polluted: 1 }'));
    expect(JSON.stringify(plain)).toBe('{"__proto__":{"polluted":1}}');
    expect(Object.getPrototypeOf(plain)).toBe(Object.prototype);
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });

  test.each([
    ['{ token: hush }'],
    ['{ os: { password: hush } }'],
    ['{ os: { password: [hush, { a: hush }] } }'],
    ['{ os: { wifi: [{ name: n, passphrase: hush, psk: hush }] } }'],
    ['{ os: { write_files: [{ path: /p, content: hush }] } }'],
    ['{ os: { writeFiles: [{ path: /p, content: hush }] } }'],
    ['{ os: { environment: { http_proxy: "http://u:hush@10.0.0.1", X: hush } } }'],
    ['{ install: { iso_url: "http://user:hush@10.0.0.1/x.iso" } }'],
    ['{ install: { iso_url: "http://hush@10.0.0.1/x.iso" } }'],
    ['{ install: { webhooks: [{ event: STARTED, url: "http://a/?k=hush" }] } }'],
    ['{ install: { webhook: { url: "http://a/hush" } } }'],
    ['{ install: { webhooks: [{ headers: { X-Auth: [hush] }, payload: hush }] } }'],
    ['{ install: { webhooks: [{ basicAuth: { user: hush, password: hush } }] } }'],
    ['{ install: { webhooks: [{ basic_auth: { user: hush, password: hush } }] } }'],
    ['{ install: { addons: { a: { enabled: true, values_content: hush } } } }'],
    ['{ install: { addons: { a: { valuesContent: hush } } } }'],
    ['{ system_settings: { containerd-registry: hush } }'],
    ['{ x-api_token: hush, adminPassword: hush, client-secret: hush }'],
  ])('masks %s', (text) => {
    const masked = JSON.stringify(maskedConfig(configOf(text)));
    expect(masked).not.toContain('hush');
    expect(masked).toContain('***');
    expect(JSON.stringify(plainConfig(configOf(text)))).toContain('hush');
  });

  test('leaves the rest to be seen', () => {
    const text =
      '{ os: { hostname: n, ssh_authorized_keys: [ssh-ed25519 AAAA ops@example] }, install: { device: /dev/vda, iso_url: "http://10.0.0.1/x@y.iso" } }';
    expect(maskedConfig(configOf(text))).toEqual(plainConfig(configOf(text)));
  });
});
