import { type Context, Hono } from 'hono';
import { isLost } from '../../api/approvals/stored-action.ts';
import { parseStrictJson } from '../../api/json/strict-json.ts';
import type { Principal, RawBody } from '../../api/principal.ts';
import { CountersignError } from '../../domain/countersign-error.ts';
import { errorRegistry } from '../../domain/error-registry.ts';
import type { JsonValue } from '../../domain/json.ts';
import { deedOf } from '../../domain/plain-words.ts';
import { type EventStreams, resumeAfter } from '../event-streams.ts';
import { type Form, readForm } from '../form.ts';
import type { Installation } from '../page.ts';
import { approvalPage } from '../pages/approval-page.ts';
import { editPage } from '../pages/edit-page.ts';
import { unreadableApprovalPage } from '../pages/unreadable-approval-page.ts';
import { decisionPanel, isOfferedKey, isSameQuestion, panelKey } from '../parts/decision-panel.ts';
import type { EditDraft } from '../parts/edit-form.ts';
import { codeOf, refusalWords } from '../refusal-words.ts';
import { type Responder, requireSignedIn, type SignedIn } from '../responder.ts';
import { readBackground } from '../run-background.ts';
import type { WebDependencies } from '../web-dependencies.ts';

/** One approval: the page, its live part, and its forms. */
export function approvalRoutes(
  { services, clock }: WebDependencies,
  responder: Responder,
  installation: Installation,
  streams: EventStreams,
): Hono {
  const { approvals, inbox, notes, runs, sessions, reauthentication } = services;
  const routes = new Hono();

  async function show(context: Context, known: SignedIn, approvalId: string, refused?: unknown): Promise<Response> {
    // Before anything is read: what is written meanwhile is told again.
    const position = await inbox.position();
    const detail = await approvals.findApprovalDetail(known.principal, approvalId).catch((error: unknown) => {
      if (isLost(error)) return undefined;
      throw error;
    });
    if (detail === undefined) return showUnreadable(context, known, approvalId);
    const background = await readBackground(runs, known.principal, detail.view.runId);
    const { items: said } = await notes.notesOf(known.principal, approvalId);
    const code = refused === undefined ? undefined : codeOf(refused);
    const notice = code === undefined ? {} : { notice: { tone: 'bad', ...refusalWords(code) } as const };
    const mayShare = detail.answerable === 'yes' && detail.view.state === 'pending';
    const alike = mayShare ? (await inbox.alike(known.principal, approvalId)).total : 0;
    const body = approvalPage(
      { detail, background, notes: said, viewer: known.viewer, position, alike, ...notice },
      installation,
      clock.now(),
    );
    return responder.page(
      context,
      { title: deedOf(detail.sheet.tool), viewer: known.viewer, body },
      code === undefined ? 200 : errorRegistry[code].status,
    );
  }

  async function showUnreadable(context: Context, known: SignedIn, approvalId: string): Promise<Response> {
    const item = await inbox.find(known.principal, approvalId);
    if (item === undefined) throw new CountersignError('blob-missing');
    const body = unreadableApprovalPage(item, clock.now());
    const title = `${deedOf(item.tool)}: cannot be read`;
    return responder.page(context, { title, viewer: known.viewer, body }, errorRegistry['blob-missing'].status);
  }

  async function showEdit(context: Context, known: SignedIn, approvalId: string, draft?: EditDraft): Promise<Response> {
    const detail = await approvals.findApprovalDetail(known.principal, approvalId);
    const { viewer } = known;
    const body = editPage(detail, viewer, draft, clock.now());
    const title = `${deedOf(detail.sheet.tool)}: change the arguments`;
    return responder.page(context, { title, viewer, body }, draft === undefined ? 200 : 400);
  }

  routes.get('/approvals/:id/edit', async (context) => {
    const known = await responder.signedIn(context);
    return known === undefined ? responder.toLogin(context) : showEdit(context, known, context.req.param('id'));
  });

  routes.get('/approvals/:id', async (context) => {
    const known = await responder.signedIn(context);
    return known === undefined ? responder.toLogin(context) : show(context, known, context.req.param('id'));
  });

  routes.get('/approvals/:id/fragment', async (context) => {
    const { principal, viewer } = requireSignedIn(await responder.signedIn(context));
    const position = await inbox.position();
    const approvalId = context.req.param('id');
    const detail = await approvals.findApprovalDetail(principal, approvalId);
    const { items: said } = await notes.notesOf(principal, approvalId);
    const seen = context.req.query('seen');
    // Whoever has answered expects what follows; a page that still offers its buttons is stale.
    const changed = seen !== undefined && isOfferedKey(seen) && !isSameQuestion(seen, panelKey(detail, said));
    return responder.fragment(
      context,
      decisionPanel({ detail, notes: said, viewer, position, changed }, installation, clock.now()),
    );
  });

  routes.get('/approvals/:id/changes', async (context) => {
    const { principal } = requireSignedIn(await responder.signedIn(context));
    const { approvalId } = await approvals.findApproval(principal, context.req.param('id'));
    const after = resumeAfter(context) ?? (await inbox.position());
    return streams.open(context, principal, async (stream, signal) => {
      for await (const position of inbox.followApproval(principal, approvalId, after, signal)) {
        if (position === undefined) await stream.write(': alive\n\n');
        else await stream.writeSSE({ id: String(position), event: 'changed', data: '' });
      }
    });
  });

  /** Reads a form of this page, and does what is to be done with it; what is not taken is said on the page. */
  async function takeForm(
    context: Context,
    approvalId: string,
    taken: (principal: Principal, form: Form) => Promise<Response>,
  ): Promise<Response> {
    const known = await responder.signedIn(context);
    if (known === undefined)
      return context.redirect(`/login?to=${encodeURIComponent(`/approvals/${approvalId}`)}`, 303);
    let form: Form | undefined;
    try {
      form = await readForm(context);
      sessions.checkForm(context.req.raw, known.session, form.field('csrf'));
      return await taken(known.principal, form);
    } catch (error) {
      const draft = form && error instanceof CountersignError ? draftOf(form, error) : undefined;
      if (draft !== undefined) return showEdit(context, known, approvalId, draft);
      if (error instanceof CountersignError && error.code !== 'approval-not-found')
        return show(context, known, approvalId, error);
      throw error;
    }
  }

  routes.post('/approvals/:id/verdicts', (context) => {
    const approvalId = context.req.param('id');
    return takeForm(context, approvalId, async (principal, form) => {
      await approvals.giveVerdict(principal, approvalId, bodyOf(form));
      return context.redirect(`/approvals/${approvalId}`, 303);
    });
  });

  routes.post('/approvals/:id/withdraw', (context) => {
    const approvalId = context.req.param('id');
    return takeForm(context, approvalId, async (principal) => {
      await approvals.withdrawVerdict(principal, approvalId);
      return context.redirect(`/approvals/${approvalId}`, 303);
    });
  });

  routes.post('/approvals/:id/notes', (context) => {
    const approvalId = context.req.param('id');
    return takeForm(context, approvalId, async (principal, form) => {
      const text = form.field('text')?.replaceAll('\r\n', '\n').trim() ?? '';
      await notes.addNote(principal, approvalId, { kind: 'json', value: { text } }, form.field('key'));
      return context.redirect(`/approvals/${approvalId}#decision`, 303);
    });
  });

  if (reauthentication !== undefined) {
    routes.post('/approvals/:id/reauthentications', (context) => {
      const approvalId = context.req.param('id');
      return takeForm(context, approvalId, async (principal, form) => {
        const { address, setCookie } = await reauthentication.begin(principal, approvalId, bodyOf(form));
        context.header('Set-Cookie', setCookie);
        // not by a redirect: a form of ours leads to our own pages only
        return responder.onward(context, address);
      });
    });
  }

  return routes;
}

/** The form as the API would be sent it; what is no JSON in a field that holds some is an unreadable body. */
function bodyOf(form: Form): RawBody {
  const reason = form.field('reason')?.trim() ?? '';
  const answer = {
    verdict: form.field('verdict'),
    actionDigest: form.field('actionDigest'),
    ...(reason === '' ? {} : { reason }),
  };
  try {
    return { kind: 'json', value: { ...answer, ...jsonField(form, 'args'), ...jsonField(form, 'stepUp') } };
  } catch (error) {
    if (error instanceof CountersignError) return { kind: 'unreadable', error };
    throw error;
  }
}

/** Empty where the form does not have it: `stepUp` is filled in by the page's script only. */
function jsonField(form: Form, name: 'args' | 'stepUp'): Readonly<Record<string, JsonValue>> {
  const text = form.field(name);
  return text === undefined || (name === 'stepUp' && text === '') ? {} : { [name]: parseStrictJson(text) };
}

/** What was written in the form for an edit, where the edit itself was at fault. */
function draftOf(form: Form, error: CountersignError): EditDraft | undefined {
  const args = form.field('args');
  if (args === undefined || error.code !== 'invalid-request') return undefined;
  return { args, reason: form.field('reason') ?? '', errors: error.fields };
}
