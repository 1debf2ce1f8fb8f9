import type { Problem, SharedFinding } from '@sower/machines';

/** Prints problems as compilers do, so that editors can jump to them. */
export function printProblems(problems: readonly Problem[], out: NodeJS.WritableStream): void {
  for (const { file, line, column, severity, what, hint } of problems) {
    out.write(`${file}:${line}:${column}: ${severity}: ${what}\n    ${hint}\n`);
  }
}

/** Prints findings in the same form, each with its rule and its machines. */
export function printFindings(findings: readonly SharedFinding[], out: NodeJS.WritableStream): void {
  for (const { file, line, column, severity, what, hint, rule, machines } of findings) {
    const about = `[${rule}] ${machines.join(', ')}`;
    out.write(`${file}:${line}:${column}: ${severity}: ${what} ${about}\n    ${hint}\n`);
  }
}
