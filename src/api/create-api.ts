import { randomUUID } from 'node:crypto';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { CountersignError } from '../domain/countersign-error.ts';
import type { Clock } from '../ports/clock.port.ts';
import { addressLimit, requireToken } from './edge/address-limit.ts';
import { hostGuard } from './edge/host-guard.ts';
import { createRateLimiter, type RateLimit } from './edge/rate-limiter.ts';
import { responseHeaders } from './edge/response-headers.ts';
import { createStreamSlots } from './edge/stream-slots.ts';
import type { ApiRoute } from './http/api-route.ts';
import { approvalRoutes } from './http/approval-routes.ts';
import { delegationRoutes } from './http/delegation-routes.ts';
import { type DevTokenDependencies, devTokenRoute } from './http/dev-token-route.ts';
import { eventRoute } from './http/event-route.ts';
import { noteRoutes } from './http/note-routes.ts';
import { nudgeRoutes } from './http/nudge-routes.ts';
import { openApiDocument } from './http/openapi-document.ts';
import { passkeyRoutes } from './http/passkey-routes.ts';
import { problemResponse } from './http/problem-response.ts';
import { maxBodyBytes } from './http/read-json-body.ts';
import { runRoutes } from './http/run-routes.ts';
import { sessionRoutes } from './http/session-routes.ts';
import { systemRoutes } from './http/system-routes.ts';
import type { ApiLog } from './log.ts';
import type { Principal } from './principal.ts';
import type { Services } from './services.ts';

export interface ApiLimits {
  readonly address: RateLimit;
  readonly identity: RateLimit;
  /** Event streams that one identity may hold open. */
  readonly streams: number;
}

export const defaultLimits: ApiLimits = {
  address: { burst: 2_000, perSecond: 600 },
  identity: { burst: 1_000, perSecond: 300 },
  streams: 32,
};

export interface ApiDependencies {
  readonly services: Services;
  /** Names under which the server answers, without ports: `localhost`, `127.0.0.1`, `[::1]`. */
  readonly hostnames: readonly string[];
  /** True where browsers reach the site over https. */
  readonly secure: boolean;
  readonly ready: () => Promise<void>;
  readonly clock: Clock;
  readonly log: ApiLog;
  /** Aborts when the server goes down. */
  readonly stopping: AbortSignal;
  readonly version: string;
  readonly limits?: ApiLimits;
  /** Present in embedded mode on loopback only. */
  readonly development?: DevTokenDependencies;
  /** Answers every path that is not the API's, behind the same edge. */
  readonly pages?: Pick<Hono, 'fetch'>;
}

/** The HTTP server's one handler: edge, API, and the pages behind them. */
export function createApi(dependencies: ApiDependencies): Hono {
  const { services, hostnames, secure, clock, log, pages, limits = defaultLimits } = dependencies;
  const app = new Hono();
  app.onError((error) => {
    const instance = `urn:uuid:${randomUUID()}`;
    const status = error instanceof CountersignError ? error.row.status : 500;
    if (status >= 500) log.error('request-failed', { instance, status }, error);
    return problemResponse(error, instance);
  });
  app.use(responseHeaders(secure), hostGuard(hostnames), addressLimit(createRateLimiter(limits.address, clock)));
  app.use(bodyLimit({ maxSize: maxBodyBytes, onError: () => refuse('payload-too-large') }));
  const identities = createRateLimiter(limits.identity, clock);
  const routes = routesOf(dependencies, limits);
  const document = openApiDocument(routes, dependencies.version);
  for (const route of routes) mount(app, route, services, (principal) => requireToken(identities, keyOf(principal)));
  app.get('/openapi.json', (context) => context.json(document));
  app.all('/v1/*', () => refuse('not-found'));
  app.all('*', async (context) => pageOf(await pages?.fetch(context.req.raw, context.env)) ?? refuse('not-found'));
  return app;
}

function routesOf(dependencies: ApiDependencies, limits: ApiLimits): readonly ApiRoute[] {
  const { services, stopping, log, development, ready } = dependencies;
  return [
    ...runRoutes(services),
    eventRoute({ runs: services.runs, slots: createStreamSlots(limits.streams), stopping, log }),
    ...approvalRoutes(services),
    ...sessionRoutes(services),
    ...noteRoutes(services),
    ...nudgeRoutes(services),
    ...passkeyRoutes(services),
    ...delegationRoutes(services),
    ...(development ? [devTokenRoute(development)] : []),
    ...systemRoutes({ ready }),
  ];
}

function mount(app: Hono, route: ApiRoute, services: Services, admit: (principal: Principal) => void): void {
  const path = route.path.replaceAll(/\{(\w+)\}/g, ':$1');
  if (route.access === 'open') {
    app.on(route.method, path, (context) => route.handle(context));
    return;
  }
  app.on(route.method, path, async (context) => {
    const principal = await services.authentication.authenticate(context.req.raw);
    if (principal === undefined) throw new CountersignError('unauthenticated');
    admit(principal);
    if (principal.authentication === 'session' && route.method !== 'get')
      await requireOwnPage(services, context.req.raw);
    return route.handle(context, principal);
  });
}

/** What the pages do not know, and do not say so to a person, is a problem document like everywhere else. */
function pageOf(answer: Response | undefined): Response | undefined {
  const isUnknown = answer?.status === 404 && !answer.headers.get('content-type')?.startsWith('text/html');
  return isUnknown ? undefined : answer;
}

/** A cookie travels with whatever a browser sends, so it alone never changes anything. */
async function requireOwnPage({ sessions }: Services, request: Request): Promise<void> {
  const found = await sessions.find(request);
  if (found === undefined) throw new CountersignError('unauthenticated');
  sessions.checkForm(request, found.session, request.headers.get('x-csrf-token') ?? undefined);
}

const keyOf = ({ identity }: Principal): string => `${identity.tenant}/${identity.subject}`;

function refuse(code: 'not-found' | 'payload-too-large'): never {
  throw new CountersignError(code);
}
