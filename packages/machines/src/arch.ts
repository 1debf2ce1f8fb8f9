/** A DHCP client architecture (option 93, RFC 4578 section 2.1 and the IANA registry). */
export interface Arch {
  readonly code: number;
  readonly name: string;
  readonly firmware: 'bios' | 'uefi' | 'rpi' | 'other';
  /** How its firmware asks for a boot file. */
  readonly transport: 'tftp' | 'http';
  /** The folder of its loaders under `loaders/`; undefined where we have none. */
  readonly loaders: 'bios' | 'x64' | 'arm64' | undefined;
}

/**
 * All registered codes (IANA, Processor Architecture Types). RFC 4578 printed 7 and 9 the wrong way round and firmware
 * followed either text, so both get x64 loaders, and so does 17, the HTTP twin of 9 (B-07).
 */
export const ARCHS: readonly Arch[] = [
  arch(0, 'x86 BIOS', 'bios', 'tftp', 'bios'),
  arch(1, 'NEC/PC98', 'bios', 'tftp'),
  arch(2, 'Itanium', 'uefi', 'tftp'),
  arch(3, 'DEC Alpha', 'other', 'tftp'),
  arch(4, 'Arc x86', 'other', 'tftp'),
  arch(5, 'Intel Lean Client', 'other', 'tftp'),
  arch(6, 'x86 UEFI', 'uefi', 'tftp'),
  arch(7, 'x64 UEFI', 'uefi', 'tftp', 'x64'),
  arch(8, 'EFI Xscale', 'uefi', 'tftp'),
  arch(9, 'EBC', 'uefi', 'tftp', 'x64'),
  arch(10, 'ARM 32-bit UEFI', 'uefi', 'tftp'),
  arch(11, 'ARM 64-bit UEFI', 'uefi', 'tftp', 'arm64'),
  arch(12, 'PowerPC Open Firmware', 'other', 'tftp'),
  arch(13, 'PowerPC ePAPR', 'other', 'tftp'),
  arch(14, 'POWER OPAL v3', 'other', 'tftp'),
  arch(15, 'x86 UEFI boot from HTTP', 'uefi', 'http'),
  arch(16, 'x64 UEFI boot from HTTP', 'uefi', 'http', 'x64'),
  arch(17, 'EBC boot from HTTP', 'uefi', 'http', 'x64'),
  arch(18, 'ARM UEFI 32 boot from HTTP', 'uefi', 'http'),
  arch(19, 'ARM UEFI 64 boot from HTTP', 'uefi', 'http', 'arm64'),
  arch(20, 'PC/AT BIOS boot from HTTP', 'bios', 'http'),
  arch(21, 'ARM 32 U-Boot', 'other', 'tftp'),
  arch(22, 'ARM 64 U-Boot', 'other', 'tftp'),
  arch(23, 'ARM U-Boot 32 boot from HTTP', 'other', 'http'),
  arch(24, 'ARM U-Boot 64 boot from HTTP', 'other', 'http'),
  arch(25, 'RISC-V 32-bit UEFI', 'uefi', 'tftp'),
  arch(26, 'RISC-V 32-bit UEFI boot from HTTP', 'uefi', 'http'),
  arch(27, 'RISC-V 64-bit UEFI', 'uefi', 'tftp'),
  arch(28, 'RISC-V 64-bit UEFI boot from HTTP', 'uefi', 'http'),
  arch(29, 'RISC-V 128-bit UEFI', 'uefi', 'tftp'),
  arch(30, 'RISC-V 128-bit UEFI boot from HTTP', 'uefi', 'http'),
  arch(31, 's390 Basic', 'other', 'tftp'),
  arch(32, 's390 Extended', 'other', 'tftp'),
  arch(33, 'MIPS 32-bit UEFI', 'uefi', 'tftp'),
  arch(34, 'MIPS 64-bit UEFI', 'uefi', 'tftp'),
  arch(35, 'Sunway 32-bit UEFI', 'uefi', 'tftp'),
  arch(36, 'Sunway 64-bit UEFI', 'uefi', 'tftp'),
  arch(37, 'LoongArch 32-bit UEFI', 'uefi', 'tftp'),
  arch(38, 'LoongArch 32-bit UEFI boot from HTTP', 'uefi', 'http'),
  arch(39, 'LoongArch 64-bit UEFI', 'uefi', 'tftp'),
  arch(40, 'LoongArch 64-bit UEFI boot from HTTP', 'uefi', 'http'),
  arch(41, 'ARM rpiboot', 'rpi', 'tftp'),
];

const BY_CODE: ReadonlyMap<number, Arch> = new Map(ARCHS.map((entry) => [entry.code, entry]));

/** The architecture of an option 93 code, or undefined when it is not registered. */
export function archOf(code: number): Arch | undefined {
  return BY_CODE.get(code);
}

function arch(
  code: number,
  name: string,
  firmware: Arch['firmware'],
  transport: Arch['transport'],
  loaders?: Arch['loaders'],
): Arch {
  return { code, name, firmware, transport, loaders };
}
