/** What the guest saw of its own boot, as its init sends it. */
export interface GuestReport {
  /** From /sys/firmware/efi: a BIOS fallback cannot pass for a UEFI boot. */
  readonly firmware: 'bios' | 'efi';
  readonly mac: string;
  /** Address with prefix length, as the guest set it: "192.168.50.31/24". */
  readonly address: string;
  readonly gateway: string;
  readonly nameservers: readonly string[];
  /** Empty, or what went wrong on the way. */
  readonly problem: string;
  /** /proc/cmdline without the line end. */
  readonly cmdline: string;
  /** Under `ip=dhcp`: what the server said, by udhcpc's names (ip, subnet, router, dns, lease, serverid …). */
  readonly lease: ReadonlyMap<string, string>;
  /** SHA-256 in hex of the bytes behind `root=live:`. */
  readonly rootfs: string;
  /** The bytes behind `harvester.install.config_url=`. */
  readonly config: Buffer;
}

/** Reads a report from the JSON text that the guest posted. Throws when it is not one. */
export function readReport(text: string): GuestReport {
  const fields: unknown = JSON.parse(text);
  const field = (name: string): string => {
    const value: unknown = typeof fields === 'object' && fields !== null ? Reflect.get(fields, name) : undefined;
    if (typeof value !== 'string') throw new Error(`the guest's report has no ${name}: ${text}`);
    return value;
  };
  const bytes = (name: string): Buffer => Buffer.from(field(name), 'base64');
  return {
    firmware: field('firmware') === 'efi' ? 'efi' : 'bios',
    mac: field('mac'),
    address: field('address'),
    gateway: field('gateway'),
    nameservers: [
      ...bytes('nameservers')
        .toString()
        .matchAll(/^nameserver (.*)$/gm),
    ].map(([, server]) => server ?? ''),
    problem: field('problem'),
    cmdline: bytes('cmdline').toString().trimEnd(),
    lease: new Map(
      [
        ...bytes('lease')
          .toString()
          .matchAll(/^(\w+)=(.*)$/gm),
      ].map(([, key, value]) => [key ?? '', value ?? '']),
    ),
    rootfs: field('rootfs'),
    config: bytes('config'),
  };
}
