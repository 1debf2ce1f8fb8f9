import { dirname, join, resolve } from 'node:path';
import type { ApplianceSettings, ArtifactTemplate, LimitSettings, LoaderSettings } from './inventory.ts';
import { readDhcp } from './dhcp.ts';
import type { OptionTable } from './dhcp-options.ts';
import { readQuirks } from './quirk-reader.ts';
import { isBaseUrl } from './readers.ts';
import type { Place, Report } from './problems.ts';
import { ADMIN, APPLIANCE, HTTP, LIMITS, LOADERS, TEMPLATE, TFTP } from './schema.ts';
import { open, type Section } from './section.ts';
import { readVersion } from './version-reader.ts';
import { itemsOf } from './readers.ts';
import type { Node } from './yaml/tree.ts';
import { formatVersion } from './version.ts';

/** What wins over the file: `--state`, `--artifacts`, `--iso` (or their environment variables), relative to the working folder. */
export interface ParseOptions {
  readonly state?: string | undefined;
  readonly artifacts?: string | undefined;
  readonly iso?: string | undefined;
  /** What DHCP options there are; without it `options` cannot be read. */
  readonly dhcpOptions?: OptionTable;
}

/** Reads the section `appliance`; paths in it are relative to the folder of `around.file`, as that is given. */
export function readAppliance(
  node: Node | undefined,
  around: Place,
  options: ParseOptions,
  report: Report,
): ApplianceSettings {
  const section = open(node, around, APPLIANCE, report);
  const folder = resolve(dirname(around.file));
  const { place } = section;
  const state =
    options.state === undefined ? resolve(folder, section.at(APPLIANCE.keys.state)) : resolve(options.state);
  const iso = section.at(APPLIANCE.keys.iso);
  const admin = open(section.nodeOf(APPLIANCE.keys.admin), place, ADMIN, report);
  const tftp = open(section.nodeOf(APPLIANCE.keys.tftp), place, TFTP, report);
  const tokenFile = admin.at(ADMIN.keys.tokenFile);
  return {
    http: readHttp(open(section.nodeOf(APPLIANCE.keys.http), place, HTTP, report), report),
    admin: {
      address: admin.at(ADMIN.keys.address),
      port: admin.at(ADMIN.keys.port),
      tokenFile: tokenFile === undefined ? join(state, 'admin-token') : resolve(folder, tokenFile),
    },
    tftp: {
      port: tftp.at(TFTP.keys.port),
      allow: tftp.at(TFTP.keys.allow),
      maxBlksize: tftp.at(TFTP.keys.maxBlksize),
      singlePort: tftp.at(TFTP.keys.singlePort),
    },
    dhcp: readDhcp(section.nodeOf(APPLIANCE.keys.dhcp), place, options.dhcpOptions, report),
    secrets: section.at(APPLIANCE.keys.secrets),
    unknown: section.at(APPLIANCE.keys.unknown),
    artifacts: artifactsAt(section, folder, options.artifacts, report),
    state,
    iso: options.iso === undefined ? iso && resolve(folder, iso) : resolve(options.iso),
    loaders: readLoaders(section.nodeOf(APPLIANCE.keys.loaders), place, report),
    quirks: readQuirks(section.nodeOf(APPLIANCE.keys.quirks), report),
    templates: itemsOf(section.nodeOf(APPLIANCE.keys.templates), 'templates', report).map((item) =>
      readTemplate(item, report),
    ),
    limits: readLimits(section.nodeOf(APPLIANCE.keys.limits), place, report),
  };
}

/** Behind a proxy, the address that a request came in on is one that no machine reaches. */
function readHttp(section: Section, report: Report): ApplianceSettings['http'] {
  const { keys } = HTTP;
  const [url, proxies] = [section.at(keys.url), section.at(keys.proxies)];
  if (proxies.length > 0 && url === undefined) {
    const hint = 'write `url: http://...`, as machines reach the proxy';
    report.error(section.placeOf(keys.proxies), '`proxies` without `url`', hint);
  }
  return { address: section.at(keys.address), port: section.at(keys.port), url, all: section.at(keys.all), proxies };
}

function artifactsAt(
  section: Section,
  folder: string,
  override: string | undefined,
  report: Report,
): ApplianceSettings['artifacts'] {
  const written = override ?? section.at(APPLIANCE.keys.artifacts);
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(written)) {
    return { folder: override === undefined ? resolve(folder, written) : resolve(override) };
  }
  if (!isBaseUrl(written, ['http:', 'https:'])) {
    const place = section.placeOf(APPLIANCE.keys.artifacts);
    report.error(
      place,
      '`artifacts` is not an absolute http URL that a script can hold',
      'no slash at its end, no query, no password',
    );
  }
  return { url: written };
}

function readLimits(node: Node | undefined, around: Place, report: Report): LimitSettings {
  const section = open(node, around, LIMITS, report);
  const { keys } = LIMITS;
  return {
    dhcpPerClient: section.at(keys.dhcpPerClient),
    dhcpPerRelay: section.at(keys.dhcpPerRelay),
    dhcpPerCircuit: section.at(keys.dhcpPerCircuit),
    tftpTransfers: section.at(keys.tftpTransfers),
    tftpPerClient: section.at(keys.tftpPerClient),
    httpPerAddress: section.at(keys.httpPerAddress),
  };
}

function readLoaders(node: Node | undefined, around: Place, report: Report): LoaderSettings {
  const section = open(node, around, LOADERS, report);
  return {
    bios: section.at(LOADERS.keys.bios),
    x64: section.at(LOADERS.keys.x64),
    arm64: section.at(LOADERS.keys.arm64),
    rpi: section.at(LOADERS.keys.rpi),
    rechain: section.at(LOADERS.keys.rechain),
  };
}

function readTemplate(node: Node, report: Report): ArtifactTemplate {
  const section = open(node, node.place, TEMPLATE, report);
  const written = section.at(TEMPLATE.keys.version);
  const isAll = written?.kind === 'scalar' && written.text === '*';
  const version = isAll || written === undefined ? undefined : readVersion(written, report);
  return {
    version: version === undefined ? '*' : formatVersion(version),
    kernel: section.at(TEMPLATE.keys.kernel),
    initrd: section.at(TEMPLATE.keys.initrd),
    rootfs: section.at(TEMPLATE.keys.rootfs),
  };
}
