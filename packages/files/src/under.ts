import type { Source } from './source.ts';

/** Shows a source below a folder name: `under('loaders', s)` has `loaders/x64/ipxe.efi` where `s` has `x64/ipxe.efi`. */
export function under(prefix: string, source: Source): Source {
  const start = `${prefix}/`;
  return {
    async open(name) {
      if (!name.startsWith(start)) return { refused: 'missing', detail: `not below ${start}` };
      return await source.open(name.slice(start.length));
    },
  };
}
