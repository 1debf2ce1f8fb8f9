import { mkdir, readFile, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { NOTE, REPOSITORY, SKIP } from './lab/available.ts';
import { get } from './lab/http.ts';
import { openLab, type Lab } from './lab/lab.ts';
import { serve, startSower, type Sower } from './lab/sower.ts';

const SERVER = 'http://192.168.50.1:10000';

describe.skipIf(SKIP)(`data.yaml changes while sower runs${NOTE}`, () => {
  let lab: Lab;
  let data: string;
  let sower: Sower | undefined;

  const named = (name: string): string => data.replace('name: alone', `name: ${name}`);
  const names = async (): Promise<readonly string[]> => {
    const { body } = await get(lab.network.name, `${SERVER}/all`);
    return [...body.matchAll(/"name": ?"(\w+)"/g)].map(([, name]) => name ?? '');
  };

  beforeAll(async () => {
    lab = await openLab(REPOSITORY, 'reload', '192.168.50.1/24');
    data = await readFile(join(REPOSITORY, 'test/e2e/data/one.yaml'), 'utf8');
  });

  afterAll(() => lab?.close());
  afterEach(async (context) => {
    if (context.task.result?.state === 'fail') console.error(await lab.diagnosis());
    await sower?.program.stop();
  });

  test('written in place, and renamed into place: in force; with an error: the last valid one stays', async () => {
    sower = await startSower(REPOSITORY, lab, data);
    expect(await names()).toEqual(['alone']);
    await writeFile(sower.dataFile, named('written'));
    await sower.tells({ why: 'reloaded' });
    expect(await names()).toEqual(['written']);
    await sower.reload(named('renamed'));
    expect(await names()).toEqual(['renamed']);

    await writeFile(sower.dataFile, named('wrong').replace('type: create', 'type: crate'));
    await sower.tells({ why: 'reload-refused', level: 'error' });
    const problem = await sower.tells({ why: 'data-problem', level: 'error' });
    expect(problem['msg']).toMatch(/data\.yaml:11:13: .*crate/);
    expect(await names()).toEqual(['renamed']);
    await sower.reload(named('right'));
    expect(await names()).toEqual(['right']);
  });

  test('a ConfigMap: the link ..data is swapped', async () => {
    const mount = join(lab.folder, 'mount');
    /** As the kubelet does it: a new folder, a new link, and one rename. */
    const project = async (folder: string, text: string): Promise<void> => {
      await mkdir(join(mount, folder), { recursive: true });
      await writeFile(join(mount, folder, 'data.yaml'), text);
      await symlink(folder, join(mount, '..data_tmp'));
      await rename(join(mount, '..data_tmp'), join(mount, '..data'));
    };
    await project('..1', named('before'));
    await symlink('..data/data.yaml', join(mount, 'data.yaml'));
    sower = await serve(REPOSITORY, lab, join(mount, 'data.yaml'));
    expect(await names()).toEqual(['before']);
    await project('..2', named('after'));
    await sower.tells({ why: 'reloaded' });
    expect(await names()).toEqual(['after']);
  });
});
