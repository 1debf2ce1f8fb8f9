import type { Source } from '@sower/files';
import { artifactCandidates, type ApplianceSettings, type ArtifactKind, type Machine } from '@sower/machines';

/** Where each file of a machine's release is, relative to the artifacts folder or URL. */
export type Release = Readonly<Record<ArtifactKind, string>>;

type Settings = Pick<ApplianceSettings, 'artifacts' | 'templates'>;

/**
 * Looks for the files of a machine's release: of each the first candidate that exists, or else the path that was wanted
 * most. Files on another server are judged by nobody here: there the first candidate counts (decisions.md section 3).
 */
export async function findRelease(
  { version }: Machine,
  { artifacts, templates }: Settings,
  files: Source,
): Promise<Release | { readonly missing: string }> {
  const candidates = artifactCandidates(version, templates);
  const release: Record<ArtifactKind, string> = { kernel: '', initrd: '', rootfs: '' };
  for (const kind of KINDS) {
    const [best = ''] = candidates[kind];
    const path = 'url' in artifacts ? best : await firstThere(candidates[kind], files);
    if (path === undefined) return { missing: best };
    release[kind] = path;
  }
  return release;
}

/**
 * The path of a file that this machine's script would fetch from here and that is not there: what a summary warns of.
 * Undefined: nothing is missing, or its script fetches nothing.
 */
export async function missingArtifact(
  machine: Machine,
  settings: Settings,
  files: Source,
): Promise<string | undefined> {
  if (machine.netboot === 'never') return undefined;
  const found = await findRelease(machine, settings, files);
  return 'missing' in found ? found.missing : undefined;
}

const KINDS: readonly ArtifactKind[] = ['kernel', 'initrd', 'rootfs'];

async function firstThere(paths: readonly string[], files: Source): Promise<string | undefined> {
  for (const path of paths) {
    const file = await files.open(path);
    if ('refused' in file) continue;
    await file.close();
    return path;
  }
  return undefined;
}
