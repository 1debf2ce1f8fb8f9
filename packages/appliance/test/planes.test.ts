import { parseInventory } from '@sower/machines';
import { interfaceAddresses, parseIPv4, parseMac, type IPv4 } from '@sower/net';
import { download } from '@sower/tftp';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { BootEvent } from '../src/events.ts';
import { inForce, type BootDesk } from '../src/force.ts';
import { serveHttp } from '../src/http.ts';
import { createTftp } from '../src/tftp.ts';
import { createGroup } from '../src/lifecycle.ts';
import { createTrails } from '../src/trail.ts';

const MAC = parseMac('52:54:00:aa:bb:01') ?? expect.fail('a MAC');
const LOOPBACK = parseIPv4('127.0.0.1') ?? expect.fail('an address');

/** A desk that writes down who was heard. */
async function openDesk() {
  const folder = await mkdtemp(join(tmpdir(), 'sower-planes-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await mkdir(join(folder, 'artifacts/loaders/x64'), { recursive: true });
  await writeFile(join(folder, 'artifacts/loaders/x64/snponly.efi'), 'a loader');
  const data = `
appliance:
  http: { address: 127.0.0.1, port: 0 }
  admin: { address: 127.0.0.1, port: 0 }
  tftp: { allow: [127.0.0.0/8] }
maclist: []
`;
  const { inventory } = parseInventory(data, join(folder, 'data.yaml'));
  const force = inForce(inventory ?? expect.fail('an inventory'), interfaceAddresses());
  const heard: IPv4[] = [];
  const desk: BootDesk = {
    force: () => force,
    holderOf: () => MAC,
    speakerAt: () => MAC,
    heard: (address) => void heard.push(address),
    trails: createTrails(() => 0),
  };
  return { desk, heard, appliance: force.inventory.appliance };
}

test('A-32 a TFTP request keeps the address that it comes from', async () => {
  const { desk, heard } = await openDesk();
  const server = createTftp(desk, () => undefined);
  onTestFinished(() => server.close(0));
  const listener = await server.listen({ address: '127.0.0.1', port: 0 });
  await download({ server: listener, file: 'nowhere' });
  expect(heard).toEqual([LOOPBACK]);
});

test('A-32 an HTTP request keeps the address that it comes from', async () => {
  const { desk, heard, appliance } = await openDesk();
  const listeners = createGroup();
  onTestFinished(() => listeners.close(0));
  const { boot } = await serveHttp(
    appliance,
    desk,
    () => undefined,
    () => 0,
    listeners,
  );
  await fetch(`${boot}/ipxe/52:54:00:aa:bb:01`);
  expect(heard).toEqual([LOOPBACK]);
});

test('B-21 three loaders by TFTP and HTTP without a script are a loop; a size, or a part of one, is no loader', async () => {
  const { desk, appliance } = await openDesk();
  const told: string[] = [];
  const tell = ({ why }: BootEvent) => void told.push(why);
  const server = createTftp(desk, tell);
  const listeners = createGroup();
  onTestFinished(async () => {
    await listeners.close(0);
    await server.close(0);
  });
  const listener = await server.listen({ address: '127.0.0.1', port: 0 });
  const { boot } = await serveHttp(appliance, desk, tell, () => 0, listeners);
  const loader = `${boot}/artifacts/loaders/x64/snponly.efi`;
  await fetch(loader, { method: 'HEAD' });
  await (await fetch(loader, { headers: { Range: 'bytes=0-1' } })).text();
  await download({ server: listener, file: 'loaders/x64/snponly.efi' });
  await (await fetch(loader)).text();
  await vi.waitFor(() => expect(desk.trails.loaderFetches(MAC)).toBe(2));
  expect(told).not.toContain('loader-loop');
  await (await fetch(loader)).text();
  await vi.waitFor(() => expect(told).toContain('loader-loop'));
});
