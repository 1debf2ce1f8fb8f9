import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './command.ts';

/** Why no lab can be opened on this machine, in one line; undefined when one can. `repository` is its top folder. */
export async function whyNoLab(repository: string): Promise<string | undefined> {
  if (process.platform !== 'linux') return 'virtual machines in network namespaces need Linux';
  if (process.getuid?.() !== 0) return 'network namespaces need root';
  const missing = await run('sh', '-c', '"$0" --check || true', join(repository, 'scripts', 'system-packages.sh'));
  if (missing !== '') return `missing system packages: ${missing.trim().replaceAll('\n', ' ')}`;
  const probe = `sower-probe-${process.pid}`;
  try {
    await access('/dev/net/tun');
    await run('ip', 'netns', 'add', probe);
    await run('ip', 'netns', 'del', probe);
    return undefined;
  } catch (cause) {
    const reason = String(cause).trimEnd().split('\n').at(-1);
    return `no network namespaces or taps here: ${reason}`;
  }
}
