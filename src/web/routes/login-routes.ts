import { Hono } from 'hono';
import type { SessionService } from '../../api/services.ts';
import { readForm } from '../form.ts';
import { loginPage } from '../pages/login-page.ts';
import type { Responder } from '../responder.ts';
import { returnPath } from '../return-path.ts';
import type { WebDependencies } from '../web-dependencies.ts';
import { signInRoutes } from './sign-in-routes.ts';

/** Signing in as the installation offers it, and out. */
export function loginRoutes({ services }: WebDependencies, responder: Responder): Hono {
  const { sessions, signIn } = services;
  const routes = signIn === undefined ? developmentRoutes(sessions, responder) : signInRoutes(signIn, responder);

  routes.post('/logout', async (context) => {
    const known = await responder.signedIn(context);
    const form = await readForm(context);
    sessions.checkForm(context.req.raw, known?.session, form.field('csrf'));
    context.header('Set-Cookie', await sessions.logOut(context.req.raw));
    return context.redirect('/login', 303);
  });

  return routes;
}

function developmentRoutes(sessions: SessionService, responder: Responder): Hono {
  const routes = new Hono();

  routes.get('/login', async (context) => {
    const to = returnPath(context.req.query('to'));
    const known = await responder.signedIn(context);
    return responder.page(context, {
      title: 'Sign in',
      body: loginPage(sessions.offered(), to),
      ...(known === undefined ? {} : { viewer: known.viewer }),
    });
  });

  routes.post('/login', async (context) => {
    sessions.checkForm(context.req.raw, undefined, undefined);
    const form = await readForm(context);
    const { setCookie } = await sessions.logIn(form.field('subject') ?? '', context.req.raw);
    context.header('Set-Cookie', setCookie);
    return context.redirect(returnPath(form.field('to')), 303);
  });

  return routes;
}
