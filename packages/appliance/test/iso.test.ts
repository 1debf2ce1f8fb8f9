import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { LISTENERS, MACHINES, makeSite } from './support/site.ts';

const FIRST = '0123456789 the first ISO';
const SECOND = 'the second ISO, which is longer than the first';
const DATA = `appliance: { ${LISTENERS}, iso: media/site.iso }\n${MACHINES}`;

/** A running site whose data file names an ISO with this content. */
async function served(content: string) {
  const site = await makeSite(DATA);
  await site.write('media/site.iso', content);
  const running = await site.start();
  return { ...site, ...running, url: `${running.http}/artifacts/ipxe.iso` };
}

describe('the ISO at /artifacts/ipxe.iso', () => {
  test('D-06 UEFI HTTP Boot mounts it as a RAM disk by exactly this type; D-03 HEAD says the same', async () => {
    const { url, http } = await served(FIRST);
    for (const address of [url, `${http}/artifacts/loaders/x64/ipxe.iso`, `${http}/artifacts/loaders/arm64/ipxe.iso`]) {
      for (const method of ['HEAD', 'GET']) {
        const { status, headers } = await fetch(address, { method });
        expect([status, headers.get('content-type')]).toEqual([200, 'application/vnd.efi-iso']);
        expect([headers.get('content-length'), headers.get('accept-ranges')]).toEqual([`${FIRST.length}`, 'bytes']);
      }
      expect(await (await fetch(address)).text()).toBe(FIRST);
    }
  });

  test('D-04 a download that broke off goes on where it was, and not in another build', async () => {
    const site = await served(FIRST);
    const { url, folder } = site;
    const etag = (await fetch(url, { method: 'HEAD' })).headers.get('etag') ?? expect.fail('no ETag');
    const rest = { headers: { Range: 'bytes=11-', 'If-Match': etag } };
    const part = await fetch(url, rest);
    expect([part.status, part.headers.get('content-range'), await part.text()]).toEqual([
      206,
      `bytes 11-${FIRST.length - 1}/${FIRST.length}`,
      'the first ISO',
    ]);
    await site.write('media/new.iso', SECOND);
    await rename(join(folder, 'media/new.iso'), join(folder, 'media/site.iso'));
    expect((await fetch(url, rest)).status).toBe(412);
  });

  test('C-31 replaced by a rename, removed and made again: always what is there, without a restart', async () => {
    const site = await served(FIRST);
    const { url, folder } = site;
    const etag = (await fetch(url)).headers.get('etag');
    await site.write('media/new.iso', SECOND);
    await rename(join(folder, 'media/new.iso'), join(folder, 'media/site.iso'));
    const second = await fetch(url);
    expect(await second.text()).toBe(SECOND);
    expect(second.headers.get('etag')).not.toBe(etag);
    await rm(join(folder, 'media/site.iso'));
    expect((await fetch(url)).status).toBe(404);
    await site.write('media/site.iso', FIRST);
    expect(await (await fetch(url)).text()).toBe(FIRST);
  });

  test('it comes before a file of that name in the artifacts folder, which serves where it is missing', async () => {
    const site = await served(FIRST);
    const { url, folder } = site;
    await site.write('artifacts/ipxe.iso', SECOND);
    expect(await (await fetch(url)).text()).toBe(FIRST);
    await rm(join(folder, 'media/site.iso'));
    expect(await (await fetch(url)).text()).toBe(SECOND);
  });
});

describe('the summary', () => {
  test('says which ISO is served', async () => {
    const { summary, folder } = await served(FIRST);
    expect(summary).toContain(`  ISO    ${join(folder, 'media/site.iso')}, as /artifacts/ipxe.iso`);
  });

  test('warns in one line of one that was named and is not there, and of a machine that is to boot it', async () => {
    const site = await makeSite(DATA.replace('    values:', '    loader: ipxe.iso\n    values:'));
    const { summary, http } = await site.start();
    expect(summary.filter((line) => line.includes('ISO'))).toEqual([
      expect.stringMatching(/^ {2}warning: the ISO cannot be served .*no such file or directory.*media\/site\.iso/),
    ]);
    expect(summary).toContain('  warning: the loader ipxe.iso of node1 is nowhere under loaders/');
    expect((await fetch(`${http}/healthz`)).status).toBe(200);
  });

  test('says nothing of a machine that boots it when it is there', async () => {
    const site = await makeSite(DATA.replace('    values:', '    loader: ipxe.iso\n    values:'));
    await site.write('media/site.iso', FIRST);
    expect((await site.start()).summary.join('\n')).not.toContain('nowhere');
  });
});
