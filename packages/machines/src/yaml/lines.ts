import type { Place } from '../problems.ts';

/** Turns offsets in a text into places: lines and columns counted from 1, columns in UTF-16 units. */
export function placesOf(text: string, file: string): (offset: number) => Place {
  const starts = [0];
  for (const { index, 0: lineBreak } of text.matchAll(/\r\n|\r|\n/g)) starts.push(index + lineBreak.length);
  const mark = text.startsWith('\uFEFF') ? 1 : 0;
  return (offset) => {
    const line = lastAtMost(starts, offset);
    const start = Math.max(starts[line] ?? 0, line === 0 ? mark : 0);
    return { file, line: line + 1, column: Math.max(0, offset - start) + 1 };
  };
}

function lastAtMost(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}
