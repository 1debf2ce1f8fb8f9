import { watch, type FSWatcher } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ParseOptions } from './appliance.ts';
import { loadInventory, type Loaded } from './load.ts';
import type { Parsed } from './parse.ts';

export interface WatchOptions extends ParseOptions {
  /** Milliseconds between two looks where the system reports no change (network file systems); default 2,000. */
  readonly pollMs?: number;
  /** Milliseconds that a changed file has to stay the same before it is read; default 200. */
  readonly settleMs?: number;
  /** Milliseconds that the file may be missing, as it is while it is replaced; default 5,000. */
  readonly missingMs?: number;
}

/** A watch that runs until it is closed. */
export interface InventoryWatch {
  close(): void;
}

/**
 * Calls back with every new content of a data file: with its inventory, or with the problems because of which the
 * old one has to stay in force. Sees writes in place, atomic renames and Kubernetes' `..data` swaps: it watches the
 * folder, and compares what the path leads to. `current` is the text that is already known.
 */
export function watchInventory(
  file: string,
  current: string | undefined,
  onChange: (parsed: Parsed) => void,
  options: WatchOptions = {},
): InventoryWatch {
  const { pollMs = 2000, settleMs = 200, missingMs = 5000 } = options;
  let known = current;
  let read = '';
  let seen = '';
  let missingFor = 0;
  let timer: NodeJS.Timeout | undefined;
  let isSoon = false;
  let isLooking = false;
  let isClosed = false;

  const after = (ms: number) => {
    clearTimeout(timer);
    isSoon = ms <= settleMs;
    if (!isClosed) timer = setTimeout(() => void look(ms), ms).unref();
  };
  /** One look: what has not changed since the look before, and has not been read yet, is read. */
  const look = async (waited: number) => {
    isLooking = true;
    const now = await signatureOf(file);
    const isSettled = now === seen;
    seen = now;
    missingFor = now === MISSING ? missingFor + waited : 0;
    const isDue = now === MISSING ? missingFor >= missingMs : isSettled;
    if (isDue && now !== read) take(await loadInventory(file, options), now);
    isLooking = false;
    after(now === read ? pollMs : Math.min(settleMs, pollMs));
  };
  const take = (loaded: Loaded, signature: string) => {
    if (isClosed) return;
    read = signature;
    const isNew = loaded.text !== known;
    known = loaded.text;
    if (isNew) onChange(loaded);
  };

  // a folder in which something happens all the time must not put the next look off for ever
  const watcher = watchFolder(dirname(file), () => {
    if (!isLooking && !isSoon) after(settleMs);
  });
  after(settleMs);
  return {
    close() {
      isClosed = true;
      clearTimeout(timer);
      watcher?.close();
    },
  };
}

const MISSING = 'missing';

/** Changes with the file that the path leads to, its content and its permissions. */
async function signatureOf(file: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = await stat(file, { bigint: true });
    return `${dev}:${ino}:${size}:${mtimeNs}:${ctimeNs}`;
  } catch {
    return MISSING;
  }
}

/** Where the system cannot watch the folder, the looks by the clock have to do. */
function watchFolder(folder: string, onEvent: () => void): FSWatcher | undefined {
  try {
    const watcher = watch(folder, { persistent: false }, onEvent);
    watcher.on('error', () => watcher.close());
    return watcher;
  } catch {
    return undefined;
  }
}
