import { LOADERS, ON_MEDIUM, type Binary, type Platform } from './targets.ts';

export const OUTPUTS = ['iso', 'usb', 'loaders'] as const;
export type Output = (typeof OUTPUTS)[number];

/** What is really made: a CD and a stick are the same bytes. */
export type Product = 'hybrid' | 'loaders';

export const PRODUCTS: Readonly<Record<Output, Product>> = { iso: 'hybrid', usb: 'hybrid', loaders: 'loaders' };

/** The one file of a hybrid image, as manifests name it. */
export const IMAGE = 'ipxe.img';

/** What of iPXE a product is made of. */
export function binariesOf(product: Product, platform: Platform): readonly Binary[] {
  return product === 'hybrid' ? [ON_MEDIUM[platform]] : LOADERS[platform];
}

/** What a binary is called in a product: media keep all platforms in one folder, loaders have one for each. */
export function nameIn(product: Product, platform: Platform, { name }: Binary): string {
  return product === 'hybrid' ? name : `${platform}/${name}`;
}
