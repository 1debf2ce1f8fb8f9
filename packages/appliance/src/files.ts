import { resolve } from 'node:path';
import { firstOf, folder, oneFile, rememberingMisses, type Source } from '@sower/files';
import type { ApplianceSettings } from '@sower/machines';

/** Where Debian and Ubuntu put the iPXE binaries of the package `ipxe`. */
const DISTRIBUTION_LOADERS = '/usr/lib/ipxe';

type LoaderFolder = 'bios' | 'x64' | 'arm64' | 'rpi';

/** Which of the package's files belong to which folder of ours: it keeps all of them in one. */
const PACKAGED: Readonly<Record<LoaderFolder, readonly string[]>> = {
  bios: ['undionly.kpxe', 'undionly.kkpxe', 'ipxe.pxe', 'ipxe.lkrn'],
  x64: ['snponly.efi', 'ipxe.efi', 'ipxe-amd64.efi'],
  arm64: ['ipxe-arm64.efi'],
  rpi: [],
};

/** Where `sower build iso` puts its ISO: in the folder that it is run in. */
const BUILT_ISO = 'dist/ipxe.iso';

/** What it is served as: an artifact, and a loader for UEFI HTTP Boot (`loader: ipxe.iso`). */
const ISO_NAMES = ['ipxe.iso', 'loaders/x64/ipxe.iso', 'loaders/arm64/ipxe.iso'];

/** Every folder under `loaders/`. */
export const LOADER_FOLDERS: readonly LoaderFolder[] = ['bios', 'x64', 'arm64', 'rpi'];

/** The appliance's two name spaces. */
export interface Files {
  /** `GET /artifacts/<name>`: the ISO, the artifacts folder, then the distribution's loaders under `loaders/`. */
  readonly http: Source;
  /** TFTP: loaders only, as `loaders/<folder>/<name>` and by their bare name (what other DHCP servers and shims ask for). */
  readonly tftp: Source;
  /** Whether there is a loader of this path, as it was within the last two seconds: DHCP asks at each packet (G-12). */
  hasLoader(path: string): Promise<boolean>;
}

/** How long an answer of `hasLoader` holds, in milliseconds. */
const LOADER_MS = 2000;
/** Paths remembered: the data file names a few. */
const LOADERS = 64;

/** Where the ISO is: the one that was named, else the one that was built here. Either may not be there yet. */
export function isoPath({ iso }: Pick<ApplianceSettings, 'iso'>): string {
  return resolve(iso ?? BUILT_ISO);
}

/** The ISO under its names, from this path. */
export function isoAt(path: string): Source {
  return oneFile(path, ISO_NAMES);
}

/**
 * Ordered routes, the first that has the name wins: what was built or named for this run comes before what lies in the
 * artifacts folder, and a site's own loader before the distribution's.
 */
export function createFiles(
  settings: Pick<ApplianceSettings, 'artifacts' | 'iso'>,
  distribution = DISTRIBUTION_LOADERS,
  now = () => performance.now(),
): Files {
  const { artifacts } = settings;
  const packaged = renamed(folder(distribution), packagedName);
  const own = 'folder' in artifacts ? firstOf([folder(artifacts.folder), packaged]) : packaged;
  const http = firstOf([isoAt(isoPath(settings)), own]);
  const loaders = renamed(own, (name) => (/^loaders\/[^/]+\/[^/]+$/.test(name) ? name : undefined));
  const bare = LOADER_FOLDERS.map((where) =>
    renamed(loaders, (name) => (name.includes('/') ? undefined : `loaders/${where}/${name}`)),
  );
  return {
    http,
    tftp: rememberingMisses(firstOf([loaders, ...bare]), now),
    hasLoader: remembered((path) => exists(http, path), LOADER_MS, now),
  };
}

async function exists(source: Source, name: string): Promise<boolean> {
  const file = await source.open(name);
  if ('refused' in file) return false;
  await file.close();
  return true;
}

/** Asks again only when the last answer is older than `ms`; who asks meanwhile gets the same one. A failure is not kept. */
function remembered(
  ask: (path: string) => Promise<boolean>,
  ms: number,
  now: () => number,
): (path: string) => Promise<boolean> {
  const answers = new Map<string, { readonly since: number; readonly answer: Promise<boolean> }>();
  return (path) => {
    const last = answers.get(path);
    if (last !== undefined && now() - last.since < ms) return last.answer;
    if (answers.size >= LOADERS) answers.clear();
    const answer = ask(path);
    answers.set(path, { since: now(), answer });
    answer.catch(() => answers.delete(path));
    return answer;
  };
}

/** The path of the first of these loaders that exists. */
export async function findLoader(
  files: Files,
  where: LoaderFolder,
  names: readonly string[],
): Promise<string | undefined> {
  for (const name of names) {
    const path = `loaders/${where}/${name}`;
    if (await files.hasLoader(path)) return path;
  }
  return undefined;
}

/** `loaders/x64/snponly.efi` → `snponly.efi`, and nothing that is not in the table: x64 code is never given to arm64. */
function packagedName(name: string): string | undefined {
  const [top, where, file, ...rest] = name.split('/');
  if (top !== 'loaders' || file === undefined || rest.length > 0) return undefined;
  const known = LOADER_FOLDERS.find((folderName) => folderName === where);
  return known !== undefined && PACKAGED[known].includes(file) ? file : undefined;
}

/** A source under other names; `rename` says what a name is called inside, or undefined for "not here". */
function renamed(source: Source, rename: (name: string) => string | undefined): Source {
  return {
    async open(name) {
      const inner = rename(name);
      return inner === undefined ? { refused: 'missing', detail: 'no such name here' } : await source.open(inner);
    },
  };
}
