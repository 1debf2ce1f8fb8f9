import { BuildError } from './command.ts';
import { whyNoDocker, type DockerOptions } from './docker-client.ts';
import type { DriverName, Workshop } from './driver.ts';
import { onHost } from './on-host.ts';
import type { Recipe } from './recipe.ts';
import { compilingNeeds } from './tools.ts';

/** A driver, and why that one, in words. */
export interface Choice {
  readonly driver: DriverName;
  readonly why: string;
}

/** Chooses the driver that can make this: without a source the one that needs none, else Docker, else this host's compilers. */
export async function chooseDriver(
  recipe: Recipe,
  source: string | undefined,
  options: DockerOptions,
  workshop: Workshop,
): Promise<Choice> {
  if (source === undefined) {
    if (recipe.ca === undefined)
      return { driver: 'assemble', why: 'no source of iPXE is given, and this one needs no compiler' };
    throw new BuildError(
      'a CA of yours must be compiled in: give the source of iPXE, with --source or SOWER_IPXE_SOURCE',
    );
  }
  const noDocker = await whyNoDocker(options, workshop.signal);
  if (noDocker === undefined)
    return { driver: 'docker', why: 'a source of iPXE is given, and a Docker daemon answers' };
  const noHost = await whyNoHost(recipe, workshop);
  if (noHost === undefined)
    return { driver: 'host', why: `a source of iPXE is given, and the tools are here; no Docker: ${noDocker}` };
  throw new BuildError(`the source cannot be compiled, neither with Docker (${noDocker}) nor here (${noHost})`);
}

async function whyNoHost(recipe: Recipe, workshop: Workshop): Promise<string | undefined> {
  try {
    await onHost.find(compilingNeeds(recipe, process.arch), workshop);
    return undefined;
  } catch (error) {
    if (error instanceof BuildError) return error.message;
    throw error;
  }
}
