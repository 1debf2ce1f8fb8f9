import { contains, formatIPv4, parseIPv4, parseSubnet } from '@sower/net';
import { configFlag, configText, configValue } from '../config.ts';
import { nearest } from '../suggest.ts';
import type { Fault } from './finding.ts';
import { ADDONS, SYSTEM_SETTINGS } from './keys.ts';
import { rule, type Rule } from './rule.ts';
import { spot, type Spot, type Subject } from './subject.ts';

/** The characters that the installer takes in a token since 1.0.0. */
const TOKEN = /^[a-zA-Z0-9 !"#$%&'()*+,\-./:;<=>?@^_`{|}~[\]\\]+$/;
/** A key of a Kubernetes label: an optional prefix, a name of at most 63 characters. */
const LABEL = /^(?:[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?\/)?[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const LABEL_VALUE = /^(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;

/** A rule that one value is there. */
function needs(what: string, path: readonly string[], applies: (subject: Subject) => boolean = () => true) {
  return function* (subject: Subject): Iterable<Fault> {
    const { text, place, path: shown } = spot(subject.config, ...path);
    if (text === undefined && applies(subject)) yield { place, path: shown, what };
  };
}

/** Rules about one config as a whole: what has to be there, and what does not go together. */
export const CONFIG_RULES: readonly Rule[] = [
  rule('template-unfilled', {
    level: 'error',
    text: 'A template that names nothing, or something that the machine does not have.',
    hint: 'see the names in docs/data-yaml.md',
    check: ({ machine }) => machine.unfilled,
  }),
  rule('release-not-booted', {
    level: 'error',
    until: '0.2.0',
    text: 'Harvester before 0.3.0 boots in another way, which sower does not know: it is linted, not booted.',
    hint: 'install 0.3.0 or later',
    *check({ machine: { place } }) {
      yield { place, path: 'version', what: 'Harvester before 0.3.0 is linted, not booted' };
    },
  }),
  rule('token-missing', {
    level: 'error',
    text: 'A config without the token of its cluster.',
    hint: 'set `token`, the same for all machines of the cluster',
    check: needs('`token` is missing', ['token']),
  }),
  rule('token-characters', {
    level: 'error',
    since: '1.0.0',
    text: 'A token with a character that the installer refuses.',
    hint: 'use letters, digits and ASCII punctuation',
    *check({ config }) {
      const { text, place, path } = spot(config, 'token');
      if (text !== undefined && !TOKEN.test(text))
        yield { place, path, what: '`token` has a character that is refused' };
    },
  }),
  rule('mode-differs', {
    level: 'error',
    text: '`install.mode` is missing, or is not the `type` of the machine.',
    hint: 'write the same word for both',
    *check({ config, machine: { type } }) {
      const { text, place, path } = spot(config, 'install', 'mode');
      if (text === undefined) yield { place, path, what: '`install.mode` is missing', hint: `write mode: ${type}` };
      else if (text !== type)
        yield { place, path, what: `\`mode\` is \`${text}\`, and the \`type\` of the machine is ${type}` };
    },
  }),
  rule('credentials-missing', {
    level: 'error',
    text: 'Neither a password nor an SSH key: the installer stops, since nobody could log in.',
    hint: 'set `os.password` or `os.ssh_authorized_keys`',
    *check({ config }) {
      const keys = configValue(config, ['os', 'ssh_authorized_keys']);
      const hasKeys = keys?.kind === 'sequence' ? keys.items.length > 0 : keys !== undefined;
      const { text, place, path } = spot(config, 'os', 'password');
      if (text === undefined && !hasKeys)
        yield { place, path, what: 'neither `os.password` nor `os.ssh_authorized_keys`' };
    },
  }),
  rule('device-missing', {
    level: 'error',
    text: 'No disk to install to.',
    hint: 'set `install.device`, such as /dev/sda or a name under /dev/disk/by-id',
    check: needs('`install.device` is missing', ['install', 'device']),
  }),
  rule('disks-same', {
    level: 'error',
    since: '1.0.1',
    text: 'The data disk is the disk that the system is installed to.',
    hint: 'name another `data_disk`, or leave it out',
    *check({ config }) {
      const { text, place, path } = spot(config, 'install', 'data_disk');
      if (text !== undefined && text === configText(config, ['install', 'device'])) {
        yield { place, path, what: '`data_disk` is the `device` itself' };
      }
    },
  }),
  rule('iso-missing', {
    level: 'error',
    text: 'No ISO: the install seems to succeed, and the node never gets ready.',
    hint: 'set `install.iso_url` to the ISO of this release',
    check: needs('`install.iso_url` is missing', ['install', 'iso_url']),
  }),
  rule('vip-missing', {
    level: 'error',
    since: '0.3.0',
    text: 'The config that founds a cluster has no `vip_mode`, or no VIP to go with it.',
    hint: 'set `vip_mode: static` with `vip`, or `vip_mode: dhcp`',
    *check({ config, machine }) {
      if (machine.type !== 'create') return;
      const mode = spot(config, 'install', 'vip_mode');
      const vip = spot(config, 'install', 'vip');
      if (mode.text === undefined) yield { place: mode.place, path: mode.path, what: '`install.vip_mode` is missing' };
      if (vip.text === undefined && mode.text?.toLowerCase() !== 'dhcp') {
        yield { place: vip.place, path: vip.path, what: '`install.vip` is missing' };
      }
    },
  }),
  rule('vip-not-leased', {
    level: 'error',
    since: '0.3.0',
    until: '0.3.9',
    text: '`vip_mode: dhcp` of 0.3 needs the VIP and its MAC in the config; later releases ask DHCP.',
    hint: 'set `vip` and `vip_hw_addr`',
    *check({ config, machine }) {
      const mode = configText(config, ['install', 'vip_mode'])?.toLowerCase();
      if (machine.type !== 'create' || mode !== 'dhcp') return;
      for (const key of ['vip', 'vip_hw_addr']) {
        const { text, place, path } = spot(config, 'install', key);
        if (text === undefined) yield { place, path, what: `\`install.${key}\` is missing with vip_mode: dhcp` };
      }
    },
  }),
  rule('vip-none', {
    level: 'warning',
    since: '0.3.0',
    text: '`vip_mode: none` passes the installer’s checks, and leaves the cluster without an address of its own.',
    hint: 'write static or dhcp',
    *check({ config, machine }) {
      const { text, place, path } = spot(config, 'install', 'vip_mode');
      if (machine.type === 'create' && text?.toLowerCase() === 'none')
        yield { place, path, what: '`vip_mode` is none' };
    },
  }),
  rule('settings-name', {
    level: 'error',
    since: '1.0.1',
    text: 'A name in `system_settings` that no release knows: the first machine of a cluster refuses it.',
    hint: 'see the settings in Harvester’s reference',
    check: ({ config }) => unknownNames(spot(config, 'system_settings'), SYSTEM_SETTINGS, 'setting'),
  }),
  rule('addon-name', {
    level: 'warning',
    since: '1.2.0',
    text: 'An add-on that no release up to 1.8.1 has: it would be ignored.',
    hint: 'correct it or leave it out',
    check: ({ config }) => unknownNames(spot(config, 'install', 'addons'), ADDONS, 'add-on'),
  }),
  rule('label-syntax', {
    level: 'error',
    since: '1.0.0',
    text: 'A label that Kubernetes refuses.',
    hint: 'letters, digits, `-`, `_` and `.`, at most 63 of them, for a key after an optional prefix with `/`',
    *check({ config }) {
      const { node, path } = spot(config, 'os', 'labels');
      if (node?.kind !== 'mapping') return;
      for (const [name, { key, value }] of node.entries) {
        const at = `${path}.${name}`;
        if (!LABEL.test(name)) yield { place: key.place, path: at, what: `\`${name}\` is no key of a label` };
        else if (value.kind === 'scalar' && !LABEL_VALUE.test(value.text)) {
          yield { place: value.place, path: at, what: `the value of the label \`${name}\` is no label’s` };
        }
      }
    },
  }),
  rule('dns-outside', {
    level: 'error',
    since: '1.5.0',
    text: '`cluster_dns` outside `cluster_service_cidr`.',
    hint: 'choose an address of the services’ network, which is 10.53.0.0/16 unless you say otherwise',
    *check({ config }) {
      const { text, place, path } = spot(config, 'install', 'cluster_dns');
      const address = parseIPv4(text ?? '');
      const services = parseSubnet(configText(config, ['install', 'cluster_service_cidr']) ?? '10.53.0.0/16');
      if (address !== undefined && services !== undefined && !contains(services, address)) {
        yield { place, path, what: `${formatIPv4(address)} is outside the services’ network` };
      }
    },
  }),
  rule('witness-first', {
    level: 'error',
    since: '1.3.0',
    text: 'The first machine of a cluster as its witness.',
    hint: 'give the role witness to a machine that joins',
    *check({ config, machine }) {
      const { text, place, path } = spot(config, 'install', 'role');
      if (machine.type === 'create' && text === 'witness')
        yield { place, path, what: 'the founding machine is a witness' };
    },
  }),
  rule('net-install-first', {
    level: 'error',
    since: '1.3.0',
    text: 'The first machine of a cluster from the net-install ISO or with `with_net_images`: it has nowhere to fetch images from.',
    hint: 'use the full ISO for the machine of type create',
    *check({ config, machine }) {
      if (machine.type !== 'create') return;
      const iso = spot(config, 'install', 'iso_url');
      const images = spot(config, 'install', 'with_net_images');
      if (/net-install[^/]*$/.test(iso.text ?? '')) {
        yield { place: iso.place, path: iso.path, what: 'a net-install ISO for the founding machine' };
      }
      if (configFlag(config, ['install', 'with_net_images'])) {
        yield { place: images.place, path: images.path, what: '`with_net_images` on the founding machine' };
      }
    },
  }),
  rule('mbr-refused', {
    level: 'error',
    since: '1.8.0',
    text: '`force_mbr: true`, which always fails on 1.8 and later.',
    hint: 'leave it out',
    *check({ config }) {
      const { place, path } = spot(config, 'install', 'force_mbr');
      if (configFlag(config, ['install', 'force_mbr'])) yield { place, path, what: '`force_mbr` always fails on 1.8' };
    },
  }),
  rule('bios-client', {
    level: 'error',
    since: '1.8.0',
    text: 'A machine that boots by BIOS, as its own `loader` says: 1.8 and later refuse that. Its script asks the firmware as well.',
    hint: 'switch its firmware to UEFI, or install an older release',
    *check({ machine: { loader, place } }) {
      const isBios = /\.(?:k?k?pxe|lkrn|0)$/.test(loader ?? '');
      if (isBios)
        yield { place, path: 'loader', what: 'this release installs on UEFI only, and the machine boots by BIOS' };
    },
  }),
];

function* unknownNames(at: Spot, known: readonly string[], what: string): Iterable<Fault> {
  if (at.node?.kind !== 'mapping') return;
  for (const [name, { key }] of at.node.entries) {
    if (known.includes(name) || name.startsWith('x-')) continue;
    const near = nearest(name, known);
    const hint = near === undefined ? {} : { hint: `did you mean \`${near}\`?` };
    yield { place: key.place, path: `${at.path}.${name}`, what: `unknown ${what} \`${name}\``, ...hint };
  }
}
