import type { Recipe } from './recipe.ts';

export const DRIVERS = ['docker', 'host', 'assemble'] as const;
export type DriverName = (typeof DRIVERS)[number];

/** What a driver needs besides the recipe. */
export interface Workshop {
  /** Where downloads, build trees, logs and finished products stay. */
  readonly cache: string;
  /** Told what is going on, one line at a time, without a line feed. */
  readonly progress: (line: string) => void;
  /** Ends the build; nothing half-done stays behind. */
  readonly signal: AbortSignal;
}

/** Everything that decides the bytes of the result, besides the recipe. No paths, no times: equal inputs are equal anywhere. */
export interface Inputs {
  /** Where iPXE came from. */
  readonly source: Readonly<Record<string, string>>;
  /** What `make` is asked for, one command line a platform; none where nothing is compiled. */
  readonly make: readonly string[];
  /** SHA-256 of each file of the system or of a package that goes into the result, by its name there. */
  readonly files: Readonly<Record<string, string>>;
  /** Version of each program that makes it. */
  readonly tools: Readonly<Record<string, string>>;
  /** SHA-256 of how it is made: another version of this program may do it in another way. */
  readonly plan: string;
}

/** A build that has all it needs. */
export interface Prepared {
  readonly inputs: Inputs;
  /** Writes the product's files into the folder `into`. `work` is the driver's own; both are empty. */
  build(work: string, into: string): Promise<void>;
}

/** One way to make media and loaders. */
export interface Driver {
  readonly name: DriverName;
  /** Finds, or fetches, everything. BuildError names all that is missing, each with its package. */
  prepare(recipe: Recipe, workshop: Workshop): Promise<Prepared>;
}
