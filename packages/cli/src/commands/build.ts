import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadData } from '@sower/appliance';
import { chainScript, type Machine } from '@sower/machines';
import {
  assemble,
  build as buildMedium,
  BuildError,
  DEFAULT_EPOCH,
  DRIVERS,
  parsePlatforms,
  PLATFORMS,
  scriptProblem,
} from '@sower/node-ipxe-builder';
import { reading, UsageError, type Command } from '../command.ts';
import { printProblems } from '../problems.ts';

const DEFAULT_DATA = 'examples/data.yaml';

/** `sower build iso`: boot media with a script of the site's own on them. */
export const build: Command = {
  name: 'build',
  usage:
    'build iso [--data FILE] [--url URL] [--mac MAC] [--script FILE] [--out FILE] [--platform bios,x64,arm64]\n' +
    '      [--driver auto|assemble] [--json]',
  summary: 'make an ISO for CD and USB stick that boots iPXE and asks this site for its script',
  async run(words) {
    const options = read(words);
    const script = await scriptFor(options);
    if (script === undefined) return 2;
    const recipe = { script, platforms: options.platforms, epoch: epochOf(process.env.SOURCE_DATE_EPOCH) };
    const tell = (line: string) => process.stderr.write(`sower build: ${line}\n`);
    if (options.driver === 'auto') tell('driver assemble: it needs no compiler, and is the only one there is yet');
    const interrupted = interruptible();
    try {
      const built = await buildMedium(assemble, recipe, options.out, {
        cache: join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'sower'),
        progress: tell,
        signal: interrupted,
      });
      const { file, manifestFile, manifest, isNew } = built;
      if (options.json) {
        process.stdout.write(`${JSON.stringify({ file, manifestFile, isNew, manifest }, null, 2)}\n`);
      } else {
        const size = (manifest.output.bytes / 1e6).toFixed(1);
        const origin = isNew ? 'new' : 'from the cache';
        process.stdout.write(`${file}: ${size} MB, for ${manifest.platforms.join(', ')}, ${origin}\n`);
      }
      return 0;
    } catch (error) {
      if (interrupted.aborted) {
        tell('interrupted; nothing was left behind');
        return 130;
      }
      // a folder that cannot be written, a full disk: the system's own words name the path
      const isExpected = error instanceof BuildError || (error instanceof Error && 'syscall' in error);
      if (!isExpected) throw error;
      tell(error.message);
      return 1;
    }
  },
};

type Options = ReturnType<typeof read>;

/** The command line, decoded. UsageError for what is wrong, and for what does not exist yet. */
function read(words: readonly string[]) {
  const { values, positionals } = reading(() =>
    parseArgs({
      args: [...words],
      options: {
        data: { type: 'string' },
        url: { type: 'string' },
        mac: { type: 'string' },
        script: { type: 'string' },
        out: { type: 'string', default: 'dist/ipxe.iso' },
        platform: { type: 'string', default: PLATFORMS.join(',') },
        driver: { type: 'string', default: 'auto' },
        ca: { type: 'string' },
        json: { type: 'boolean', default: false },
      },
      allowPositionals: true,
    }),
  );
  const { data, url, mac, script, out, driver, ca, json } = values;
  const [medium, ...more] = positionals;
  if (medium !== 'iso' || more.length > 0) throw new UsageError('build what? There is `sower build iso`');
  if (![...DRIVERS, 'auto'].includes(driver)) throw new UsageError(`--driver is auto or one of ${DRIVERS.join(', ')}`);
  if (ca !== undefined) {
    throw new UsageError(
      '--ca needs an iPXE that is compiled with it, by the driver docker or host, which are not available yet; assemble takes prebuilt ones',
    );
  }
  if (driver === 'docker' || driver === 'host')
    throw new UsageError(`the driver ${driver} is not available yet; there is assemble`);
  const platforms = parsePlatforms(values.platform);
  if (platforms === undefined) throw new UsageError(`--platform is a list of ${PLATFORMS.join(', ')}`);
  if (script !== undefined && (data ?? url ?? mac) !== undefined) {
    throw new UsageError('--script embeds a script as it is: --data, --url and --mac have no say in it');
  }
  return { data: data ?? DEFAULT_DATA, url, mac, script, out, platforms, driver, json };
}

/** The script's bytes; undefined when the data file has errors, which are printed. */
async function scriptFor({ data, url, mac, script: file }: Options): Promise<Uint8Array | undefined> {
  if (file !== undefined) return ownScript(file);
  const { inventory, problems } = await loadData(data);
  if (inventory === undefined) {
    printProblems(problems, process.stderr);
    return undefined;
  }
  const base = (url ?? inventory.appliance.http.url)?.replace(/\/+$/, '');
  if (base === undefined) {
    throw new UsageError(`where do the machines find sower? Neither --url nor appliance.http.url in ${data} says it`);
  }
  if (!/^https?:\/\/[A-Za-z0-9._:-]+(?:\/[A-Za-z0-9._/-]*)?$/.test(base))
    throw new UsageError(`${base} is no URL for a script`);
  return Buffer.from(chainScript(base, mac === undefined ? undefined : machineOf(inventory.machines, mac)));
}

async function ownScript(file: string): Promise<Uint8Array> {
  const bytes = await readFile(file).catch((error: unknown) => {
    throw new UsageError(`the script cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  });
  const problem = scriptProblem(bytes);
  if (problem !== undefined) throw new UsageError(`${file} is no iPXE script: ${problem}`);
  return bytes;
}

function machineOf(machines: readonly Machine[], mac: string): Machine {
  const digits = (text: string) => text.toLowerCase().replaceAll(/[^0-9a-f]/g, '');
  const machine = machines.find(({ macs }) => macs.some((own) => digits(own) === digits(mac)));
  if (machine === undefined) throw new UsageError(`no machine of the data file has the MAC ${mac}`);
  return machine;
}

/** The convention of reproducible builds: a time in seconds since 1970. FAT knows none before 1980. */
function epochOf(text: string | undefined): number {
  if (text === undefined || text === '') return DEFAULT_EPOCH;
  const seconds = Number(text);
  if (!/^\d+$/.test(text) || seconds < 315_532_800 || seconds > 4_102_444_800) {
    throw new UsageError(`SOURCE_DATE_EPOCH is ${text}: it must be seconds between the years 1980 and 2100`);
  }
  return seconds;
}

/** Aborted at the first request to stop. */
function interruptible(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => controller.abort());
  return controller.signal;
}
