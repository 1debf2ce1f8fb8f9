export { assemble } from './assemble.ts';
export { build, type Built } from './build.ts';
export { BuildError } from './command.ts';
export { DRIVERS, type Driver, type DriverName, type Inputs, type Prepared, type Workshop } from './driver.ts';
export type { Manifest, Measured } from './manifest.ts';
export { planAssembly, type Assembly, type Plan, type Step } from './plan.ts';
export { DEFAULT_EPOCH, parsePlatforms, scriptProblem, type Recipe } from './recipe.ts';
export { PLATFORMS, type Platform } from './targets.ts';
