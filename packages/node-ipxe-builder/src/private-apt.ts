import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exists } from './cache.ts';
import { BuildError, run } from './command.ts';
import { PINNED_IPXE } from './targets.ts';

/** An apt of its own: lists, cache and status in one folder, and one source. */
export interface PrivateApt {
  readonly folder: string;
  /** What each call of apt-get begins with. */
  readonly options: readonly string[];
  remove(): Promise<void>;
}

/** Debian's keys, by the package debian-archive-keyring. */
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

/**
 * Writes the configuration into a new folder. The mirror is the one that this host already uses, with its proxy settings;
 * its hooks are left out, because they would work on the system's own cache. BuildError on hosts that are not Debian.
 */
export async function writePrivateApt(folder: string, signal: AbortSignal): Promise<PrivateApt> {
  const mirror = mirrorAmong(
    await run('apt-get', ['indextargets', '--format', FORMAT, 'Created-By: Packages'], { signal }),
  );
  if (mirror === undefined || !(await exists(KEYRING))) {
    throw new BuildError(
      `the iPXE of this host is absent or too old, and newer ones are fetched only where apt has a Debian mirror and ${KEYRING}`,
    );
  }
  for (const name of ['state/lists/partial', 'cache/archives/partial'])
    await mkdir(join(folder, name), { recursive: true });
  await writeFile(join(folder, 'status'), '');
  await writeFile(join(folder, 'sources.list'), `deb [signed-by=${KEYRING}] ${mirror} ${PINNED_IPXE.suite} main\n`);
  await writeFile(join(folder, 'apt.conf'), configuration(folder));
  return {
    folder,
    options: ['-q', '-c', join(folder, 'apt.conf')],
    remove: () => rm(folder, { recursive: true }),
  };
}

const FORMAT = '$(LABEL) $(COMPONENT) $(REPO_URI)';

/** The first mirror of Debian itself in the lines of `FORMAT`; security and other archives do not have every suite. */
export function mirrorAmong(targets: string): string | undefined {
  return /^Debian main (\S+)$/m.exec(targets)?.[1];
}

function configuration(folder: string): string {
  const values = {
    'Dir::State': join(folder, 'state'),
    'Dir::State::status': join(folder, 'status'),
    'Dir::Cache': join(folder, 'cache'),
    'Dir::Etc::sourcelist': join(folder, 'sources.list'),
    'Dir::Etc::sourceparts': '/dev/null',
    // the unprivileged user of apt cannot enter a private folder
    'APT::Sandbox::User': 'root',
    'Acquire::Languages': 'none',
  };
  const lines = Object.entries(values).map(([key, value]) => `${key} "${value}";\n`);
  return `${lines.join('')}#clear APT::Update;\n`;
}
