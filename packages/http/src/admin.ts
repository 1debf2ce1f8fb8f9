import { createHash, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';
import type { Middleware } from 'koa';
import type { AppState } from './answer.ts';
import { makeApp, type App } from './app.ts';
import { ADMIN_ROUTES, routerOf } from './routes.ts';
import type { BootService } from './service.ts';

/**
 * Everything that is not for machines. Needs `Authorization: Bearer <token>`, and a Host that is an IP literal or
 * `localhost`: a web page that makes its own name resolve to this address cannot send one (F-H 40).
 */
export function createAdminApp(service: BootService, token: string): App {
  const app = makeApp(service);
  app.use(refuseForeignPages);
  app.use(refuseWithout(token));
  app.use(routerOf(ADMIN_ROUTES, service).routes());
  return app;
}

const refuseForeignPages: Middleware<AppState> = async ({ req, state }, next) => {
  const { host = '', origin } = req.headers;
  if (isOwnHost(host) && (origin === undefined || origin === `http://${host}`)) await next();
  else state.answer = { refused: 'foreign-page' };
};

function isOwnHost(host: string): boolean {
  const name = host.replace(/:\d{1,5}$/, '').replace(/^\[(.*)\]$/, '$1');
  return name === 'localhost' || isIP(name) !== 0;
}

function refuseWithout(token: string): Middleware<AppState> {
  const wanted = digest(token);
  return async ({ req, state }, next) => {
    const given = /^Bearer +(\S+)$/i.exec(req.headers.authorization ?? '')?.[1];
    if (given !== undefined && timingSafeEqual(digest(given), wanted)) await next();
    else state.answer = { refused: 'no-token', headers: { 'WWW-Authenticate': 'Bearer' } };
  };
}

/** Digests have one length, so the comparison tells nothing of the token's. */
function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
