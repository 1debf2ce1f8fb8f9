import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Inventory } from '@sower/machines';
import { build as buildProduct, BuildError, DEFAULT_EPOCH, type Built, type Recipe } from '@sower/node-ipxe-builder';
import { driverFor } from '../build/driver.ts';
import { DEFAULT_OUT, emptyAsNone, readOptions, type Options } from '../build/options.ts';
import { ownCertificate, ownScript, siteScript } from '../build/script.ts';
import { UsageError, type Run } from '../command.ts';
import { printProblems } from '../problems.ts';

/** `sower build`: boot media with a script of the site's own on them, and loaders. */
export const build: Run = async (words) => {
  const options = readOptions(words, process.env);
  const site = await loadSite(options);
  if (site === 'invalid') return 2;
  const recipe: Recipe = {
    output: options.output,
    platforms: options.platforms,
    script: await scriptFor(options, site),
    ca: options.ca === undefined ? undefined : await ownCertificate(options.ca),
    epoch: epochOf(process.env.SOURCE_DATE_EPOCH),
  };
  const out = options.out ?? DEFAULT_OUT[options.output] ?? loadersFolder(site);
  const tell = (line: string) => process.stderr.write(`sower build: ${line}\n`);
  const interrupted = interruptible();
  const workshop = { cache: cacheFolder(process.env), progress: tell, signal: interrupted };
  try {
    const driver = await driverFor(options, recipe, process.env, workshop);
    if (recipe.script === undefined)
      tell('prebuilt loaders, as the package has them: DHCP tells them the URL of their script');
    report(await buildProduct(driver, recipe, out, workshop), options);
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
};

/** The data file's content where it has a say; its errors are printed. */
async function loadSite(options: Options): Promise<Inventory | 'invalid' | undefined> {
  const { data, isDataNamed, url, mac, script, output, out } = options;
  // a URL is all that the script of a site needs
  const isUrlEnough = url !== undefined && mac === undefined && !isDataNamed;
  const isNeeded =
    (takesScript(options) && script === undefined && !isUrlEnough) || (output === 'loaders' && out === undefined);
  if (!isNeeded) return undefined;
  // a script of the user's own is not to wait for the rooms that read a data file
  const { loadData } = await import('@sower/appliance/data');
  const { inventory, problems } = await loadData(data, { artifacts: emptyAsNone(process.env.SOWER_ARTIFACTS) });
  if (inventory === undefined) printProblems(problems, process.stderr);
  return inventory ?? 'invalid';
}

/** Where the appliance looks for loaders before it takes the distribution's. */
function loadersFolder(site: Inventory | undefined): string {
  const artifacts = site?.appliance.artifacts;
  if (artifacts !== undefined && 'folder' in artifacts) return join(artifacts.folder, 'loaders');
  throw new UsageError('`artifacts` of the data file is on another server: name a folder with --out');
}

/** Prebuilt loaders are as they are. */
function takesScript({ output, isCompiled }: Options): boolean {
  return output !== 'loaders' || isCompiled;
}

async function scriptFor(options: Options, site: Inventory | undefined): Promise<Uint8Array | undefined> {
  const { script, url, mac } = options;
  if (!takesScript(options)) {
    if ((script ?? url ?? mac) === undefined) return undefined;
    throw new UsageError(
      'prebuilt loaders take no script along: --script, --url and --mac need the driver docker or host, and those a --source',
    );
  }
  if (script !== undefined) return await ownScript(script);
  return siteScript(site, options);
}

function report({ files, manifestFile, manifest, isNew }: Built, { json }: Options): void {
  if (json) {
    process.stdout.write(`${JSON.stringify({ files, manifestFile, isNew, manifest }, null, 2)}\n`);
    return;
  }
  const bytes = Object.values(manifest.output).map((measured) => measured.bytes);
  const origin = isNew ? 'new' : 'from the cache';
  const whose = manifest.product === 'hybrid' ? ` for ${manifest.platforms.join(', ')},` : '';
  for (const [index, file] of files.entries())
    process.stdout.write(`${file}: ${((bytes[index] ?? 0) / 1e6).toFixed(1)} MB,${whose} ${origin}\n`);
}

function cacheFolder({ XDG_CACHE_HOME }: NodeJS.ProcessEnv): string {
  return join(emptyAsNone(XDG_CACHE_HOME) ?? join(homedir(), '.cache'), 'sower');
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
