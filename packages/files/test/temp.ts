import { mkdtemp, mkdir, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { OpenFile, Refused } from '../src/index.ts';

/** A folder that goes away with the test; keys are relative paths. */
export async function tempFolder(files: Readonly<Record<string, string | Uint8Array>> = {}): Promise<string> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'sower-files-')));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), content);
  }
  return root;
}

/** The text of an opened file, or the reason why there is none; closes it. */
export async function outcomeOf(opened: OpenFile | Refused): Promise<string> {
  if ('refused' in opened) return opened.refused;
  try {
    return Buffer.from(await opened.read(0, opened.size)).toString();
  } finally {
    await opened.close();
  }
}

/** Narrows to an open file; the test fails with the refusal otherwise. */
export function mustBeOpen(opened: OpenFile | Refused): OpenFile {
  if ('refused' in opened) throw new Error(`${opened.refused}: ${opened.detail}`);
  return opened;
}
