import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createLog, start, type Appliance } from '@sower/appliance';
import { onTestFinished } from 'vitest';
import { collect } from './collect.ts';

/** A token, a password and a key that must never be seen outside the config of their machine. */
export const SECRETS = ['sEcReT-token-4711', 'sEcReT-password-4712'] as const;

/** A folder with a data file, and what an appliance started on it has logged. */
export interface Site {
  readonly folder: string;
  readonly dataFile: string;
  write(name: string, content: string): Promise<void>;
  start(): Promise<Running>;
  readonly lines: () => readonly string[];
}

export interface Running extends Appliance {
  /** Base URLs of the boot and of the admin listener. */
  readonly http: string;
  readonly admin: string;
}

/** Listeners on free ports of the loopback interface. */
export const LISTENERS =
  'http: { address: 127.0.0.1, port: 0 }, admin: { address: 127.0.0.1, port: 0 }, tftp: { port: 0 }';

/** One machine of one cluster, in the seed's form. */
export const MACHINES = `
config:
  - cluster: lab
    config_create: &create
      scheme_version: 1
      token: ${SECRETS[0]}
      os: { hostname: node1, password: ${SECRETS[1]}, dns_nameservers: [192.0.2.3] }
      install:
        mode: create
        management_interface: { interfaces: [{ name: ens3 }], method: dhcp }
        device: /dev/vda
        iso_url: http://192.0.2.7/harvester.iso
        vip_mode: static
        vip: 192.0.2.40
maclist:
  - macaddress: 52:54:00:aa:bb:01
    values: { ipaddress: 192.0.2.31, version: v1.7.0, type: create, config: { <<: *create } }
`;

/** Makes a site; it is stopped and removed when the test ends. */
export async function makeSite(data: string): Promise<Site> {
  const folder = await mkdtemp(join(tmpdir(), 'sower-site-'));
  const lines: string[] = [];
  const running: Appliance[] = [];
  onTestFinished(async () => {
    for (const appliance of running) await appliance.close(0);
    await rm(folder, { recursive: true });
  });
  const write = async (name: string, content: string) => {
    const file = join(folder, name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
  };
  await write('data.yaml', data);
  const dataFile = join(folder, 'data.yaml');
  return {
    folder,
    dataFile,
    write,
    lines: () => lines,
    async start() {
      const log = createLog({ level: 'debug', pretty: false, destination: collect(lines) });
      const fromFile = { state: undefined, artifacts: undefined, iso: undefined };
      const appliance = await start({ dataFile, ...fromFile, log, now: () => Date.now() });
      running.push(appliance);
      const url = (name: string) =>
        /http:\S+/.exec(appliance.summary.find((line) => line.trim().startsWith(name)) ?? '')?.[0] ?? '';
      return { ...appliance, http: url('HTTP'), admin: url('admin') };
    },
  };
}
