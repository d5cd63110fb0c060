import { type Context, Hono } from 'hono';
import { isReauthentication } from '../../api/verdicts/reauthentication.ts';
import type { ReauthenticationService } from '../../api/verdicts/reauthentication-service.ts';
import { type ErrorCode, errorRegistry } from '../../domain/error-registry.ts';
import { answerRefusedPage } from '../pages/answer-refused-page.ts';
import { codeOf } from '../refusal-words.ts';
import type { Responder } from '../responder.ts';

/**
 * The way back from the identity provider with an answer; callbacks of a sign-in pass by.
 * Mount it before the sign-in, which has the same address there.
 */
export function reauthenticationRoutes(reauthentication: ReauthenticationService, responder: Responder): Hono {
  const routes = new Hono();

  const refused = async (context: Context, code: ErrorCode, approvalId?: string): Promise<Response> => {
    const viewer = (await responder.signedIn(context))?.viewer;
    const body = answerRefusedPage(code, reauthentication.providerName, approvalId);
    const page = { title: 'Your answer was not taken', body, ...(viewer && { viewer }) };
    return responder.page(context, page, errorRegistry[code].status);
  };

  routes.get('/login/callback', async (context, next) => {
    if (!isReauthentication(context.req.raw)) return next();
    const known = await responder.signedIn(context);
    // the session's cookie does not come along from another site; asked once more by our own page, it does
    if (known === undefined && context.req.header('sec-fetch-site') === 'cross-site') {
      const { pathname, search } = new URL(context.req.url);
      return responder.onward(context, `${pathname}${search}`);
    }
    try {
      const { approvalId, setCookie, refusal } = await reauthentication.complete(known?.principal, context.req.raw);
      context.header('Set-Cookie', setCookie);
      return refusal === undefined
        ? responder.onward(context, `/approvals/${approvalId}`)
        : refused(context, refusal.code, approvalId);
    } catch (error) {
      return refused(context, codeOf(error));
    }
  });

  return routes;
}
