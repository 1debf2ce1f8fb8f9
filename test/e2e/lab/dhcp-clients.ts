import { chmod, copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './command.ts';
import type { Lab } from './lab.ts';
import type { Program } from './program.ts';
import { waitFor } from './waiting.ts';

/** What a client says about one event of its lease, by udhcpc's names: event, ip, subnet, router, dns, lease, serverid, boot_file. */
export type Lease = Readonly<Record<string, string>>;

/** A DHCP client of other people's making, running in a namespace. */
export interface DhcpClient {
  readonly program: Program;
  /** Waits for the event number `count` (from 1) of this name. */
  lease(event: string, count?: number): Promise<Lease>;
}

/** A lease of another network that has years to run, as dhclient remembers it. */
export const STALE_LEASE = `lease {
  interface "eth0";
  fixed-address 10.9.9.9;
  option subnet-mask 255.255.255.0;
  option dhcp-lease-time 999999999;
  option dhcp-message-type 5;
  option dhcp-server-identifier 10.9.9.1;
  renew never;
  rebind never;
  expire never;
}
`;

/** busybox's client on eth0 of a namespace. It stays; SIGUSR1 renews, SIGUSR2 releases. */
export async function startUdhcpc(
  repository: string,
  lab: Lab,
  namespace: string,
  ...options: string[]
): Promise<DhcpClient> {
  const script = join(repository, 'test', 'e2e', 'lab', 'lease-script');
  const words = ['udhcpc', '-i', 'eth0', '-f', '-t', '3', '-T', '1', '-s', script, ...options];
  return client(await lab.start('udhcpc', '/bin/busybox', words, namespace));
}

/** ISC's client on eth0 of a namespace; `known` is the text of the lease file that it finds. */
export async function startDhclient(repository: string, lab: Lab, namespace: string, known = ''): Promise<DhcpClient> {
  const base = join(lab.folder, namespace);
  // A copy: where AppArmor confines the installed one, that may neither run our script nor write here.
  const binary = join(lab.folder, 'dhclient');
  await copyFile('/usr/sbin/dhclient', binary);
  await chmod(binary, 0o755);
  await writeFile(`${base}.leases`, known);
  await writeFile(`${base}.conf`, 'timeout 10; initial-interval 1;\n');
  const script = join(repository, 'test', 'e2e', 'lab', 'lease-script');
  const files = ['-cf', `${base}.conf`, '-lf', `${base}.leases`, '-pf', `${base}.pid`, '-sf', script];
  return client(await lab.start('dhclient', binary, ['-4', '-d', '-1', ...files, 'eth0'], namespace));
}

function client(program: Program): DhcpClient {
  return {
    program,
    lease: (event, count = 1) =>
      waitFor(`${program.name}: lease event ${event}`, 15_000, async () => {
        const over = program.ended();
        const found = leasesIn(await program.output()).filter((lease) => lease['event'] === event)[count - 1];
        if (found === undefined && over !== undefined)
          throw new Error(`${program.name} ended (${over}) without ${event}`);
        return found;
      }),
  };
}

function leasesIn(output: string): readonly Lease[] {
  return [...output.matchAll(/^lease: (.*)$/gm)].map(([, words]) =>
    Object.fromEntries(
      (words ?? '').split(' ').map((word) => [word.split('=')[0] ?? '', word.slice(word.indexOf('=') + 1)]),
    ),
  );
}

/** The MAC of eth0 in a namespace. */
export async function macIn(namespace: string): Promise<string> {
  return (await run('ip', 'netns', 'exec', namespace, 'cat', '/sys/class/net/eth0/address')).trim();
}
