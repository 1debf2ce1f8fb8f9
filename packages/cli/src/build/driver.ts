import { readFile } from 'node:fs/promises';
import {
  assemble,
  chooseDriver,
  docker,
  host,
  type DockerOptions,
  type Driver,
  type DriverName,
  type Recipe,
  type Workshop,
} from '@sower/node-ipxe-builder';
import { emptyAsNone, type Options } from './options.ts';

const DOCKERFILE = new URL('../../../../docker/ipxe-builder/Dockerfile', import.meta.url);

/** The driver of the command line, or the one that `auto` chooses, which is told with its reason. */
export async function driverFor(
  { driver, source }: Options,
  recipe: Recipe,
  environment: NodeJS.ProcessEnv,
  workshop: Workshop,
): Promise<Driver> {
  if (source === undefined && driver === 'assemble') return assemble;
  const options: DockerOptions = {
    client: emptyAsNone(environment.SOWER_DOCKER),
    base: emptyAsNone(environment.SOWER_DOCKER_BASE),
    dockerfile: await readFile(DOCKERFILE, 'utf8'),
  };
  if (driver !== 'auto') return named(driver, source, options);
  const chosen = await chooseDriver(recipe, source, options, workshop);
  workshop.progress(`driver ${chosen.driver}: ${chosen.why}`);
  return named(chosen.driver, source, options);
}

function named(driver: DriverName, source: string | undefined, options: DockerOptions): Driver {
  if (driver === 'assemble' || source === undefined) return assemble;
  return driver === 'docker' ? docker(source, options) : host(source);
}
