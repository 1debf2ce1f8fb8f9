import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BuildError, run } from './command.ts';
import { digest } from './digest.ts';
import { clientOf, inspect, type DockerOptions } from './docker-client.ts';
import type { Workshop } from './driver.ts';
import { follow } from './follow.ts';
import { createLog } from './make-log.ts';
import { putText } from './put.ts';
import { crossPackagesAmong, type Needs } from './tools.ts';

/** An image with everything in it. */
export interface Image {
  readonly id: string;
  /** The version of every package in it. */
  readonly versions: ReadonlyMap<string, string>;
}

/** The toolchain's image for these needs. It is built when the daemon has none of that Dockerfile and that base. */
export async function toolchainImage(options: DockerOptions, needs: Needs, workshop: Workshop): Promise<Image> {
  const client = clientOf(options);
  const args = buildArgs(options, needs);
  const tag = `sower-ipxe-builder:${digest(JSON.stringify([options.dockerfile, args])).slice(0, 16)}`;
  const find = () => inspect(client, ['image', 'inspect', '--format', '{{.Id}}', tag], workshop.signal);
  const id = (await find()) ?? (await buildImage(client, tag, args, options.dockerfile, workshop), await find());
  if (id === undefined) throw new BuildError(`docker built the image ${tag}, and it is not there`);
  return { id, versions: await versionsIn(client, id, workshop) };
}

function buildArgs({ base }: DockerOptions, needs: Needs): readonly string[] {
  const cross = crossPackagesAmong(needs);
  return [
    ...(base === undefined || base === '' ? [] : ['--build-arg', `BASE=${base}`]),
    ...(cross.length === 0
      ? ['--target', 'native']
      : ['--target', 'cross', '--build-arg', `CROSS_PACKAGES=${cross.join(' ')}`]),
  ];
}

/** The host's network, because its apt has to reach a mirror as this host does. Nothing is sent but the Dockerfile. */
async function buildImage(
  client: string,
  tag: string,
  args: readonly string[],
  dockerfile: string,
  { cache, progress, signal }: Workshop,
): Promise<void> {
  progress(`building the toolchain's image ${tag}, once; this takes some minutes`);
  const file = join(cache, 'logs', `${tag.replace(':', '-')}.log`);
  const log = createLog('image', file, progress);
  const words = ['build', '--network=host', ...args, '-t', tag, '-'];
  const code = await follow(client, words, { signal, onLine: log.onLine, input: Buffer.from(dockerfile) });
  await log.save();
  if (code !== 0)
    throw new BuildError(
      `docker build failed, and ended so:\n${log.tail()}\nall of it: ${file}; where no registry is in reach, SOWER_DOCKER_BASE names another image to begin with`,
    );
}

/** Asked once for each image. */
async function versionsIn(
  client: string,
  id: string,
  { cache, signal }: Workshop,
): Promise<ReadonlyMap<string, string>> {
  const memory = join(cache, 'images');
  const file = join(memory, id.replace(':', '-'));
  const known = await readFile(file, 'utf8').catch(() => undefined);
  const list = known ?? (await run(client, ['run', '--rm', '--network=none', id, ...DPKG], { signal }));
  if (known === undefined) {
    await mkdir(memory, { recursive: true });
    await putText(list, file);
  }
  return new Map([...list.matchAll(/^(\S+) (\S+)$/gm)].map(([, name = '', version = '']) => [name, version]));
}

const DPKG = ['dpkg-query', '-W', '-f', '${Package} ${Version}\\n'];
