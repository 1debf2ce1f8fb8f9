import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, readlink, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { digest, digestOf } from './digest.ts';
import { putText } from './put.ts';

/**
 * What a source tree may hold that is no source: what belongs to git, and the results of earlier builds. Among these are programs that
 * run while iPXE is built. A container would take them for its own, newer than their sources, and they are another system's.
 */
const NO_SOURCE =
  /^(?:\.git|(?:src\/)?(?:bin(?:-[^/]+)?|\.(?:echo|tool)check|util\/(?:zbin(?:32|64)?|elf2efi(?:32|64)|efirom|efifatbin|einfo|iccfix|nrv2b)))$/;

/** Whether a path of a source tree belongs to the source. */
export function isSource(path: string): boolean {
  return !NO_SOURCE.test(path);
}

/**
 * SHA-256 of the names, the executable bits and the contents of a source tree. What was read once is remembered in the folder
 * `memory`, under the time stamps, sizes and numbers of all the files: a look at these costs a tenth of reading them.
 */
export async function digestOfFolder(folder: string, memory: string): Promise<string> {
  const entries = (await entriesOf(folder, '')).toSorted((one, other) => (one.path < other.path ? -1 : 1));
  const looks = entries.map(async ({ path, isLink }) => {
    if (isLink) return `${path} -> ${await readlink(join(folder, path))}`;
    const { ino, size, mode, mtimeNs, ctimeNs } = await stat(join(folder, path), { bigint: true });
    return [path, ino, size, mode, mtimeNs, ctimeNs].join(' ');
  });
  const look = digest([folder, ...(await Promise.all(looks))].join('\n'));
  const known = await readFile(join(memory, look), 'utf8').catch(() => undefined);
  if (known !== undefined && /^[0-9a-f]{64}$/.test(known)) return known;

  const whole = createHash('sha256');
  for (const { path, isLink } of entries) {
    const file = join(folder, path);
    const content = isLink
      ? `-> ${await readlink(file)}`
      : `${((await stat(file)).mode & 0o100) === 0 ? '-' : 'x'} ${await digestOf(file)}`;
    whole.update(`${path}\0${content}\n`);
  }
  const found = whole.digest('hex');
  await mkdir(memory, { recursive: true });
  await putText(found, join(memory, look));
  return found;
}

interface Entry {
  readonly path: string;
  readonly isLink: boolean;
}

async function entriesOf(top: string, below: string): Promise<readonly Entry[]> {
  const found: Entry[] = [];
  for (const entry of await readdir(join(top, below), { withFileTypes: true })) {
    const path = join(below, entry.name);
    if (!isSource(path)) continue;
    if (entry.isDirectory()) found.push(...(await entriesOf(top, path)));
    else if (entry.isFile() || entry.isSymbolicLink()) found.push({ path, isLink: entry.isSymbolicLink() });
  }
  return found;
}
