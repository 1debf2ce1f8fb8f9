import { formatIPv4, parseIPv4, type Mac } from '@sower/net';
import { OUR_USER_CLASS } from './client.ts';
import { nameservers } from './kernel-line.ts';
import type { Machine } from './inventory.ts';
import { scriptUrl } from './links.ts';
import { inserted, said } from './inserted.ts';
import { installOf } from './profiles/install.ts';
import type { FileUrls } from './profiles/profile.ts';

/** Seconds a screen waits before it asks for the script again. */
const PATIENCE = 30;

/**
 * The script that boots a machine's installer. `base` is the URL that the machine reached us on; the files are absolute
 * URLs. `imgfree` comes first, because an autoexec or embedded script would else land in front of the initrd (D-14).
 * Works on iPXE of 2019 and later. Throws RangeError when a URL holds a character outside the whitelist (D-15).
 */
export function machineScript(machine: Machine, base: string, files: FileUrls): string {
  const install = installOf(machine);
  const kernel = inserted(files['kernel'] ?? '');
  const initrd = inserted(files['initrd'] ?? '');
  return script(
    'imgfree',
    `echo sower: ${said(`${machine.name}, ${install.title}, ${machine.macs[0]}`)}`,
    ...(install.needsUefi ? ['iseq ${platform} pcbios && goto bios ||'] : []),
    `kernel ${kernel} ${install.kernelArguments(base, files).join(' ')} || goto no_kernel`,
    `initrd ${initrd} || goto no_initrd`,
    'boot || goto no_boot',
    ...(install.needsUefi ? BIOS_REFUSED : []),
    ':no_kernel',
    `echo sower: the kernel did not come: ${kernel}`,
    'goto again',
    ':no_initrd',
    `echo sower: the initrd did not come: ${initrd}`,
    'goto again',
    ':no_boot',
    'echo sower: the kernel did not start',
    ...askAgain(5, base, machine.macs[0]),
  );
}

/** A release that would stop on BIOS says so before a byte is fetched. */
const BIOS_REFUSED: readonly string[] = [
  ':bios',
  'echo sower: this release installs on UEFI only, and this firmware is BIOS',
  'goto again',
];

/** Says why there is nothing to boot yet, waits, and asks again. */
export function waitScript(mac: Mac, base: string, reason: string): string {
  return script(`echo sower: ${mac} has to wait`, `echo sower: ${said(reason)}`, ...askAgain(PATIENCE, base, mac));
}

/** Shows the MAC of a machine that is not in the inventory, waits, and asks again. Never an installer. */
export function discoverScript(mac: Mac, base: string): string {
  return script(
    'echo sower: this machine is not in data.yaml',
    `echo sower: its MAC address is ${mac}`,
    ...askAgain(PATIENCE, base, mac),
  );
}

/** Local boot for a machine's own method, after a line that says why; see `LOCAL`. */
export function localBootScript(method: Machine['localboot'], why: string): string {
  return script(`echo sower: ${said(why)}`, ...LOCAL[method ?? 'firmware']);
}

/**
 * Ways back to the disk. UEFI goes on with its boot order only when a loader fails (`exit 1`; `exit 0` opens the boot
 * menu), BIOS needs the disk to be named. iPXE of 2019 has no `poweroff`, so there the machine stays where it is.
 */
const LOCAL: Readonly<Record<NonNullable<Machine['localboot']> | 'firmware', readonly string[]>> = {
  firmware: ['iseq ${platform} efi && goto leave ||', 'sanboot --no-describe --drive 0x80 ||', ':leave', 'exit 1'],
  sanboot: ['sanboot --no-describe --drive 0x80 ||', 'exit 1'],
  exit: ['exit 1'],
  poweroff: ['poweroff ||', ':stay', 'echo sower: this machine may be switched off', 'sleep 3600', 'goto stay'],
};

/**
 * The script that goes into boot media and loaders (embedded) or beside them (`autoexec.ipxe`): tries one NIC after the other
 * until one of them leads to `base`, for ever. Its user class tells our own iPXE from a ROM's (B-02). With a `machine` it
 * is for this one alone: other NICs are passed over, and with an address and a netmask in the data file there is no DHCP.
 */
export function chainScript(base: string, machine?: Machine): string {
  return script(
    `set user-class ${OUR_USER_CLASS}`,
    ':start',
    'set nic:int32 0',
    ':nic',
    'isset ${net${nic}/mac} || goto again',
    ...(machine === undefined ? [] : onlyOn(machine)),
    'echo sower: net${nic} ${net${nic}/mac} waits for its link',
    'iflinkwait --timeout 15000 net${nic} || goto next',
    ...addressing(machine),
    `echo sower: asking ${inserted(base)} for the script`,
    `chain --replace --autofree ${inserted(base)}/ipxe/\${net\${nic}/mac} || goto next`,
    ':next',
    'ifclose net${nic} ||',
    'inc nic',
    'goto nic',
    ':again',
    'echo sower: no network card led to a script, next round in 10 s',
    'sleep 10',
    'goto start',
  );
}

/** Passes over NICs that are not this machine's: its address must not turn up on another one. */
function onlyOn({ name, macs }: Machine): readonly string[] {
  return [
    ...macs.map((mac) => `iseq \${net\${nic}/mac} ${mac} && goto mine ||`),
    `echo sower: net\${nic} \${net\${nic}/mac} is not ${said(name)}`,
    'goto next',
    ':mine',
  ];
}

function addressing(machine: Machine | undefined): readonly string[] {
  const { address, netmask, gateway } = machine?.network ?? {};
  if (machine === undefined || address === undefined || netmask === undefined) {
    return ['echo sower: net${nic} asks DHCP for an address', 'dhcp net${nic} || goto next'];
  }
  // iPXE takes an IPv4 address here, and ends the script at anything else
  const dns = nameservers(machine.config).find((server) => parseIPv4(server) !== undefined);
  return [
    `set net\${nic}/ip ${formatIPv4(address)}`,
    `set net\${nic}/netmask ${formatIPv4(netmask)}`,
    ...(gateway === undefined ? [] : [`set net\${nic}/gateway ${formatIPv4(gateway)}`]),
    ...(dns === undefined ? [] : [`set net\${nic}/dns ${inserted(dns)}`]),
    `echo sower: net\${nic} has ${formatIPv4(address)}, by its data file`,
  ];
}

/** A chain that replaces the running script: no nesting however often, and a changed data.yaml takes effect. */
function askAgain(seconds: number, base: string, mac: Mac): readonly string[] {
  return [
    ':again',
    `echo sower: asking again in ${seconds} s`,
    `sleep ${seconds}`,
    `chain --replace --autofree ${inserted(scriptUrl(base, mac))} || goto again`,
  ];
}

function script(...lines: readonly string[]): string {
  return ['#!ipxe', ...lines, ''].join('\n');
}
