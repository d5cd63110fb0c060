import { Hono } from 'hono';
import { createEventStreams } from './event-streams.ts';
import { loadAssets } from './load-assets.ts';
import type { Installation } from './page.ts';
import { createResponder } from './responder.ts';
import { approvalRoutes } from './routes/approval-routes.ts';
import { assetRoutes } from './routes/asset-routes.ts';
import { batchRoutes } from './routes/batch-routes.ts';
import { delegationRoutes } from './routes/delegation-routes.ts';
import { inboxRoutes } from './routes/inbox-routes.ts';
import { loginRoutes } from './routes/login-routes.ts';
import { passkeyRoutes } from './routes/passkey-routes.ts';
import { reauthenticationRoutes } from './routes/reauthentication-routes.ts';
import { runRoutes } from './routes/run-routes.ts';
import { securityHeaders } from './security-headers.ts';
import type { WebDependencies } from './web-dependencies.ts';

/**
 * The pages for people, rendered by the server and whole without script.
 * Mount it after the HTTP API: what neither knows and asks for HTML is answered here with a page.
 */
export function createWeb(dependencies: WebDependencies): Hono {
  const installation = describeInstallation(dependencies);
  const responder = createResponder(dependencies, installation);
  const streams = createEventStreams();
  const web = new Hono();
  const { reauthentication } = dependencies.services;
  web.use(securityHeaders(dependencies.publicUrl));
  web.onError((error, context) => responder.problem(context, error));
  for (const routes of [
    assetRoutes(installation.assets),
    ...(reauthentication === undefined ? [] : [reauthenticationRoutes(reauthentication, responder)]),
    loginRoutes(dependencies, responder),
    inboxRoutes(dependencies, responder, installation, streams),
    batchRoutes(dependencies, responder, installation),
    approvalRoutes(dependencies, responder, installation, streams),
    runRoutes(dependencies, responder, installation),
    passkeyRoutes(dependencies, responder, installation),
    delegationRoutes(dependencies, responder, installation),
  ]) {
    web.route('/', routes);
  }
  web.get('/*', (context, next) => (wantsPage(context.req.header('accept')) ? responder.notFound(context) : next()));
  return web;
}

function describeInstallation({ services, mode }: WebDependencies): Installation {
  const offered = services.sessions.offered();
  const embedded = mode === 'embedded' ? ['Embedded mode'] : [];
  const notice =
    offered.length > 0
      ? ['Development identities', ...embedded.map((text) => text.toLowerCase()), 'this machine only']
      : embedded;
  return {
    assets: loadAssets(),
    notice: notice.join(' · '),
    nameOf: (subject) => services.nameOf(subject),
  };
}

function wantsPage(accept: string | undefined): boolean {
  return accept?.includes('text/html') ?? false;
}
