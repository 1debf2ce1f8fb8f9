import { compiling } from './compile.ts';
import type { DockerOptions } from './docker-client.ts';
import type { Driver } from './driver.ts';
import { inDocker } from './in-docker.ts';
import { onHost } from './on-host.ts';

/** The driver that compiles with this host's tools. */
export function host(source: string): Driver {
  return compiling(onHost, source);
}

/** The driver that compiles in a container. */
export function docker(source: string, options: DockerOptions): Driver {
  return compiling(inDocker(options), source);
}
