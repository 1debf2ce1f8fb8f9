const ESCAPE = String.fromCodePoint(27);
const NUL = String.fromCodePoint(0);

/** What firmware writes for a terminal: colours, cursor moves, character sets. */
const SEQUENCES = new RegExp(`${ESCAPE}(?:\\[[0-9;?]*[a-zA-Z]|[()][0-9A-Za-z]|[=>c])`, 'g');

/** A serial console as readable text. iPXE wraps at 80 columns: look for short words in it. */
export function plain(serial: string): string {
  return serial.replaceAll(SEQUENCES, '').replaceAll('\r', '').replaceAll(NUL, '');
}

const WIDTH = 200;

/** The last `count` lines that are not blank; progress bars are cut. */
export function tail(text: string, count: number): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines
    .slice(-count)
    .map((line) => line.slice(0, WIDTH))
    .join('\n');
}
