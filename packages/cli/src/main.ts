import { UsageError, type Command } from './command.ts';

/** Every command, in the order of the help text. */
const COMMANDS: readonly Command[] = [
  {
    name: 'serve',
    usage:
      'serve --data FILE [--state DIR] [--artifacts DIR] [--iso FILE] [--log-level debug|info|warn|error] [--json]',
    summary: 'run the appliance; --json writes the log as JSON lines even to a terminal',
    load: async () => (await import('./commands/serve.ts')).serve,
  },
  {
    name: 'check',
    usage: 'check FILE [--online] [--json]',
    summary: 'report every problem of a data file and of each machine’s config; --online asks for the files they name',
    load: async () => (await import('./commands/check.ts')).check,
  },
  {
    name: 'machines',
    usage: 'machines --data FILE [--json]',
    summary: 'list the machines of a data file with their script URLs; --json adds values and masked configs',
    load: async () => (await import('./commands/machines.ts')).machines,
  },
  {
    name: 'leases',
    usage: 'leases [export | import FILE] (--data FILE | --state DIR) [--json]',
    summary:
      'list the leases; export writes them as JSON (as does --json), import takes a file over, all of it or nothing',
    load: async () => (await import('./commands/leases.ts')).leases,
  },
  {
    name: 'quirks',
    usage: 'quirks [--data FILE] [--json]',
    summary: 'list the clients that are treated in their own way, those of a data file included; --json for programs',
    load: async () => (await import('./commands/quirks.ts')).quirks,
  },
  {
    name: 'build',
    usage:
      'build iso|usb|loaders [--data FILE] [--url URL] [--mac MAC] [--script FILE] [--out FILE|DIR] [--platform bios,x64,arm64]\n' +
      '      [--driver auto|docker|host|assemble] [--source DIR|TARBALL|GIT-URL[#REF]] [--ca FILE] [--json]',
    summary: 'make boot media that ask this site for their script, or the loaders that it serves',
    load: async () => (await import('./commands/build.ts')).build,
  },
  {
    name: 'install',
    usage: 'install systemd --data FILE [--interface NAME]... [--root DIR]',
    summary:
      'write the systemd service and its socket units, and check them; --root writes below another folder than /',
    load: async () => (await import('./commands/install.ts')).install,
  },
  {
    name: 'libvirt',
    usage:
      'libvirt network --data FILE [--address IPV4]\n' +
      '  sower libvirt domain NAME --data FILE [--iso FILE] [--memory MIB] [--vcpus N] [--disk SPEC]',
    summary: 'print the XML of the network, or the virt-install commands of a machine: PXE and ISO, BIOS and UEFI',
    load: async () => (await import('./commands/libvirt.ts')).libvirt,
  },
];

/** As the package has it. */
const VERSION = '0.1.0';

const HELP = [
  'sower: from power-on to an installed system, from one data.yaml',
  '',
  'usage:',
  ...COMMANDS.map(({ usage, summary }) => `  sower ${usage}\n      ${summary}`),
  '',
  'exit codes: 0 all well, 1 it could not start or build, or a machine would not be installed as it is,',
  '            2 the data file or the command line is wrong',
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
    const run = await command.load();
    return await run(rest);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`sower ${name}: ${error.message}\nusage: sower ${command.usage}\n`);
    return 2;
  }
}

process.exitCode = await main(process.argv.slice(2));
