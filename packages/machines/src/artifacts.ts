import type { ArtifactTemplate } from './inventory.ts';
import { formatVersion, type Version } from './version.ts';

/** The three files of a release that a machine's boot needs besides its ISO. */
export type ArtifactKind = 'kernel' | 'initrd' | 'rootfs';

/** For each file the paths, relative to the artifacts folder or URL, where it may lie: best first, never empty. */
export type ArtifactCandidates = Readonly<Record<ArtifactKind, readonly string[]>>;

/** File names as released (harvester.md section 2.2); `{v}` is `-v1.7.0`, or nothing where the operator dropped it. */
const NAMES: Readonly<Record<ArtifactKind, string>> = {
  kernel: 'harvester{v}-vmlinuz-{arch}',
  initrd: 'harvester{v}-initrd-{arch}',
  rootfs: 'harvester{v}-rootfs-{arch}.squashfs',
};

/**
 * Where kernel, initrd and rootfs of a release may lie: `harvester/v<X>/` before `harvester/<X>/`, names with the
 * version before names without (decisions.md section 3). A template for exactly this version, else one for `*`,
 * replaces the list of each file that it names.
 */
export function artifactCandidates(
  version: Version,
  templates: readonly ArtifactTemplate[],
  arch = 'amd64',
): ArtifactCandidates {
  const number = formatVersion(version);
  const builtIn = (kind: ArtifactKind) =>
    [`harvester/v${number}`, `harvester/${number}`].flatMap((folder) =>
      [`-v${number}`, ''].map((v) => `${folder}/${NAMES[kind].replace('{v}', v).replace('{arch}', arch)}`),
    );
  const candidates = (kind: ArtifactKind) => {
    const template = templateFor(number, kind, templates);
    return template === undefined ? builtIn(kind) : [template.replaceAll('{version}', number)];
  };
  return { kernel: candidates('kernel'), initrd: candidates('initrd'), rootfs: candidates('rootfs') };
}

function templateFor(number: string, kind: ArtifactKind, templates: readonly ArtifactTemplate[]): string | undefined {
  const naming = templates.filter((template) => template[kind] !== undefined);
  const best = naming.find(({ version }) => version === number) ?? naming.find(({ version }) => version === '*');
  return best?.[kind];
}
