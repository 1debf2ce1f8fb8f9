import { BuildError, run } from './command.ts';

/** How to reach a Docker daemon: the client's program, `DOCKER_HOST` and contexts being its own affair. The daemon must be on this host. */
export interface DockerOptions {
  /** Else `docker`. */
  readonly client?: string | undefined;
  /** The text of the toolchain's Dockerfile, with the stages `native` and `cross`. */
  readonly dockerfile: string;
  /** The image that it begins with; else the Dockerfile's own. */
  readonly base?: string | undefined;
}

/** The client of these options. */
export function clientOf({ client }: DockerOptions): string {
  return client === undefined || client === '' ? 'docker' : client;
}

/** Why there is no daemon to work with, in one line; undefined when there is one. */
export async function whyNoDocker(options: DockerOptions, signal: AbortSignal): Promise<string | undefined> {
  try {
    await run(clientOf(options), ['version', '--format', '{{.Server.Version}}'], { signal });
    return undefined;
  } catch (error) {
    if (error instanceof BuildError) return error.message.split('\n').at(-1);
    throw error;
  }
}

/** Asks the client for one thing; undefined when the daemon has no such thing. BuildError when there is no client or no daemon. */
export async function inspect(
  client: string,
  args: readonly string[],
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    return (await run(client, args, { signal })).trim();
  } catch (error) {
    if (error instanceof BuildError && /no such (?:image|object)/i.test(error.message)) return undefined;
    throw error;
  }
}
