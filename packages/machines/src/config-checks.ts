import { isIP } from 'node:net';
import { parseIPv4, parseMac, type IPv4, type Mac } from '@sower/net';
import { configText, configValue, type Config } from './config.ts';
import { INSERTABLE } from './inserted.ts';
import type { Report } from './problems.ts';
import type { Mapping } from './yaml/tree.ts';

/** Checks what of an install config goes into the kernel line (D-15) or the reservations; its own rules are not ours. */
export function checkConfig(config: Config, report: Report): void {
  const servers = configValue(config, ['os', 'dns_nameservers']);
  for (const server of servers?.kind === 'sequence' ? servers.items : servers === undefined ? [] : [servers]) {
    if (server.kind !== 'scalar' || (server.value !== null && isIP(server.text) === 0)) {
      report.error(server.place, 'a name server that is no IP address', 'write it like 192.168.178.3');
    }
  }
  const tty = configValue(config, ['install', 'tty']);
  if (tty !== undefined && !(tty.kind === 'scalar' && (tty.value === null || INSERTABLE.test(tty.text)))) {
    report.error(tty.place, '`tty` is no console', 'write it like ttyS1,115200n8');
  }
  const hardware = configValue(config, ['install', 'vip_hw_addr']);
  if (
    hardware !== undefined &&
    configText(config, ['install', 'vip_hw_addr']) !== undefined &&
    macOf(config) === undefined
  ) {
    report.error(hardware.place, '`vip_hw_addr` is no MAC address', 'write it like 52:54:00:52:cb:c1');
  }
}

/** The address that a config reserves for the cluster's own MAC (decisions.md section 2). */
export function vipReservation(config: Config): readonly [Mac, IPv4] | undefined {
  const mac = macOf(config);
  const vip = parseIPv4(configText(config, ['install', 'vip']) ?? '');
  return mac === undefined || vip === undefined ? undefined : [mac, vip];
}

/** Warns of keys that get lost because `<<` is shallow: an `os:` of one's own replaces the whole merged `os:`. */
export function warnOfLostKeys(mapping: Mapping, report: Report, seen: Set<Mapping>): void {
  if (seen.has(mapping)) return;
  seen.add(mapping);
  for (const { key, value, hides } of mapping.entries.values()) {
    if (value.kind !== 'mapping') continue;
    const lost = hides?.kind === 'mapping' ? [...hides.entries.keys()].filter((name) => !value.entries.has(name)) : [];
    if (lost.length > 0) {
      const what = `\`${key.text}\` replaces the merged \`${key.text}\` and loses ${lost.join(', ')}`;
      report.warning(key.place, what, `merge into it too: \`${key.text}: { <<: *anchor, … }\``);
    }
    warnOfLostKeys(value, report, seen);
  }
}

function macOf(config: Config): Mac | undefined {
  return parseMac(configText(config, ['install', 'vip_hw_addr']) ?? '');
}
