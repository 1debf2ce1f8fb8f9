import { access, mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { run } from './command.ts';

/** Programs of Debian 13 that older releases have too old or not at all: the package, its SHA-256, and the one file of it. */
const PROGRAMS = {
  kubectl: {
    package: 'k/kubernetes/kubectl_1.32.3+ds-2_amd64.deb',
    sha256: '9825aaf4c14913027aae04af8688e580459f781c829bd5de00cc4dc2cc5a867f',
    file: 'usr/bin/kubectl',
  },
  'docker-compose': {
    package: 'd/docker-compose/docker-compose_2.26.1-4_amd64.deb',
    sha256: '47681197cb2b1ab88206b42a1a92fc75f50d9530a6322d03494a473eed0408ea',
    file: 'usr/libexec/docker/cli-plugins/docker-compose',
  },
} as const;

/** The path of one of these programs, unpacked in the cache; nothing is installed. Fetched once, from this host's own mirror. */
export async function programOfDebian(repository: string, name: keyof typeof PROGRAMS): Promise<string> {
  const { package: path, sha256, file } = PROGRAMS[name];
  const folder = join(repository, '.cache', 'debian', sha256.slice(0, 16));
  if (await exists(folder)) return join(folder, file);
  const fresh = `${folder}.new`;
  await rm(fresh, { recursive: true, force: true });
  await mkdir(fresh, { recursive: true });
  const archive = join(dirname(fresh), `${name}.deb`);
  const url = `${await debianMirror()}/pool/main/${path}`;
  await run('/usr/lib/apt/apt-helper', 'download-file', url, archive, `SHA256:${sha256}`);
  await run('dpkg-deb', '-x', archive, fresh);
  await rm(archive);
  await rename(fresh, folder);
  return join(folder, file);
}

/** The mirror of Debian that the apt of this host uses. */
export async function debianMirror(): Promise<string> {
  const targets = await run('apt-get', 'indextargets', '--format', '$(LABEL) $(COMPONENT) $(REPO_URI)');
  const mirror = /^Debian main (\S+)$/m.exec(targets)?.[1];
  if (mirror === undefined) throw new Error('the apt of this host has no mirror of Debian');
  return mirror.replace(/\/$/, '');
}

export function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
