import type { Problem } from '@sower/machines';

/** Prints problems as compilers do, so that editors can jump to them. */
export function printProblems(problems: readonly Problem[], out: NodeJS.WritableStream): void {
  for (const { file, line, column, severity, what, hint } of problems) {
    out.write(`${file}:${line}:${column}: ${severity}: ${what}\n    ${hint}\n`);
  }
}
