import type { ArtifactTemplate } from '../inventory.ts';

/** What a machine is installed with: a small table of files, kernel arguments and documents, all with templates. */
export interface Profile {
  readonly name: string;
  /** Paths below the artifacts folder, with `{version}`; `kernel` and `initrd` are always there. */
  readonly files: ReadonlyMap<string, string>;
  readonly arguments: readonly string[];
  readonly documents: readonly DocumentRow[];
}

/** One document that a machine fetches: `values.config` holds its content under this name. */
export interface DocumentRow {
  readonly name: string;
  readonly format: 'yaml' | 'json' | 'text';
  /** The first line of a YAML document, such as `#cloud-config`. */
  readonly header: string | undefined;
  /** The whole document where the machine's config has none; undefined: the config has to have one. */
  readonly otherwise: string | undefined;
}

/** For each file the paths where it may lie, best first, never empty. */
export type Candidates = Readonly<Record<string, readonly string[]>>;

/** Absolute URLs of a machine's files, by name. */
export type FileUrls = Readonly<Record<string, string>>;

/** A document as it is served. */
export interface Document {
  readonly type: string;
  readonly body: string;
}

/** How one machine is installed: all that scripts and documents are made of. */
export interface Install {
  /** What the screen says, such as `Harvester v1.7.0, create`. */
  readonly title: string;
  readonly needsUefi: boolean;
  readonly documents: readonly string[];
  files(templates: readonly ArtifactTemplate[]): Candidates;
  /** Throws RangeError when a value holds a character that a script could not; the inventory's own never do. */
  kernelArguments(base: string, files: FileUrls): readonly string[];
  document(name: string): Document | undefined;
}
