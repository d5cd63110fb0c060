import { type Context, Hono } from 'hono';
import { isLost } from '../../api/approvals/stored-action.ts';
import type { Principal } from '../../api/principal.ts';
import type { BatchOutcome } from '../../contracts/http/batch.schema.ts';
import { CountersignError } from '../../domain/countersign-error.ts';
import { errorRegistry, isErrorCode } from '../../domain/error-registry.ts';
import { likeIn, type SentAnswer, sentAddress, sentIn } from '../batch-address.ts';
import { itemsOf } from '../batch-form.ts';
import { type Form, readForm } from '../form.ts';
import type { Installation } from '../page.ts';
import { batchPage, nothingChosen } from '../pages/batch-page.ts';
import { batchSentPage, type SentEntry } from '../pages/batch-sent-page.ts';
import type { BatchEntry } from '../parts/batch-item.ts';
import type { Notice } from '../parts/notice.ts';
import { codeOf, refusalWords } from '../refusal-words.ts';
import type { Responder, SignedIn } from '../responder.ts';
import type { WebDependencies } from '../web-dependencies.ts';

/** Approvals that are alike on one page, their answers in one form, and what became of each. */
export function batchRoutes(
  { services, clock }: WebDependencies,
  responder: Responder,
  installation: Installation,
): Hono {
  const { approvals, batches, inbox, notes, sessions } = services;
  const routes = new Hono();

  async function entryOf(principal: Principal, approvalId: string): Promise<readonly BatchEntry[]> {
    const detail = await detailOf(principal, approvalId);
    if (detail !== undefined)
      return [{ kind: 'readable', detail, notes: (await notes.notesOf(principal, approvalId)).items }];
    const item = await inbox.find(principal, approvalId);
    return item === undefined ? [] : [{ kind: 'unreadable', item }];
  }

  /** Undefined: what it asks about is lost. */
  const detailOf = (principal: Principal, approvalId: string) =>
    approvals.findApprovalDetail(principal, approvalId).catch((error: unknown) => {
      if (isLost(error)) return undefined;
      throw error;
    });

  async function show(context: Context, { principal, viewer }: SignedIn, like: string, notice?: Notice, status = 200) {
    const { approvalIds, total } = await inbox.alike(principal, like);
    const entries = (await Promise.all(approvalIds.map((approvalId) => entryOf(principal, approvalId)))).flat();
    const body = batchPage({ like, entries, total, viewer, ...(notice && { notice }) }, installation, clock.now());
    return responder.page(context, { title: 'Answer together', viewer, body }, status);
  }

  routes.get('/approvals/batch', async (context) => {
    const known = await responder.signedIn(context);
    return known === undefined ? responder.toLogin(context) : show(context, known, likeIn(context.req.query()));
  });

  routes.post('/approvals/batch', async (context) => {
    const known = await responder.signedIn(context);
    if (known === undefined) return context.redirect('/login?to=/approvals', 303);
    let like = '';
    try {
      const form: Form = await readForm(context);
      like = likeIn({ like: form.field('like') ?? '' });
      sessions.checkForm(context.req.raw, known.session, form.field('csrf'));
      const items = itemsOf(form);
      if (items.length === 0) return await show(context, known, like, nothingChosen, 400);
      const answer = await batches.giveVerdicts(known.principal, { kind: 'json', value: { items } });
      return context.redirect(sentAddress(like, answer.items.map(sentAnswer)), 303);
    } catch (error) {
      if (!(error instanceof CountersignError)) throw error;
      const code = codeOf(error);
      return show(context, known, like, { tone: 'bad', ...refusalWords(code) }, errorRegistry[code].status);
    }
  });

  routes.get('/approvals/batch/sent', async (context) => {
    const known = await responder.signedIn(context);
    if (known === undefined) return responder.toLogin(context);
    const { principal, viewer } = known;
    const query = context.req.query();
    const [sent, like] = [sentIn(query), likeIn(query)];
    const entries = await Promise.all(
      sent.map(async (one): Promise<SentEntry> => ({ ...one, detail: await detailOf(principal, one.approvalId) })),
    );
    const { total } = await inbox.alike(principal, like);
    const body = batchSentPage({ like, sent: entries, left: total, viewer }, clock.now());
    return responder.page(context, { title: 'What became of your answers', viewer, body });
  });

  return routes;
}

function sentAnswer(outcome: BatchOutcome): SentAnswer {
  const { approvalId } = outcome;
  if (!('problem' in outcome)) return { approvalId };
  const { code } = outcome.problem;
  return { approvalId, refused: isErrorCode(code) ? code : 'internal' };
}
