import { artifactCandidates } from '../artifacts.ts';
import { renderConfig } from '../config.ts';
import type { HarvesterMachine } from '../inventory.ts';
import { kernelArguments } from '../kernel-line.ts';
import { configName } from '../links.ts';
import { formatVersion, isAtLeast } from '../version.ts';
import type { Install } from './profile.ts';

/** Harvester: the profile of a machine that names none. Its kernel line depends on the release, so it is no table. */
export function harvester(machine: HarvesterMachine): Install {
  const { type, version } = machine;
  const own = configName(machine);
  return {
    title: `Harvester v${formatVersion(version)}, ${type}`,
    // since 1.8 the installer stops on BIOS, without a word to us
    needsUefi: isAtLeast(version, 1, 8),
    documents: [own],
    files: (templates) => artifactCandidates(version, templates),
    kernelArguments: (base, { initrd = '', rootfs = '' }) => kernelArguments(machine, base, { initrd, rootfs }),
    document: (name) => (name === own ? { type: 'text/yaml', body: renderConfig(machine.config) } : undefined),
  };
}
