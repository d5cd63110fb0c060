import { type Context, Hono } from 'hono';
import type { Principal } from '../../api/principal.ts';
import { CountersignError } from '../../domain/countersign-error.ts';
import { errorRegistry } from '../../domain/error-registry.ts';
import { readForm } from '../form.ts';
import type { Installation } from '../page.ts';
import { passkeysPage } from '../pages/passkeys-page.ts';
import { codeOf, refusalWords } from '../refusal-words.ts';
import type { Responder, SignedIn } from '../responder.ts';
import type { WebDependencies } from '../web-dependencies.ts';

/** The page of passkeys, and its forms. A passkey itself is made by script, over the API. */
export function passkeyRoutes(
  { services, clock }: WebDependencies,
  responder: Responder,
  installation: Installation,
): Hono {
  const { passkeys, sessions } = services;
  const routes = new Hono();

  async function show(context: Context, { principal, viewer }: SignedIn, refused?: unknown): Promise<Response> {
    const { items } = await passkeys.listPasskeys(principal);
    const code = refused === undefined ? undefined : codeOf(refused);
    const notice = code === undefined ? {} : { notice: { tone: 'bad', ...refusalWords(code) } as const };
    const body = passkeysPage({ items, viewer, ...notice }, installation, clock.now());
    const status = code === undefined ? 200 : errorRegistry[code].status;
    return responder.page(context, { title: 'Passkeys', place: 'passkeys', viewer, body }, status);
  }

  async function change(
    context: Context,
    settle: (principal: Principal, passkeyId: string) => Promise<unknown>,
  ): Promise<Response> {
    const known = await responder.signedIn(context);
    if (known === undefined) return context.redirect('/login?to=/passkeys', 303);
    try {
      const form = await readForm(context);
      sessions.checkForm(context.req.raw, known.session, form.field('csrf'));
      await settle(known.principal, context.req.param('id') ?? '');
    } catch (error) {
      if (error instanceof CountersignError && error.code !== 'not-found') return show(context, known, error);
      throw error;
    }
    return context.redirect('/passkeys', 303);
  }

  routes.get('/passkeys', async (context) => {
    const known = await responder.signedIn(context);
    return known === undefined ? responder.toLogin(context) : show(context, known);
  });
  routes.post('/passkeys/:id/confirm', (context) => change(context, passkeys.confirmPasskey));
  routes.post('/passkeys/:id/revoke', (context) => change(context, passkeys.revokePasskey));

  return routes;
}
