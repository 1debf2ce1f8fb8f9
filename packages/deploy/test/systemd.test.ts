import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { systemdUnits, type SystemdSite } from '../src/systemd.ts';

const SITE: SystemdSite = {
  node: '/usr/bin/node',
  program: '/opt/sower/packages/cli/bin/sower.js',
  dataFile: '/etc/sower/data.yaml',
  interfaces: ['eth1', 'br-lan', 'eth0.10'],
};

const units = (site: Partial<SystemdSite> = {}) => systemdUnits({ ...SITE, ...site });
const textOf = (name: string, site: Partial<SystemdSite> = {}) => units(site).find((unit) => unit.name === name)?.text;

describe('N-06 systemd units', () => {
  test('a service, a socket for TFTP, and one for each interface, its name escaped', () => {
    expect(units().map(({ name }) => name)).toEqual([
      'sower-tftp.socket',
      'sower-dhcp-eth1.socket',
      'sower-dhcp-br\\x2dlan.socket',
      'sower-dhcp-eth0.10.socket',
      'sower.service',
    ]);
    expect(units({ interfaces: [] }).map(({ name }) => name)).toEqual(['sower-tftp.socket', 'sower.service']);
  });

  test('a DHCP socket is pinned to its interface and named after it', () => {
    const lines = textOf('sower-dhcp-br\\x2dlan.socket')?.split('\n');
    expect(lines).toEqual(
      expect.arrayContaining([
        'ListenDatagram=0.0.0.0:67',
        'BindToDevice=br-lan',
        'Broadcast=yes',
        'FileDescriptorName=dhcp-br-lan',
        'Service=sower.service',
        'BindsTo=sys-subsystem-net-devices-br\\x2dlan.device',
      ]),
    );
  });

  test('N-08 the service keeps no capability', () => {
    const lines = textOf('sower.service')?.split('\n');
    expect(lines).toEqual(expect.arrayContaining(['CapabilityBoundingSet=', 'AmbientCapabilities=', 'Type=notify']));
  });

  test.each(units({ interfaces: ['eth1'] }))(
    'deploy/systemd/$name is what is written for the place it names',
    (unit) => {
      expect(readFileSync(new URL(`../../../deploy/systemd/${unit.name}`, import.meta.url), 'utf8')).toBe(unit.text);
    },
  );

  test.each([
    ['/etc/sower/data.yaml', '/etc/sower/data.yaml'],
    ['/srv/my lab/data.yaml', '"/srv/my lab/data.yaml"'],
    ['/srv/100%/$HOME.yaml', '/srv/100%%/$$HOME.yaml'],
    ['/srv/a"b\\c.yaml', '"/srv/a\\"b\\\\c.yaml"'],
  ])('ExecStart= takes %s as it is', (dataFile, word) => {
    expect(textOf('sower.service', { dataFile })).toContain(`serve --data ${word} --json\n`);
  });
});
