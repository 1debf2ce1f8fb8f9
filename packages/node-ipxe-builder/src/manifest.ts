import { digest } from './digest.ts';
import type { DriverName, Inputs } from './driver.ts';
import type { Recipe } from './recipe.ts';
import type { Platform } from './targets.ts';

/** What decides the bytes of a medium. The SHA-256 of its JSON is the medium's name in the cache. */
export interface Order {
  readonly format: 1;
  readonly driver: DriverName;
  readonly platforms: readonly Platform[];
  readonly epoch: number;
  readonly script: Measured;
  readonly inputs: Inputs;
}

/** Size in bytes, and SHA-256 in hex. */
export interface Measured {
  readonly bytes: number;
  readonly sha256: string;
}

/** The record beside a medium: what it was made of, and what came out. Free of paths and times. */
export interface Manifest extends Order {
  readonly output: Measured;
}

export function measure(content: Uint8Array): Measured {
  return { bytes: content.length, sha256: digest(content) };
}

export function orderOf(driver: DriverName, { script, platforms, epoch }: Recipe, inputs: Inputs): Order {
  return { format: 1, driver, platforms, epoch, script: measure(script), inputs };
}

export function keyOf(order: Order): string {
  return digest(JSON.stringify(order));
}

export function manifestText(manifest: Manifest): string {
  return `${JSON.stringify(manifest, null, 2)}\n`;
}
