import { type Context, Hono } from 'hono';
import { CountersignError } from '../../domain/countersign-error.ts';
import { mayBeLent } from '../../domain/delegation.ts';
import { errorRegistry } from '../../domain/error-registry.ts';
import { type Form, readForm } from '../form.ts';
import type { Installation } from '../page.ts';
import { delegationsPage, type LendDraft, type Span, spans } from '../pages/delegations-page.ts';
import type { Notice } from '../parts/notice.ts';
import { codeOf, refusalWords } from '../refusal-words.ts';
import type { Responder, SignedIn } from '../responder.ts';
import type { WebDependencies } from '../web-dependencies.ts';

const dayMs = 86_400_000;
const spanMs: Readonly<Record<Exclude<Span, 'until'>, number>> = { '1d': dayMs, '1w': 7 * dayMs, '4w': 28 * dayMs };

/** The page of delegations, and its forms. */
export function delegationRoutes(
  { services, clock }: WebDependencies,
  responder: Responder,
  installation: Installation,
): Hono {
  const { delegations, sessions } = services;
  const routes = new Hono();

  async function show(context: Context, known: SignedIn, refused?: unknown, form?: Form): Promise<Response> {
    const { principal, viewer } = known;
    const { items } = await delegations.listDelegations(principal, {});
    const people = sessions.offered().filter(({ subject }) => subject !== viewer.identity.subject);
    const draft = form === undefined ? freshDraft(known, clock.now()) : draftIn(form, known);
    const notice = refused === undefined ? {} : { notice: noticeOf(refused) };
    const body = delegationsPage({ items, viewer, people, draft, ...notice }, installation, clock.now());
    const status = refused === undefined ? 200 : errorRegistry[codeOf(refused)].status;
    return responder.page(context, { title: 'Delegations', place: 'delegations', viewer, body }, status);
  }

  async function change(
    context: Context,
    settle: (known: SignedIn, form: Form) => Promise<unknown>,
  ): Promise<Response> {
    const known = await responder.signedIn(context);
    if (known === undefined) return context.redirect('/login?to=/delegations', 303);
    let form: Form | undefined;
    try {
      form = await readForm(context);
      sessions.checkForm(context.req.raw, known.session, form.field('csrf'));
      await settle(known, form);
    } catch (error) {
      if (error instanceof CountersignError && error.code !== 'not-found') return show(context, known, error, form);
      throw error;
    }
    return context.redirect('/delegations', 303);
  }

  routes.get('/delegations', async (context) => {
    const known = await responder.signedIn(context);
    return known === undefined ? responder.toLogin(context) : show(context, known);
  });
  routes.post('/delegations', (context) =>
    change(context, (known, form) => delegations.lend(known.principal, bodyOf(draftIn(form, known), clock.now()))),
  );
  routes.post('/delegations/:id/end', (context) =>
    change(context, ({ principal }) => delegations.endDelegation(principal, context.req.param('id') ?? '')),
  );

  return routes;
}

function freshDraft({ viewer }: SignedIn, now: number): LendDraft {
  const until = `${new Date(now + 7 * dayMs).toISOString().slice(0, 10)}T18:00`;
  const { roles } = viewer.identity;
  return {
    to: '',
    roles: roles.filter((role) => mayBeLent(role) && role !== 'initiator'),
    span: '1w',
    until,
    begins: '',
    reason: '',
  };
}

function draftIn(form: Form, { viewer }: SignedIn): LendDraft {
  const field = (name: string) => form.field(name)?.trim() ?? '';
  return {
    to: field('to'),
    roles: viewer.identity.roles.filter((role) => form.field(`role.${role}`) !== undefined),
    span: spanOf(field('span')),
    until: field('until'),
    begins: field('begins'),
    reason: field('reason'),
  };
}

function spanOf(text: string): Span {
  return (Object.keys(spans) as Span[]).find((span) => span === text) ?? 'until';
}

/** As the API would be sent it; what is no time is sent as it is, and named as what is wrong. */
function bodyOf({ to, roles, span, until, begins, reason }: LendDraft, now: number): unknown {
  const begin = begins === '' ? undefined : utcTime(begins);
  const first = begin === undefined ? now : Date.parse(begin);
  const ends = span === 'until' || Number.isNaN(first) ? utcTime(until) : new Date(first + spanMs[span]).toISOString();
  return {
    to,
    roles,
    ends,
    ...(begin !== undefined && { begins: begin }),
    ...(reason !== '' && { reason }),
  };
}

/** `datetime-local` knows no zone, and leaves out seconds that are none; this page says UTC. */
function utcTime(text: string): string {
  const [, minute, second = ':00'] = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2})(:\d{2})?$/.exec(text) ?? [];
  return minute === undefined ? text : `${minute}${second}Z`;
}

const fieldNames: Readonly<Record<string, string>> = {
  to: 'The person',
  roles: 'The roles',
  begins: 'The begin',
  ends: 'The end',
  reason: 'The reason',
};

/** Which field is wrong, and how: the form stays as it was filled in. */
function noticeOf(error: unknown): Notice {
  const fields = error instanceof CountersignError && error.code === 'invalid-request' ? error.fields : [];
  const named = fields.flatMap(({ path, rule }) => {
    const name = fieldNames[path.split('/')[0] ?? ''];
    return name === undefined ? [] : [`${name}: ${rule}.`];
  });
  if (named.length > 0) return { tone: 'bad', title: 'Nothing was lent.', text: named.join(' ') };
  return { tone: 'bad', ...refusalWords(codeOf(error)) };
}
