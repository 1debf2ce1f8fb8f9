import { contains, formatIPv4, formatSubnet, isHostOf } from '@sower/net';
import type { DhcpSettings, Machine } from './inventory.ts';
import type { Report } from './problems.ts';

/** Checks the machines' own addresses against the subnets that DHCP serves. */
export function checkPlacement(machines: readonly Machine[], dhcp: DhcpSettings | undefined, report: Report): void {
  if (dhcp === undefined) return;
  for (const { network, place } of machines) {
    const { address } = network;
    if (address === undefined) continue;
    const shown = formatIPv4(address);
    const home = dhcp.subnets.find(({ subnet }) => contains(subnet, address));
    if (home === undefined) {
      report.warning(
        place,
        `its address ${shown} is outside every DHCP subnet`,
        'DHCP cannot give it that one here: it gets one of the pool, if there is one',
      );
    } else if (!isHostOf(home.subnet, address)) {
      report.error(place, `${shown} is an end of ${formatSubnet(home.subnet)}`, 'no machine can have it');
    } else if (address === home.router) {
      report.error(place, `${shown} is the router of ${formatSubnet(home.subnet)}`, 'give the machine its own address');
    }
  }
}
