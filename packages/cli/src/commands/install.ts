import { execFile } from 'node:child_process';
import { mkdir, realpath, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadData } from '@sower/appliance/data';
import { systemdUnits, SYSUSERS, type UnitFile } from '@sower/deploy';
import { dataFile, reading, UsageError, type Run } from '../command.ts';
import { printProblems } from '../problems.ts';

const UNITS = 'etc/systemd/system';
const USERS = 'etc/sysusers.d';

/** `sower install systemd`: the units of this host, written and checked. */
export const install: Run = async (words) => {
  const { values, positionals } = reading(() =>
    parseArgs({
      args: [...words],
      options: {
        data: { type: 'string' },
        interface: { type: 'string', multiple: true },
        root: { type: 'string', default: '/' },
      },
      allowPositionals: true,
    }),
  );
  if (positionals.join(' ') !== 'systemd') throw new UsageError('install what? There is `sower install systemd`');
  const { inventory, problems } = await loadData(dataFile(values.data, []));
  if (inventory === undefined) {
    printProblems(problems, process.stderr);
    return 2;
  }
  const site = {
    node: process.execPath,
    program: await realpath(process.argv[1] ?? ''),
    dataFile: await realpath(dataFile(values.data, [])),
    interfaces: values.interface ?? inventory.appliance.dhcp?.interfaces ?? [],
  };
  const units = systemdUnits(site);
  const files = [...units.map((unit) => below(values.root, UNITS, unit)), below(values.root, USERS, SYSUSERS)];
  try {
    for (const { name, text } of files) await put(name, text);
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    process.stderr.write(`sower install: ${error.message}; run it with sudo\n`);
    return 1;
  }
  process.stdout.write(files.map(({ name }) => `wrote ${name}\n`).join(''));
  const complaints = await verify(units.map((unit) => below(values.root, UNITS, unit).name));
  if (complaints !== '') {
    process.stderr.write(`sower install: systemd-analyze verify is not content:\n${complaints}\n`);
    return 1;
  }
  const names = units.map(({ name }) => name).join(' ');
  process.stdout.write(
    `next: systemd-sysusers && chgrp sower ${site.dataFile} && systemctl daemon-reload && systemctl enable --now ${names}\n`,
  );
  return 0;
};

function below(root: string, folder: string, { name, text }: UnitFile): UnitFile {
  return { name: join(root, folder, name), text };
}

/** systemd never reads half a unit: it is written beside its place and renamed. */
async function put(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.new`, text, { mode: 0o644 });
  await rename(`${path}.new`, path);
}

/** What systemd says about units: an unknown key is a line on its standard error and no other exit code. Empty where it is content. */
function verify(paths: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile('systemd-analyze', ['verify', ...paths], (error, _, stderr) => {
      const isAbsent = error !== null && error.code === 'ENOENT';
      resolve(isAbsent ? 'there is no systemd-analyze on this host' : stderr.trim());
    });
  });
}
