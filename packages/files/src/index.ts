export { bytes } from './bytes.ts';
export { FileChanged, folder } from './folder.ts';
export { firstOf } from './layered.ts';
export { wholeFiles, type WholeFileLimits, type WholeFiles } from './whole.ts';
export type { OpenFile, Refused, Source } from './source.ts';
