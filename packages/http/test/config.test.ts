import { describe, expect, test } from 'vitest';
import { load } from 'js-yaml';
import { data, FIRST, FIRST_OTHER_NIC, SECOND, STRANGER, UNFIT } from './support/data.ts';
import { plane } from './support/plane.ts';
import { ask } from './support/wire.ts';

describe('/config/<mac>/<name>', () => {
  test.each([FIRST, FIRST_OTHER_NIC, encodeURIComponent(FIRST), '525400aabb01'])(
    '%s gets its own config, whole',
    async (mac) => {
      const { port, told } = await plane({ data: data() });
      const answer = await ask(port, `GET /config/${mac}/config-create.yaml`);
      expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/yaml']);
      expect(load(answer.body.toString())).toEqual({
        scheme_version: 1,
        token: 'open-sesame',
        os: { hostname: 'node1', password: 'hush-hush', dns_nameservers: ['10.0.0.3'] },
        install: {
          mode: 'create',
          device: '/dev/vda',
          iso_url: 'http://10.0.0.7/a.iso',
          management_interface: { method: 'dhcp', interfaces: [{ name: 'ens3' }] },
          vip: '10.0.0.40',
          vip_mode: 'static',
        },
      });
      expect(await told(1)).toEqual([
        {
          kind: 'config',
          mac: mac === FIRST_OTHER_NIC ? FIRST_OTHER_NIC : FIRST,
          name: 'node1',
          file: 'config-create.yaml',
          address: '127.0.0.1',
          delivery: { bytes: answer.body.length, outcome: 'complete' },
        },
      ]);
    },
  );

  test.each([
    ['the other of the two', `/config/${FIRST}/config-join.yaml`, 404, 'no-such-config'],
    ['the other of the two, joining', `/config/${SECOND}/config-create.yaml`, 404, 'no-such-config'],
    ['another name', `/config/${FIRST}/config-create.yml`, 404, 'no-such-config'],
    ['an unknown MAC', `/config/${STRANGER}/config-create.yaml`, 404, 'unknown-mac'],
    ['a bad MAC', '/config/x/config-create.yaml', 400, 'bad-mac'],
    ['no name', `/config/${FIRST}`, 404, 'no-such-path'],
    ['a segment too many', `/config/${FIRST}/a/config-create.yaml`, 404, 'no-such-path'],
  ])('%s (%s) is %i', async (_title, path, status, why) => {
    const { port, told } = await plane({ data: data() });
    const answer = await ask(port, `GET ${path}`);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([status, 'text/plain']);
    expect(await told(1)).toMatchObject([{ kind: 'refused', why }]);
  });

  test('an error of the linter stops its machine alone: 503 with the reason, which quotes no secret', async () => {
    const { port, told } = await plane({ data: UNFIT });
    const answer = await ask(port, `GET /config/${FIRST}/config-create.yaml`);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([503, 'text/plain']);
    expect(answer.body.toString()).toBe('line 7 of the data file: token is a number here, not a text\n');
    expect(await told(1)).toMatchObject([{ kind: 'refused', why: 'install-stopped', mac: FIRST }]);
    expect((await ask(port, `GET /config/${SECOND}/config-join.yaml`)).status).toBe(200);
  });

  test.each([
    ['meta-data', 200, 'text/yaml', 'instance-id: "52:54:00:aa:bb:01"\n'],
    ['user-data', 200, 'text/yaml', '#cloud-config\nautoinstall:\n  version: 1\n'],
    ['config-create.yaml', 404, 'text/plain', 'This machine has no such config.\n'],
  ])('a profile’s documents lie under one folder: %s is %i', async (name, status, type, body) => {
    const { port } = await plane({
      data: `maclist:\n  - { macaddress: ${FIRST}, profile: nocloud, values: { version: 24.04.2, config: { user-data: { autoinstall: { version: 1 } } } } }\n`,
    });
    const answer = await ask(port, `GET /config/${FIRST}/${name}`);
    expect([answer.status, answer.headers.get('content-type'), answer.body.toString()]).toEqual([status, type, body]);
  });

  test('D-13 F-H 34 never the config of another machine than the one that holds the address', async () => {
    const { port, told } = await plane({ data: data(), leases: { '127.0.0.1': SECOND } });
    const answer = await ask(port, `GET /config/${FIRST}/config-create.yaml`);
    expect([answer.status, answer.body.toString()]).toEqual([403, 'This address is leased to another machine.\n']);
    expect(await told(1)).toMatchObject([{ kind: 'refused', why: 'not-your-address', mac: FIRST }]);
    expect((await ask(port, `GET /config/${SECOND}/config-join.yaml`)).status).toBe(200);
  });

  test('a HEAD is no delivery: it is not told as one', async () => {
    const { port, told } = await plane({ data: data() });
    expect((await ask(port, `HEAD /config/${FIRST}/config-create.yaml`)).status).toBe(200);
    await ask(port, 'GET /nothing');
    expect(await told(1)).toMatchObject([{ kind: 'refused', why: 'no-such-path' }]);
  });
});
