import { digest } from './digest.ts';
import type { DriverName, Inputs } from './driver.ts';
import { PRODUCTS, type Product } from './outputs.ts';
import type { Recipe } from './recipe.ts';
import type { Platform } from './targets.ts';

/** What decides the bytes of a product. The SHA-256 of its JSON is the product's name in the cache. */
export interface Order {
  readonly format: 2;
  readonly driver: DriverName;
  readonly product: Product;
  readonly platforms: readonly Platform[];
  readonly epoch: number;
  readonly script: Measured | null;
  readonly ca: Measured | null;
  readonly inputs: Inputs;
}

/** Size in bytes, and SHA-256 in hex. */
export interface Measured {
  readonly bytes: number;
  readonly sha256: string;
}

/** The files of a product, by their names below its folder. */
export type Measures = Readonly<Record<string, Measured>>;

/** The record beside a product: what it was made of, and what came out. Free of paths and times. */
export interface Manifest extends Order {
  readonly output: Measures;
}

export function measure(content: Uint8Array): Measured {
  return { bytes: content.length, sha256: digest(content) };
}

export function orderOf(driver: DriverName, recipe: Recipe, inputs: Inputs): Order {
  const { output, script, ca, platforms, epoch } = recipe;
  const measured = (bytes: Uint8Array | undefined) => (bytes === undefined ? null : measure(bytes));
  return {
    format: 2,
    driver,
    product: PRODUCTS[output],
    platforms,
    epoch,
    script: measured(script),
    ca: measured(ca),
    inputs,
  };
}

export function keyOf(order: Order): string {
  return digest(JSON.stringify(order));
}

export function manifestText(manifest: Manifest): string {
  return `${JSON.stringify(manifest, null, 2)}\n`;
}
