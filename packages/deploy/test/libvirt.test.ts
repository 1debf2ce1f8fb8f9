import { expect, test } from 'vitest';
import { libvirtNetwork, virtInstall } from '../src/libvirt.ts';

test('an isolated network without addresses and names of libvirt', () => {
  expect(libvirtNetwork({ bridge: 'boot0', address: '192.168.178.7', netmask: '255.255.255.0' })).toBe(`<network>
  <name>boot0</name>
  <bridge name='boot0' stp='off' delay='0'/>
  <dns enable='no'/>
  <ip address='192.168.178.7' netmask='255.255.255.0'/>
</network>
`);
});

const DOMAIN = {
  name: 'node1',
  mac: '52:54:00:aa:bb:01',
  network: 'boot0',
  memory: 16_384,
  cpus: 8,
  disk: 'size=250',
  iso: '/srv/a, b/ipxe.iso',
};
const NO_SECURE_BOOT = 'uefi,firmware.feature0.name=secure-boot,firmware.feature0.enabled=no';

test.each([
  ['from the network, BIOS', '--boot hd,network', false],
  ['from the network, UEFI', `--boot ${NO_SECURE_BOOT},hd,network`, false],
  ['from the ISO, BIOS', '--boot hd,cdrom', true],
  ['from the ISO, UEFI', `--boot ${NO_SECURE_BOOT},hd,cdrom`, true],
])('%s: the disk comes first', (title, boot, withIso) => {
  const words = virtInstall(DOMAIN)
    .find((way) => way.title === title)
    ?.words.join(' ');
  const iso = withIso ? ' --disk path=/srv/a,, b/ipxe.iso,device=cdrom,readonly=on' : '';
  expect(words).toBe(
    'virt-install --name node1 --memory 16384 --vcpus 8 --disk size=250 ' +
      `--network network=boot0,model=virtio,mac=52:54:00:aa:bb:01${iso} --import ${boot} --osinfo generic --noautoconsole`,
  );
});
