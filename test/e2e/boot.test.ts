import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadInventory, renderConfig } from '@sower/machines';
import { load, YAML11_SCHEMA } from 'js-yaml';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { SERVER, WAYS } from './boot-ways.ts';
import { layOutRelease } from './guest/release.ts';
import { NOTE, REPOSITORY, SKIP } from './lab/available.ts';
import { get } from './lab/http.ts';
import { openLab, type Lab } from './lab/lab.ts';
import { startSower, type Fields, type LogEvent, type Sower } from './lab/sower.ts';

/** YAML as another reader than ours understands it: with merges, by the rules that the installer's Go has. */
const read = (text: string): unknown => load(text, { schema: YAML11_SCHEMA });

/** The config of one machine as the data file has it. */
function written(data: string, name: string): unknown {
  const maclist: unknown = Reflect.get(Object(read(data)), 'maclist');
  const machine: unknown = Array.isArray(maclist)
    ? maclist.find((entry) => Reflect.get(Object(entry), 'name') === name)
    : {};
  return Reflect.get(Object(Reflect.get(Object(machine), 'values')), 'config');
}

/** Those of the steps that do not follow, in this order, in the log. */
function inOrder(events: readonly LogEvent[], steps: readonly Fields[]): readonly Fields[] {
  const left = [...steps];
  for (const event of events) {
    const next = left[0];
    if (next !== undefined && Object.entries(next).every(([key, value]) => event[key] === value)) left.shift();
  }
  return left;
}

describe.skipIf(SKIP)(`real firmware boots from sower alone${NOTE}`, () => {
  let lab: Lab;
  let sower: Sower;
  const rootfs = new Map<string, string>();

  beforeAll(async () => {
    lab = await openLab(REPOSITORY, 'boot', '192.168.50.1/24');
    const cache = join(REPOSITORY, '.cache', 'guest');
    const sources = join(REPOSITORY, 'test', 'e2e', 'guest');
    for (const version of new Set(WAYS.map((way) => way.version))) {
      const release = await layOutRelease(`v${version}`, sources, cache, join(lab.folder, 'artifacts'));
      rootfs.set(version, release.rootfs);
    }
    sower = await startSower(REPOSITORY, lab, await readFile(join(REPOSITORY, 'test/e2e/data/boot.yaml'), 'utf8'));
  }, 180_000);

  afterAll(() => lab?.close());
  afterEach(async (context) => {
    if (context.task.result?.state === 'fail') console.error(await lab.diagnosis());
  });

  test.each(WAYS.map((way) => [way.title, way] as const))('%s', async (_, way) => {
    const { mac, name, version, firmware } = way;
    const machine = await lab.powerOn(firmware, { mac, uuid: `00000000-0000-4000-8000-${mac.replaceAll(':', '')}` });
    const report = await machine.report();
    expect(await machine.off()).toBe(0);

    // The kernel started as the script says, under the firmware that was meant.
    const release = `${SERVER}/artifacts/harvester/v${version}/harvester-v${version}`;
    const line = [`initrd=harvester-v${version}-initrd-amd64`, ...way.line].join(' ');
    const script = await get(lab.network.name, `${SERVER}/ipxe/${mac}`);
    expect(script.body).toContain(`\nkernel ${release}-vmlinuz-amd64 ${line} || goto `);
    expect(script.body).toContain(`\ninitrd ${release}-initrd-amd64 || goto `);
    const isUefi = firmware.flash !== undefined;
    expect(report).toMatchObject({ firmware: isUefi ? 'efi' : 'bios', mac, problem: '' });
    expect(report.cmdline).toBe(isUefi ? `harvester-v${version}-vmlinuz-amd64 ${line}` : line);

    // It has the address that DHCP gave, and what belongs to it.
    const leased = (await sower.events({ step: 'dhcp', mac, why: 'bound' })).at(-1)?.['address'];
    expect(leased).toEqual(way.address ?? expect.stringMatching(/^192\.168\.50\.1\d\d$/));
    expect(report.address).toBe(`${String(leased)}/24`);
    expect(report.gateway).toBe('192.168.50.1');
    expect(report.nameservers).toEqual(['192.168.50.1', '192.168.50.2']);
    const lease = {
      ip: leased,
      subnet: '255.255.255.0',
      router: '192.168.50.1',
      lease: '3600',
      serverid: '192.168.50.1',
    };
    if (way.address === undefined) expect(Object.fromEntries(report.lease)).toMatchObject(lease);

    // It got its own files, byte for byte.
    expect(report.rootfs).toBe(rootfs.get(version));
    expect(report.config.toString()).toBe(await configOf(name));
    expect(report.config.toString()).toBe((await get(lab.network.name, way.line.at(-1)?.split('=')[1] ?? '')).body);
    expect(read(report.config.toString())).toEqual(written(await readFile(sower.dataFile, 'utf8'), name));

    // And sower's log tells the way, step by step.
    expect(inOrder(await sower.events({ mac }), way.steps)).toEqual([]);
    const loaders = await sower.events({ mac, step: 'tftp', why: 'complete' });
    expect(loaders).toHaveLength(way.steps.filter((step) => step['step'] === 'tftp').length);
    const fetched = { mac, why: 'config', address: String(leased), delivery: 'complete' };
    expect(await sower.events(fetched)).toHaveLength(1);
    expect(await sower.events({ mac, level: 'error' })).toEqual([]);
  });

  /** What the product makes of the data file for this machine, without its HTTP. */
  async function configOf(name: string): Promise<string> {
    const { inventory } = await loadInventory(sower.dataFile);
    const machine = inventory?.machines.find((candidate) => candidate.name === name);
    return machine === undefined ? `no machine ${name}` : renderConfig(machine.config);
  }
});
