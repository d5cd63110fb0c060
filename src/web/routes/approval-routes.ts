import { type Context, Hono } from 'hono';
import { CountersignError } from '../../domain/countersign-error.ts';
import { errorRegistry } from '../../domain/error-registry.ts';
import { readForm } from '../form.ts';
import type { Installation } from '../page.ts';
import { approvalPage } from '../pages/approval-page.ts';
import { decisionPanel, offeredKey, panelKey } from '../parts/decision-panel.ts';
import { deedOf } from '../plain-words.ts';
import { codeOf, refusalWords } from '../refusal-words.ts';
import { type Responder, requireSignedIn, type SignedIn } from '../responder.ts';
import { readBackground } from '../run-background.ts';
import type { WebDependencies } from '../web-dependencies.ts';

/** One approval: the page, its live part, and the form that answers it. */
export function approvalRoutes(
  { services, clock }: WebDependencies,
  responder: Responder,
  installation: Installation,
): Hono {
  const { approvals, runs, sessions } = services;
  const routes = new Hono();

  async function show(context: Context, known: SignedIn, approvalId: string, refused?: unknown): Promise<Response> {
    const detail = await approvals.findApprovalDetail(known.principal, approvalId);
    const background = await readBackground(runs, known.principal, detail.view.runId);
    const code = refused === undefined ? undefined : codeOf(refused);
    const notice = code === undefined ? {} : { notice: { tone: 'bad', ...refusalWords(code) } as const };
    const body = approvalPage({ detail, background, viewer: known.viewer, ...notice }, installation, clock.now());
    return responder.page(
      context,
      { title: deedOf(detail.sheet.tool), viewer: known.viewer, body },
      code === undefined ? 200 : errorRegistry[code].status,
    );
  }

  routes.get('/approvals/:id', async (context) => {
    const known = await responder.signedIn(context);
    return known === undefined ? responder.toLogin(context) : show(context, known, context.req.param('id'));
  });

  routes.get('/approvals/:id/fragment', async (context) => {
    const { principal, viewer } = requireSignedIn(await responder.signedIn(context));
    const detail = await approvals.findApprovalDetail(principal, context.req.param('id'));
    const seen = context.req.query('seen');
    // Whoever has answered expects what follows; a page that still offers its buttons is stale.
    const changed = seen !== undefined && seen.startsWith(offeredKey) && seen !== panelKey(detail);
    return responder.fragment(context, decisionPanel({ detail, viewer, changed }, installation, clock.now()));
  });

  routes.post('/approvals/:id/verdicts', async (context) => {
    const approvalId = context.req.param('id');
    const known = await responder.signedIn(context);
    if (known === undefined)
      return context.redirect(`/login?to=${encodeURIComponent(`/approvals/${approvalId}`)}`, 303);
    try {
      const form = await readForm(context);
      sessions.checkForm(context.req.raw, known.session, form.field('csrf'));
      const reason = form.field('reason')?.trim() ?? '';
      const value = {
        verdict: form.field('verdict'),
        actionDigest: form.field('actionDigest'),
        ...(reason === '' ? {} : { reason }),
      };
      await approvals.giveVerdict(known.principal, approvalId, { kind: 'json', value });
    } catch (error) {
      if (error instanceof CountersignError && error.code !== 'approval-not-found')
        return show(context, known, approvalId, error);
      throw error;
    }
    return context.redirect(`/approvals/${approvalId}`, 303);
  });

  return routes;
}
