import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './command.ts';
import type { Lab } from './lab.ts';
import { waitFor } from './waiting.ts';

/** A libvirt of the tests' own: its machines and networks are in the lab's namespace, its files in the lab's folder. */
export interface Libvirt {
  /** What `--connect` names. */
  readonly uri: string;
  virsh(...words: readonly string[]): Promise<string>;
}

/** Root in a namespace has no other users to tell apart, and no polkit to ask. */
const CONFIGURATION = {
  'libvirtd.conf': 'auth_unix_ro = "none"\nauth_unix_rw = "none"\nunix_sock_group = "root"\n',
  'qemu.conf': 'user = "root"\ngroup = "root"\nsecurity_driver = "none"\n',
};

/**
 * Every folder that libvirt takes for granted, and ours instead; and the user that it looks up before it reads in its configuration
 * that there is another one. `ip netns exec` gives the mounts a place of their own.
 */
const START = `set -e
for path in etc/libvirt run/libvirt var/lib/libvirt var/cache/libvirt var/log/libvirt; do
  mkdir -p "/$path" "$0/$path"
  mount --bind "$0/$path" "/$path"
done
mkdir "$0/var/lib/libvirt/dnsmasq" "$0/var/log/libvirt/qemu"
(cat /etc/passwd; echo libvirt-qemu:x:64055:64055::/nonexistent:/usr/sbin/nologin) >"$0/passwd"
(cat /etc/group; echo libvirt-qemu:x:64055:) >"$0/group"
mount --bind "$0/passwd" /etc/passwd
mount --bind "$0/group" /etc/group
virtlogd --pid-file "$0/virtlogd.pid" &
exec libvirtd --pid-file "$0/libvirtd.pid"
`;

/** Starts it; it ends with the lab. */
export async function startLibvirt(lab: Lab): Promise<Libvirt> {
  const root = join(lab.folder, 'root');
  await mkdir(join(root, 'etc/libvirt'), { recursive: true });
  for (const [name, text] of Object.entries(CONFIGURATION)) await writeFile(join(root, 'etc/libvirt', name), text);
  const program = await lab.start('libvirtd', 'sh', ['-c', START, root]);
  const uri = `qemu+unix:///system?socket=${join(root, 'run/libvirt/libvirt-sock')}`;
  const virsh = (...words: readonly string[]): Promise<string> => run('virsh', '--connect', uri, ...words);
  await waitFor('libvirtd answers', 60_000, async () => {
    if (program.ended() !== undefined) throw new Error(`libvirtd ended: ${await program.output()}`);
    return virsh('version').catch(() => undefined);
  });
  return { uri, virsh };
}
