import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './command.ts';
import { sowerCommand } from './sower.ts';

/** What the command says of an ISO that it has put in place. */
export interface Iso {
  readonly file: string;
  /** False: it came from the cache. */
  readonly isNew: boolean;
}

/** Runs `sower build iso` as its users do without a source of iPXE, with its cache in the repository or in another folder; `wrapper` is a command that runs it. */
export async function buildIso(
  repository: string,
  out: string,
  options: readonly string[],
  cache = join(repository, '.cache'),
  wrapper: readonly string[] = [],
): Promise<Iso> {
  const command = [process.execPath, sowerCommand(repository), 'build', 'iso', '--out', out, '--json', ...options];
  const told: unknown = JSON.parse(
    await run('env', `XDG_CACHE_HOME=${cache}`, 'SOWER_IPXE_SOURCE=', ...wrapper, ...command),
  );
  return { file: out, isNew: Reflect.get(Object(told), 'isNew') === true };
}

/** A `snponly.efi` that asks for `autoexec.ipxe` (iPXE since 2021): the one of the package that the builder uses. */
export async function newerLoader(repository: string, scratch: string): Promise<string> {
  const cache = join(repository, '.cache');
  await buildIso(repository, scratch, ['--url', 'http://192.168.50.1:10000'], cache);
  const packages = join(cache, 'sower', 'packages');
  const entries = await readdir(packages).catch(() => []);
  const folder = entries[0] === undefined ? '/' : join(packages, entries[0]);
  return join(folder, 'usr/lib/ipxe/snponly.efi');
}
