import { Router } from '@koa/router';
import { allMasked, allShown } from './all.ts';
import { text, type AppState, type Handler } from './answer.ts';
import { artifact } from './artifact.ts';
import { asked } from './asked.ts';
import { config } from './config.ts';
import { script } from './script.ts';
import type { BootService } from './service.ts';

/** URLs and what answers them; GET and HEAD each. */
export type Routes = Readonly<Record<string, Handler>>;

/** The whole boot listener (decisions.md section 1). */
export const BOOT_ROUTES: Routes = {
  '/ipxe/:mac': script,
  '/config/:mac/:name': config,
  '/artifacts/*path': artifact,
  '/all': allMasked,
  '/healthz': () => text('ok\n'),
};

/** The admin listener, so far. */
export const ADMIN_ROUTES: Routes = {
  '/all': allShown,
};

/** The router that finds the handler of a path and keeps its answer. */
export function routerOf(routes: Routes, service: BootService): Router<AppState> {
  const router = new Router<AppState>({ sensitive: true });
  for (const [path, handler] of Object.entries(routes)) {
    router.get(path, async (ctx) => {
      const { proxies } = service.inventory().appliance.http;
      ctx.state.answer = await handler(asked(ctx.req, ctx.state.path, ctx.params, proxies), service);
    });
  }
  return router;
}
