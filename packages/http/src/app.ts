import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import Koa, { type Middleware } from 'koa';
import type { AppState } from './answer.ts';
import { replyTo } from './errors.ts';
import { guard } from './guard.ts';
import { peerOf } from './peer.ts';
import { BOOT_ROUTES, routerOf } from './routes.ts';
import { send } from './send.ts';
import type { BootService } from './service.ts';
import { formatTarget, readTarget, withoutQuery } from './target.ts';

/** An application of this package; it owns no socket, listen.ts opens one for it. */
export type App = Koa<AppState>;

/** The boot plane: everything that a machine fetches, by GET and HEAD alone (D-22). */
export function createApp(service: BootService): App {
  const app = makeApp(service);
  app.use(routerOf(BOOT_ROUTES, service).routes());
  return app;
}

/** The middleware that every listener begins with. */
export function makeApp(service: Pick<BootService, 'observe' | 'inventory'>): App {
  const app: App = new Koa<AppState>();
  // What reaches Koa's own handler is a socket that broke, which the event of its request tells already.
  app.silent = true;
  app.use(deliver(service));
  app.use(refuseUnfit);
  app.use(readPath);
  return app;
}

/** Sends whatever the rest of the list answers and observes it: the only place that writes. */
function deliver({ observe, inventory }: Pick<BootService, 'observe' | 'inventory'>): Middleware<AppState> {
  return async (ctx, next) => {
    const { req, res, state } = ctx;
    // Koa would chunk streams, guess types and add parameters to them; firmware forbids all three (D-02, D-06).
    ctx.respond = false;
    const address = peerOf(req, inventory().appliance.http.proxies);
    const head = req.method === 'HEAD';
    state.path = withoutQuery(req.url ?? '');
    state.answer = { refused: 'no-such-path' };
    await turn(res);
    try {
      await next();
    } catch (cause) {
      state.answer = { refused: 'fault', step: { kind: 'fault', path: state.path.slice(0, LONGEST_LOGGED), cause } };
    }
    const told = state.path.slice(0, LONGEST_LOGGED);
    const reply = 'refused' in state.answer ? replyTo(state.answer, told, req.headers.accept) : state.answer;
    const delivery = await send(res, head, reply);
    const asksOnly = head && reply.status < 400;
    if (reply.step !== undefined && !asksOnly) observe({ ...reply.step, address, delivery });
  };
}

/** Characters of a path that an event carries: whoever asks for long ones must not fill the log. */
const LONGEST_LOGGED = 256;

const refuseUnfit: Middleware<AppState> = async ({ req, state }, next) => {
  const refusal = guard(req);
  if (refusal === undefined) await next();
  else state.answer = refusal;
};

/** Leaves one encoded form of each path to the router, without its query: what is matched is what was checked. */
const readPath: Middleware<AppState> = async (ctx, next) => {
  const target = readTarget(ctx.url);
  if (target === undefined) {
    ctx.state.answer = { refused: 'bad-target' };
    return;
  }
  ctx.url = formatTarget(target);
  ctx.state.path = ctx.url;
  await next();
};

/**
 * Waits until this response is first on its connection. Node runs pipelined requests at once and queues their answers,
 * but tells a queued one nothing when the connection dies; here it has opened no file by then, and is simply dropped.
 */
async function turn(response: ServerResponse): Promise<void> {
  if (response.socket === null) await once(response, 'socket');
}
