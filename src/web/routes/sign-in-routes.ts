import { type Context, Hono } from 'hono';
import type { SignInService } from '../../api/services.ts';
import { CountersignError } from '../../domain/countersign-error.ts';
import { errorRegistry } from '../../domain/error-registry.ts';
import { providerLoginPage } from '../pages/provider-login-page.ts';
import { codeOf, refusalWords } from '../refusal-words.ts';
import type { Responder } from '../responder.ts';
import { returnPath } from '../return-path.ts';

/** Signing in through an identity provider. */
export function signInRoutes(signIn: SignInService, responder: Responder): Hono {
  const routes = new Hono();

  /** What went wrong, and the way to try once more. */
  const failed = (context: Context, error: unknown): Promise<Response> => {
    const code = codeOf(error);
    const notice = { tone: 'bad', ...refusalWords(code) } as const;
    const page = { title: 'Sign in', body: providerLoginPage(signIn.providerName, '/approvals', notice) };
    return responder.page(context, page, errorRegistry[code].status);
  };

  routes.get('/login', async (context) => {
    const known = await responder.signedIn(context);
    return responder.page(context, {
      title: 'Sign in',
      body: providerLoginPage(signIn.providerName, returnPath(context.req.query('to'))),
      ...(known === undefined ? {} : { viewer: known.viewer }),
    });
  });

  routes.post('/login', () => {
    throw new CountersignError('forbidden', { message: 'Development login is off on this server.' });
  });

  routes.get('/login/start', async (context) => {
    // another site may send somebody to our page, but not onwards from it
    if (context.req.header('sec-fetch-site') === 'cross-site') return context.redirect('/login', 303);
    try {
      const to = returnPath(context.req.query('to'));
      const { address, setCookie } = await signIn.begin(context.req.raw, to);
      context.header('Set-Cookie', setCookie);
      return context.redirect(address, 303);
    } catch (error) {
      return failed(context, error);
    }
  });

  routes.get('/login/callback', async (context) => {
    try {
      const { setCookies, returnTo } = await signIn.complete(context.req.raw);
      for (const cookie of setCookies) context.header('Set-Cookie', cookie, { append: true });
      return responder.onward(context, returnTo);
    } catch (error) {
      return failed(context, error);
    }
  });

  return routes;
}
