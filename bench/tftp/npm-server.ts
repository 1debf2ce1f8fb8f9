/** The npm package `tftp` as a server for the bench's site: `npm-server.js FOLDER`. */
import { createServer } from 'tftp';
import { SITE } from '../rig/site.ts';

const server = createServer({ host: SITE.server, port: 69, root: process.argv[2] ?? '.', denyPUT: true });
server.on('error', (error) => console.error(String(error)));
server.listen();
