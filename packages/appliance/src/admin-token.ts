import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { codeOf } from '@sower/net';

/**
 * The bearer token of the admin listener: made at the first start, readable by its owner only (decisions.md section 1).
 * Rejects with the system error when the file cannot be read or made, or with a clear one when it is empty.
 */
export async function adminToken(file: string): Promise<string> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  try {
    const handle = await open(file, 'wx', 0o600);
    try {
      const token = randomBytes(32).toString('hex');
      await handle.writeFile(`${token}\n`);
      await handle.sync();
      return token;
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  }
  const token = (await readFile(file, 'utf8')).trim();
  if (token === '')
    throw new Error(`the admin token file is empty; remove it, and the next start makes a new one: ${file}`);
  return token;
}
