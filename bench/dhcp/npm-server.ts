/** The npm package `dhcp` as a server for the bench's site. */
import { createServer } from 'dhcp';
import { SITE } from '../rig/site.ts';

createServer({
  range: [SITE.pool.first, SITE.pool.last],
  netmask: SITE.netmask,
  router: [SITE.server],
  broadcast: SITE.broadcast,
  server: SITE.server,
  leaseTime: SITE.leaseSeconds,
}).listen(67);
