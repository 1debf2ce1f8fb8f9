/** A place in a file, both counted from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Something wrong with the data file, or worth a look: where, what, and what to do. Never quotes a secret. */
export interface Problem extends Place {
  readonly severity: 'error' | 'warning';
  readonly what: string;
  readonly hint: string;
}

/** Collects what is wrong with one file. The same fault of a shared (aliased) value is kept once. */
export class Report {
  readonly #problems = new Map<string, Problem>();

  error(place: Place, what: string, hint: string): void {
    this.#add({ ...place, severity: 'error', what, hint });
  }

  warning(place: Place, what: string, hint: string): void {
    this.#add({ ...place, severity: 'warning', what, hint });
  }

  /** Everything found, in the order of the file. */
  problems(): readonly Problem[] {
    return [...this.#problems.values()].toSorted((a, b) => a.line - b.line || a.column - b.column);
  }

  get hasErrors(): boolean {
    return [...this.#problems.values()].some(({ severity }) => severity === 'error');
  }

  hasErrorAt({ line, column }: Place): boolean {
    return [...this.#problems.values()].some(
      (problem) => problem.severity === 'error' && problem.line === line && problem.column === column,
    );
  }

  #add(problem: Problem): void {
    this.#problems.set(`${problem.line}:${problem.column}:${problem.what}`, problem);
  }
}
