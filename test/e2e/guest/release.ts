import { createHash } from 'node:crypto';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packInitrd } from './initrd.ts';
import { currentKernel } from './kernel.ts';

/** A folder that looks like a download of one Harvester release, with the guest's files in it. */
export interface Release {
  /** What `appliance.artifacts` names. */
  readonly artifacts: string;
  /** SHA-256 of the root file system, in hex: what the guest reports of the file behind `root=live:`. */
  readonly rootfs: string;
}

/**
 * Lays the guest out as the release files of Harvester `version` ("v1.7.0") in the folder `artifacts`.
 * `sources` is the folder of init and lease; the kernel is fetched once into `cache`.
 */
export async function layOutRelease(
  version: string,
  sources: string,
  cache: string,
  artifacts: string,
): Promise<Release> {
  const kernel = await currentKernel(cache);
  const initrd = await packInitrd(kernel, sources, cache);
  const folder = join(artifacts, 'harvester', version);
  const name = (part: string): string => join(folder, `harvester-${version}-${part}`);
  // The guest lives in its initrd; it only proves that it can fetch this file, so any bytes will do.
  const rootfs = Buffer.from(`the root file system of ${version}\n`.repeat(4096));
  await mkdir(folder, { recursive: true });
  await copyFile(kernel.vmlinuz, name('vmlinuz-amd64'));
  await copyFile(initrd, name('initrd-amd64'));
  await writeFile(name('rootfs-amd64.squashfs'), rootfs);
  return { artifacts, rootfs: createHash('sha256').update(rootfs).digest('hex') };
}
