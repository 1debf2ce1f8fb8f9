import type { Place } from '../problems.ts';

/** A value of YAML's core schema (YAML 1.2.2 section 10.3). */
export type CoreValue = string | number | boolean | null;

export type ScalarStyle = 'plain' | 'single' | 'double' | 'literal' | 'folded';

/** A located, immutable node. An alias is the very node of its anchor, so identity tells where a value came from. */
export type Node = Scalar | Sequence | Mapping;

interface Located {
  readonly place: Place;
  /** Nodes below this one, aliases written out, itself included. */
  readonly size: number;
}

export interface Scalar extends Located {
  readonly kind: 'scalar';
  /** What is written, quotes and escapes resolved: for a plain scalar its source text. */
  readonly text: string;
  readonly style: ScalarStyle;
  readonly value: CoreValue;
}

export interface Sequence extends Located {
  readonly kind: 'sequence';
  readonly items: readonly Node[];
}

export interface Mapping extends Located {
  readonly kind: 'mapping';
  /** By key text, in source order; merged entries stand where their `<<` stands. */
  readonly entries: ReadonlyMap<string, Entry>;
  /** The mappings that `<<` brought in, in order. */
  readonly merges: readonly Mapping[];
}

export interface Entry {
  readonly key: Scalar;
  readonly value: Node;
  /** The merged value that this entry hides: `<<` is shallow. */
  readonly hides: Node | undefined;
}
