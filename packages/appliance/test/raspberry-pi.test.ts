import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatIPv4 } from '@sower/net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answer } from '../src/answer.ts';
import { on, openDesk, quad, requestOf, tlv, type Sent } from './support/desk.ts';

const PI_4 = [0xdc, 0xa6, 0x32, 0, 0, 1];
const PI_3 = [0xb8, 0x27, 0xeb, 0, 0, 1];
const ROM = [...tlv(60, [...Buffer.from('PXEClient:Arch:00000:UNDI:002001')]), ...tlv(93, [0, 0])];
const DISCOVER = [...tlv(53, [1]), ...ROM];
/** As the ROM sends it: without 60 and 93. */
const REQUEST = [...tlv(53, [3]), ...tlv(54, quad('10.0.0.1'))];
/** B-24 and its table of bytes, not made by the encoder. */
const MENU = '0601030a0400505845091400001152617370626572727920506920426f6f74ff';
const PADDED_MENU = '0601030a0400505845091700001452617370626572727920506920426f6f74202020ff';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sower-pi-'));
  await mkdir(join(folder, 'loaders/rpi'), { recursive: true });
  await writeFile(join(folder, 'loaders/rpi/start4.elf'), 'firmware');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const desk = (now?: () => number) =>
  openDesk(
    `appliance:
  artifacts: ${folder}
  dhcp: { interfaces: [eth1], subnets: [{ cidr: 10.0.0.0/24, pool: 10.0.0.100-10.0.0.199 }] }
  unknown: discover
maclist: []
`,
    [on('eth1', '10.0.0.1')],
    now,
  );

describe('B-04 B-24 the boot ROM of a Raspberry Pi', () => {
  test.each([
    ['4', PI_4, MENU],
    ['3, with three blanks', PI_3, PADDED_MENU],
  ])(
    'Pi %s: the same words in the OFFER and in the ACK, though its REQUEST does not say what it is',
    async (_, mac, menu) => {
      const here = await desk();
      const ask = async (sent: Sent) => {
        const answered = await answer(here, requestOf(here, sent));
        return ('reply' in answered ? answered.reply : undefined) ?? expect.fail(answered.why);
      };
      const offer = await ask({ options: DISCOVER, mac });
      const wanted = tlv(50, quad(formatIPv4(offer.yiaddr)));
      const ack = await ask({ options: [...REQUEST, ...wanted], mac });
      for (const reply of [offer, ack]) {
        expect(Buffer.from(reply.options.joined(43) ?? expect.fail('no 43')).toString('hex')).toBe(menu);
        expect(Buffer.from(reply.options.joined(60) ?? expect.fail('no 60')).toString()).toBe('PXEClient');
        expect([formatIPv4(reply.siaddr), reply.file]).toEqual(['10.0.0.1', 'loaders/rpi/start4.elf']);
      }
    },
  );

  test('B-04 a REQUEST of another client that does not say what it is gets nothing to boot', async () => {
    const here = await desk();
    await answer(here, requestOf(here, { options: DISCOVER, mac: PI_4 }));
    const plain = [...REQUEST, ...tlv(50, quad('10.0.0.150'))];
    expect(await answer(here, requestOf(here, { options: plain }))).toMatchObject({ note: 'not-a-boot-client' });
  });

  test('B-04 the operating system of a Pi, which asks anew, gets nothing to boot', async () => {
    const here = await desk();
    await answer(here, requestOf(here, { options: DISCOVER, mac: PI_4 }));
    await answer(here, requestOf(here, { options: tlv(53, [1]), mac: PI_4 }));
    const plain = [...REQUEST, ...tlv(50, quad('10.0.0.150'))];
    expect(await answer(here, requestOf(here, { options: plain, mac: PI_4 }))).toMatchObject({
      note: 'not-a-boot-client',
    });
  });

  test('A-32 its OFFER is held for ten minutes, since it never asks for it', async () => {
    let time = 0;
    const here = await desk(() => time);
    const offer = await answer(here, requestOf(here, { options: DISCOVER, mac: PI_3 }));
    const address = ('reply' in offer ? offer.reply?.yiaddr : undefined) ?? expect.fail(offer.why);
    const thief = { options: [...tlv(53, [1]), ...tlv(50, quad(formatIPv4(address)))] };
    const stolen = async () => {
      const answered = await answer(here, requestOf(here, thief));
      return 'reply' in answered && answered.reply?.yiaddr === address;
    };
    time = 599_000;
    expect(await stolen()).toBe(false);
    time = 1_300_000;
    expect(await stolen()).toBe(true);
  });
});
