export { bytes } from './bytes.ts';
export { folder } from './folder.ts';
export { firstOf } from './layered.ts';
export { rememberingMisses } from './misses.ts';
export { oneFile } from './one-file.ts';
export { FileChanged } from './regular.ts';
export { wholeFiles, type Kept, type WholeFileLimits, type WholeFiles } from './whole.ts';
export type { OpenFile, Refused, Source } from './source.ts';
