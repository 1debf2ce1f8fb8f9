import type { ApplianceSettings } from '@sower/machines';
import { contains, formatIPv4, formatSubnet, type InterfaceAddress } from '@sower/net';
import { baseUrl } from './base-url.ts';
import { servedInterfaces } from './interfaces.ts';
import type { LoaderState } from './summary.ts';

/** How the other server tells them apart. A Raspberry Pi is not among them: it takes its files by their names, not by option 67. */
const FIRMWARE: Readonly<Record<string, string>> = {
  bios: 'BIOS (option 93 is 0)',
  x64: 'UEFI x64 (7 or 9)',
  arm64: 'UEFI arm64 (11)',
};

/**
 * What the other DHCP server of a network would have to say for machines that take no boot file from a proxy (B-18):
 * some firmware never puts two offers together.
 */
export function fallbackLines(
  { dhcp, http }: ApplianceSettings,
  addresses: readonly InterfaceAddress[],
  loaders: readonly LoaderState[],
): readonly string[] {
  if (dhcp === undefined) return [];
  return servedInterfaces(dhcp, addresses).flatMap(({ address }) => {
    const settings = dhcp.subnets.find((candidate) => contains(candidate.subnet, address));
    if (settings?.mode !== 'proxy') return [];
    const files = loaders.flatMap(({ folder, found }) => {
      const firmware = FIRMWARE[folder];
      return found === undefined || firmware === undefined ? [] : [`${found} for ${firmware}`];
    });
    return [
      `proxy in ${formatSubnet(settings.subnet)}: another DHCP server gives the addresses. For firmware that takes no boot file`,
      `from a proxy, that server has to say: next server and option 66 ${formatIPv4(address)}; option 67`,
      [...files, `${baseUrl(http, address)}/ipxe/\${mac} for iPXE (option 77 is iPXE)`].join(', '),
    ];
  });
}
