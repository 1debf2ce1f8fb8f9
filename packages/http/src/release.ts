import type { Source } from '@sower/files';
import { installOf, type ApplianceSettings, type Machine } from '@sower/machines';

/** Where each file of a machine's release is, by name, relative to the artifacts folder or URL. */
export type Release = Readonly<Record<string, string>>;

type Settings = Pick<ApplianceSettings, 'artifacts' | 'templates'>;

/**
 * Looks for the files that a machine's profile names: of each the first candidate that exists, or else the path that was
 * wanted most. Files on another server are judged by nobody here: there the first candidate counts (decisions.md section 3).
 */
export async function findRelease(
  machine: Machine,
  { artifacts, templates }: Settings,
  files: Source,
): Promise<{ readonly release: Release } | { readonly missing: string }> {
  const release: Record<string, string> = {};
  for (const [name, paths] of Object.entries(installOf(machine).files(templates))) {
    const [best = ''] = paths;
    const path = 'url' in artifacts ? best : await firstThere(paths, files);
    if (path === undefined) return { missing: best };
    release[name] = path;
  }
  return { release };
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

async function firstThere(paths: readonly string[], files: Source): Promise<string | undefined> {
  for (const path of paths) {
    const file = await files.open(path);
    if ('refused' in file) continue;
    await file.close();
    return path;
  }
  return undefined;
}
