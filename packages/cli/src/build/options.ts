import { parseArgs } from 'node:util';
import { DRIVERS, OUTPUTS, parsePlatforms, PLATFORMS, type DriverName, type Output } from '@sower/node-ipxe-builder';
import { reading, UsageError } from '../command.ts';

const DEFAULT_DATA = 'examples/data.yaml';

/** Where media go unless `--out` says something else. Loaders go to where the appliance serves them. */
export const DEFAULT_OUT = { iso: 'dist/ipxe.iso', usb: 'dist/ipxe.usb', loaders: undefined } as const satisfies Record<
  Output,
  string | undefined
>;

/** The command line of `sower build`, decoded. */
export type Options = ReturnType<typeof readOptions>;

/** Reads words and the environment. UsageError for what is wrong. */
export function readOptions(words: readonly string[], environment: NodeJS.ProcessEnv) {
  const { values, positionals } = reading(() =>
    parseArgs({
      args: [...words],
      options: {
        data: { type: 'string' },
        url: { type: 'string' },
        mac: { type: 'string' },
        script: { type: 'string' },
        out: { type: 'string' },
        platform: { type: 'string', default: PLATFORMS.join(',') },
        driver: { type: 'string', default: 'auto' },
        source: { type: 'string' },
        ca: { type: 'string' },
        json: { type: 'boolean', default: false },
      },
      allowPositionals: true,
    }),
  );
  const { data, url, mac, script, out, ca, json } = values;
  const [named, ...more] = positionals;
  const output = OUTPUTS.find((name) => name === named);
  if (output === undefined || more.length > 0) throw new UsageError(`build what? One of ${OUTPUTS.join(', ')}`);
  const platforms = parsePlatforms(values.platform);
  if (platforms === undefined) throw new UsageError(`--platform is a list of ${PLATFORMS.join(', ')}`);
  const isDataUsed = script === undefined || output === 'loaders';
  if (script !== undefined && ((data !== undefined && !isDataUsed) || (url ?? mac) !== undefined)) {
    throw new UsageError('--script embeds a script as it is: --data, --url and --mac have no say in it');
  }
  const source = values.source ?? emptyAsNone(environment.SOWER_IPXE_SOURCE);
  const driver = readDriver(values.driver, ca, source);
  // `auto` takes prebuilt iPXE only where there is no source
  const isCompiled = driver !== 'assemble' && source !== undefined;
  const isDataNamed = data !== undefined;
  return {
    output,
    isCompiled,
    isDataNamed,
    data: data ?? DEFAULT_DATA,
    url,
    mac,
    script,
    out,
    platforms,
    driver,
    source,
    ca,
    json,
  };
}

/** An environment variable that is set to nothing is not set. */
export function emptyAsNone(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}

function readDriver(text: string, ca: string | undefined, source: string | undefined): DriverName | 'auto' {
  const driver = text === 'auto' ? 'auto' : DRIVERS.find((name) => name === text);
  if (driver === undefined) throw new UsageError(`--driver is auto or one of ${DRIVERS.join(', ')}`);
  if (driver === 'assemble') {
    if (ca === undefined) return driver;
    throw new UsageError(
      '--ca needs an iPXE that is compiled with it, by the driver docker or host; assemble takes prebuilt ones',
    );
  }
  const wants =
    driver === 'auto' ? '--ca needs an iPXE that is compiled with it' : `the driver ${driver} compiles iPXE`;
  if (source === undefined && (driver !== 'auto' || ca !== undefined)) {
    throw new UsageError(
      `${wants}: give its source with --source DIR|TARBALL|GIT-URL[#REF], or in the environment as SOWER_IPXE_SOURCE`,
    );
  }
  return driver;
}
