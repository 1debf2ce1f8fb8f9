/**
 * A small checker of iPXE scripts, written from iPXE's image/script.c and core/exec.c: one line is one sequence of
 * commands, parted by `&&`, `||` and `;`; a label is a line that begins with a colon; a command that fails ends the
 * script unless `||` follows it.
 */

/** Commands that builds of 2019 have, with what of ours may fail for reasons outside the script. */
const FALLIBLE = new Set([
  'kernel',
  'initrd',
  'chain',
  'boot',
  'dhcp',
  'iflinkwait',
  'isset',
  'iseq',
  'sanboot',
  'ifclose',
  'poweroff',
]);
const SAFE = new Set(['imgfree', 'echo', 'goto', 'sleep', 'set', 'inc', 'exit']);

/** What is wrong with a script; nothing when iPXE reads it as it is meant. */
export function faultsOf(script: string): readonly string[] {
  const faults: string[] = [];
  if (!script.startsWith('#!ipxe\n')) faults.push('does not begin with #!ipxe and a line feed');
  if (!script.endsWith('\n')) faults.push('does not end with a line feed');
  if (!/^[\n -~]*$/.test(script)) faults.push('holds more than printable ASCII and line feeds');
  const lines = script.split('\n').slice(1, -1);
  const labels = lines.filter((line) => line.startsWith(':')).map((line) => line.slice(1));
  if (new Set(labels).size !== labels.length) faults.push('a label is there twice');
  const targets = lines.flatMap((line) =>
    [...line.matchAll(/(?<=^|[&|;] )goto (\S+)/g)].map(([, label]) => label ?? ''),
  );
  for (const target of targets) if (!labels.includes(target)) faults.push(`goto ${target} leads nowhere`);
  for (const label of labels) {
    const index = lines.indexOf(`:${label}`);
    const isReachedFromAbove = index > 0 && !/^(?:goto|exit)\b/.test(lines[index - 1] ?? '');
    if (!targets.includes(label) && !isReachedFromAbove) faults.push(`nothing leads to :${label}`);
  }
  for (const line of lines.filter((text) => !text.startsWith(':'))) faults.push(...faultsOfLine(line));
  return faults;
}

function faultsOfLine(line: string): readonly string[] {
  const faults: string[] = [];
  const words = line.split(' ');
  if (words[0] !== 'echo' && words.includes('')) {
    // only `||` may end a line: then nothing happens after a failure
    faults.push(`empty word in: ${line}`);
  }
  const commands = line.split(/ (?:&&|\|\||;)(?: |$)/);
  for (const [index, text] of commands.entries()) {
    const [name = ''] = text.split(' ');
    if (name === '' && index > 0) continue;
    if (!FALLIBLE.has(name) && !SAFE.has(name)) faults.push(`unknown command: ${name}`);
  }
  const [first = ''] = words;
  if (FALLIBLE.has(first) && !line.includes(' ||')) faults.push(`ends the script when it fails: ${line}`);
  return faults;
}

/** The commands of a script, in order, without labels. */
export function commandsOf(script: string): readonly string[] {
  return script.split('\n').filter((line) => line !== '' && !line.startsWith(':') && !line.startsWith('#'));
}
