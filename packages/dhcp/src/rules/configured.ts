import { SPLITTABLE } from '../wire/encode.ts';
import type { OptionBytes } from '../wire/option-set.ts';
import { optionNamed, optionNames, OPTIONS } from '../wire/options.ts';
import { opaque, type Codec } from '../wire/values.ts';

/** An option that somebody wants to be sent, or what is wrong with it: its name, or its value. */
export type Configured =
  OptionBytes | { readonly fault: 'name' | 'value'; readonly what: string; readonly hint: string };

const INSTANCE_MAX = 255;

/** What decides about an option that sower sets by itself, and what a person writes instead. */
const BOOTING = 'what a machine boots is decided for it; see `loader` and `netboot`';
const PROTOCOL = 'it is part of the exchange itself';
const LEASE = 'write `lease`';
const OWNED: ReadonlyMap<number, string> = new Map([
  [OPTIONS.subnetMask.code, '`cidr` says it'],
  [OPTIONS.routers.code, 'write `router`'],
  [OPTIONS.hostName.code, 'the `name` of a machine says it'],
  [OPTIONS.broadcastAddress.code, '`cidr` says it'],
  [OPTIONS.vendorOptions.code, BOOTING],
  [OPTIONS.vendorClass.code, BOOTING],
  [OPTIONS.tftpServerName.code, BOOTING],
  [OPTIONS.bootFile.code, BOOTING],
  [OPTIONS.machineId.code, BOOTING],
  [OPTIONS.ipxe.code, BOOTING],
  [OPTIONS.leaseTime.code, LEASE],
  [OPTIONS.renewalTime.code, LEASE],
  [OPTIONS.rebindingTime.code, LEASE],
  [OPTIONS.requestedAddress.code, PROTOCOL],
  [OPTIONS.overload.code, PROTOCOL],
  [OPTIONS.messageType.code, PROTOCOL],
  [OPTIONS.serverId.code, PROTOCOL],
  [OPTIONS.parameterRequestList.code, PROTOCOL],
  [OPTIONS.errorText.code, PROTOCOL],
  [OPTIONS.maxMessageSize.code, PROTOCOL],
  [OPTIONS.clientId.code, PROTOCOL],
  [OPTIONS.userClasses.code, PROTOCOL],
  [OPTIONS.rapidCommit.code, PROTOCOL],
  [OPTIONS.clientName.code, PROTOCOL],
  [OPTIONS.relayAgent.code, PROTOCOL],
  [OPTIONS.architectures.code, PROTOCOL],
  [OPTIONS.networkInterface.code, PROTOCOL],
  [OPTIONS.subnetSelection.code, PROTOCOL],
]);

/** The names of the options that a person may set. */
export function configurableNames(): readonly string[] {
  return [...optionNames()].filter((name) => {
    const known = optionNamed(name);
    return known !== undefined && !OWNED.has(known.option.code);
  });
}

/**
 * Makes an option of what a person wrote: its code or name, and its value as words. The table of options says how each
 * value is written; what has no written form there takes hex digits.
 */
export function configuredOption(written: string, words: readonly string[]): Configured {
  const known = optionNamed(written);
  if (known === undefined) {
    const hint = 'a code from 1 to 254, or a name such as ntp-servers';
    return { fault: 'name', what: `\`${written}\` is no DHCP option`, hint };
  }
  const { code } = known.option;
  const owner = OWNED.get(code);
  if (owner !== undefined) return { fault: 'name', what: `sower sets option ${code} by itself`, hint: owner };
  const codec: Codec<unknown> = known.option.codec.written === undefined ? opaque : known.option.codec;
  const value = codec.written?.parse(words);
  if (value === undefined) {
    const form = codec.written?.form ?? '';
    return { fault: 'value', what: `this is not ${form}`, hint: `option ${code} takes ${form}` };
  }
  const bytes = codec.write(value);
  return bytes.length > INSTANCE_MAX && !SPLITTABLE.has(code)
    ? {
        fault: 'value',
        what: `option ${code} has ${bytes.length} bytes`,
        hint: 'only 119 and 121 may be longer than 255',
      }
    : { code, bytes };
}
