import { build } from './commands/build.ts';
import { check } from './commands/check.ts';
import { install } from './commands/install.ts';
import { leases } from './commands/leases.ts';
import { machines } from './commands/machines.ts';
import { serve } from './commands/serve.ts';
import { UsageError, type Command } from './command.ts';

/** Every command, in the order of the help text. */
const COMMANDS: readonly Command[] = [serve, check, machines, leases, build, install];

/** As the package has it. */
const VERSION = '0.1.0';

const HELP = [
  'sower: from power-on to an installed system, from one data.yaml',
  '',
  'usage:',
  ...COMMANDS.map(({ usage, summary }) => `  sower ${usage}\n      ${summary}`),
  '',
  'exit codes: 0 all well, 1 it could not start or build, 2 the data file or the command line is wrong',
].join('\n');

async function main(words: readonly string[]): Promise<number> {
  const [name, ...rest] = words;
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    process.stdout.write(`${HELP}\n`);
    return name === undefined ? 2 : 0;
  }
  if (name === '--version') {
    process.stdout.write(`sower ${VERSION}\n`);
    return 0;
  }
  const command = COMMANDS.find((candidate) => candidate.name === name);
  if (command === undefined) {
    process.stderr.write(`sower: there is no command ${JSON.stringify(name)}; see sower --help\n`);
    return 2;
  }
  if (rest.includes('--help')) {
    process.stdout.write(`usage: sower ${command.usage}\n${command.summary}\n`);
    return 0;
  }
  try {
    return await command.run(rest);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`sower ${name}: ${error.message}\nusage: sower ${command.usage}\n`);
    return 2;
  }
}

process.exitCode = await main(process.argv.slice(2));
