import { expect, test } from 'vitest';
import { artifactCandidates, artifactUrl, configUrl, parseVersion, scriptUrl } from '@sower/machines';
import { dataOf, mac, onlyMachine, valid } from './facts.ts';

function candidates(version: string, templates = '[]') {
  const parsed = parseVersion(version);
  if (parsed === undefined) throw new Error(version);
  return artifactCandidates(parsed, valid(`appliance: { templates: ${templates} }`).appliance.templates);
}

test('released names: folder with v first, names with the version first', () => {
  expect(candidates('v1.7.0')).toEqual({
    kernel: [
      'harvester/v1.7.0/harvester-v1.7.0-vmlinuz-amd64',
      'harvester/v1.7.0/harvester-vmlinuz-amd64',
      'harvester/1.7.0/harvester-v1.7.0-vmlinuz-amd64',
      'harvester/1.7.0/harvester-vmlinuz-amd64',
    ],
    initrd: [
      'harvester/v1.7.0/harvester-v1.7.0-initrd-amd64',
      'harvester/v1.7.0/harvester-initrd-amd64',
      'harvester/1.7.0/harvester-v1.7.0-initrd-amd64',
      'harvester/1.7.0/harvester-initrd-amd64',
    ],
    rootfs: [
      'harvester/v1.7.0/harvester-v1.7.0-rootfs-amd64.squashfs',
      'harvester/v1.7.0/harvester-rootfs-amd64.squashfs',
      'harvester/1.7.0/harvester-v1.7.0-rootfs-amd64.squashfs',
      'harvester/1.7.0/harvester-rootfs-amd64.squashfs',
    ],
  });
});

test('another architecture', () => {
  expect(artifactCandidates({ major: 1, minor: 7, patch: 0 }, [], 'arm64').kernel[0]).toBe(
    'harvester/v1.7.0/harvester-v1.7.0-vmlinuz-arm64',
  );
});

test.each([
  ['[{ version: "*", kernel: "hv/{version}/vmlinuz" }]', '1.7.0', 'hv/1.7.0/vmlinuz'],
  ['[{ version: "*", kernel: all }, { version: v1.7.0, kernel: one }]', '1.7.0', 'one'],
  ['[{ version: "*", kernel: all }, { version: 1.7.0, initrd: one }]', '1.7.0', 'all'],
  ['[{ version: 1.7.0, kernel: one }]', '1.8.1', 'harvester/v1.8.1/harvester-v1.8.1-vmlinuz-amd64'],
])('with the templates %s the kernel of %s is %s', (templates, version, kernel) => {
  expect(candidates(version, templates).kernel[0]).toBe(kernel);
});

test('D-16 URLs are made of the base that the caller gives', () => {
  const node = { macs: onlyMachine(dataOf('version: 1.7.0, type: join, config: {}')).macs, type: 'join' } as const;
  expect(scriptUrl('http://10.0.0.1:10000', mac('525400AABB01'))).toBe('http://10.0.0.1:10000/ipxe/52:54:00:aa:bb:01');
  expect(configUrl('http://10.0.0.2', node)).toBe('http://10.0.0.2/config/52:54:00:aa:bb:01/config-join.yaml');
  expect(artifactUrl('http://10.0.0.1', { folder: '/srv' }, 'a/b')).toBe('http://10.0.0.1/artifacts/a/b');
  expect(artifactUrl('http://10.0.0.1', { url: 'http://files.example/x' }, 'a/b')).toBe('http://files.example/x/a/b');
});
