/** A row of a table: what it is about, and its cells as text. */
export type Row = readonly [string, ...string[]];

/** A Markdown table; a header of n words and rows of as many cells. Columns after the first are numbers, aligned right. */
export function table(header: Row, rows: readonly Row[]): string {
  const lines = [header, header.map((_, at) => (at === 0 ? '---' : '---:')), ...rows];
  return lines.map((cells) => `| ${cells.map(cellText).join(' | ')} |\n`).join('');
}

function cellText(text: string): string {
  return text.replaceAll('|', '\\|');
}

/** A number with three significant digits and thousands set apart; "–" where nothing was measured. */
export function figure(value: number | undefined): string {
  if (value === undefined || Number.isNaN(value)) return '–';
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** How many times the other one ours is: "1.25×"; "–" where either was not measured. */
export function ratio(ours: number | undefined, theirs: number | undefined): string {
  if (ours === undefined || theirs === undefined || theirs === 0) return '–';
  const times = ours / theirs;
  return Number.isNaN(times) ? '–' : `${times.toFixed(2)}×`;
}
