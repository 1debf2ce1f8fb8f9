import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Launch, Rig } from './rig.ts';
import { SITE } from './site.ts';

/** nginx with one worker per processor, which serves the folder as it is on the site's HTTP port. */
export async function nginxLaunch({ peers }: Rig, folder: string): Promise<Launch> {
  const config = join(folder, 'nginx.conf');
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/tmp;`,
  );
  await writeFile(
    config,
    `daemon off; user root; worker_processes auto; pid ${folder}/pid; error_log ${folder}/error.log;
events { worker_connections 4096; }
http {
  access_log ${folder}/access.log; sendfile on; tcp_nopush on; ${temporary.join(' ')}
  server { listen ${SITE.server}:${SITE.httpPort} backlog=4096; root ${folder}; default_type text/plain; }
}
`,
  );
  return {
    command: peers.program('usr/sbin/nginx'),
    args: ['-p', folder, '-c', config, '-e', 'stderr'],
    env: peers.env,
  };
}
