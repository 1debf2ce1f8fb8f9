import { describe, expect, test } from 'vitest';
import { environmentAt, espSectors, planAssembly } from '../src/plan.ts';
import type { Platform } from '../src/targets.ts';

const planOf = (...platforms: readonly Platform[]) =>
  planAssembly({ platforms, epoch: 1_700_000_000, script: 'beside', espContent: 2_000_000 });
const lines = (...platforms: readonly Platform[]) =>
  planOf(...platforms).steps.map(({ command, args }) => [command, ...args].join(' '));

describe('the plan of an ISO', () => {
  test('for all platforms, step by step', () => {
    expect(lines('bios', 'x64', 'arm64')).toEqual([
      'cp /usr/lib/ISOLINUX/isolinux.bin /usr/lib/ISOLINUX/isohdpfx.bin /usr/lib/syslinux/modules/bios/ldlinux.c32 .',
      'mformat -i esp.img -C -T 8192 -h 64 -s 32 -N 49505845 -v IPXE ::',
      'mmd -i esp.img ::/EFI ::/EFI/BOOT',
      'mcopy -i esp.img ipxe-x64.efi ::/EFI/BOOT/BOOTX64.EFI',
      'mcopy -i esp.img ipxe-arm64.efi ::/EFI/BOOT/BOOTAA64.EFI',
      'mcopy -i esp.img autoexec.ipxe ::/EFI/BOOT/autoexec.ipxe',
      'xorriso -as mkisofs -quiet -o ipxe.img -iso-level 3 -r -V IPXE --set_all_file_dates =1700000000' +
        ' -isohybrid-mbr isohdpfx.bin -b isolinux/isolinux.bin -c isolinux/boot.cat -no-emul-boot -boot-load-size 4 -boot-info-table' +
        ' -eltorito-alt-boot -append_partition 2 0xef esp.img -e --interval:appended_partition_2:all:: -no-emul-boot' +
        ' -graft-points boot/autoexec.ipxe=autoexec.ipxe isolinux/isolinux.bin=isolinux.bin isolinux/ldlinux.c32=ldlinux.c32' +
        ' isolinux/isolinux.cfg=isolinux.cfg boot/ipxe.lkrn=ipxe.lkrn',
    ]);
  });

  test('for BIOS alone: no EFI system partition', () => {
    const [copy, only, ...more] = lines('bios');
    expect(copy).toMatch(/^cp /);
    expect(more).toEqual([]);
    expect(only).toMatch(/-isohybrid-mbr isohdpfx.bin -b /);
    expect(only).not.toMatch(/esp|alt-boot/);
    expect(planOf('bios').texts).toEqual({
      'isolinux.cfg': 'DEFAULT ipxe\nLABEL ipxe\n  KERNEL /boot/ipxe.lkrn\n  INITRD /boot/autoexec.ipxe\n',
    });
  });

  test('for UEFI alone: no isolinux', () => {
    expect(lines('arm64').join('\n')).not.toMatch(/isolinux|isohdpfx|alt-boot|BOOTX64/);
    expect(planOf('arm64').texts).toEqual({});
  });

  test('a script that the binaries bring with them is on no other place of the medium', () => {
    const plan = planAssembly({ platforms: ['bios', 'x64'], epoch: 1, script: 'embedded', espContent: 1 });
    expect(JSON.stringify(plan)).not.toContain('autoexec');
    expect(plan.texts).toEqual({ 'isolinux.cfg': 'DEFAULT ipxe\nLABEL ipxe\n  KERNEL /boot/ipxe.lkrn\n' });
  });

  test('time and place are fixed', () => {
    expect(environmentAt(1_700_000_000)).toEqual({ SOURCE_DATE_EPOCH: '1700000000', TZ: 'UTC', LC_ALL: 'C' });
  });

  test.each([
    [0, 8192],
    [3 << 20, 8192],
    [(3 << 20) + 1, 10_240],
    [20 << 20, 43_008],
  ])('%d bytes of content make a partition of %d sectors', (content, sectors) => {
    expect(espSectors(content)).toBe(sectors);
  });
});
