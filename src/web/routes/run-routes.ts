import { type Context, Hono } from 'hono';
import type { Principal } from '../../api/principal.ts';
import type { RunService } from '../../api/services.ts';
import type { TimelineItem } from '../../contracts/http/timeline.schema.ts';
import { CountersignError } from '../../domain/countersign-error.ts';
import { errorRegistry } from '../../domain/error-registry.ts';
import { readForm } from '../form.ts';
import type { Installation } from '../page.ts';
import { runPage, runPart } from '../pages/run-page.ts';
import { runsPage } from '../pages/runs-page.ts';
import { codeOf, refusalWords } from '../refusal-words.ts';
import { type Responder, requireSignedIn, type SignedIn } from '../responder.ts';
import type { WebDependencies } from '../web-dependencies.ts';

const runsShown = 50;
/** Events that one page shows at most, read in pages of the service's own size. */
const eventsShown = 4_000;

/** Runs, and one run as a story. */
export function runRoutes(
  { services, clock }: WebDependencies,
  responder: Responder,
  installation: Installation,
): Hono {
  const { runs, sessions } = services;
  const routes = new Hono();

  async function show(
    context: Context,
    known: SignedIn,
    runId: string,
    refused?: unknown,
    draft?: string,
  ): Promise<Response> {
    const run = await runs.findRun(known.principal, runId);
    const items = await readStory(runs, known.principal, runId);
    const { items: said } = await runs.runSteering(known.principal, runId);
    const code = refused === undefined ? undefined : codeOf(refused);
    const notice = code === undefined ? {} : { notice: { tone: 'bad', ...refusalWords(code) } as const };
    const body = runPage(
      {
        run,
        items,
        said,
        isCut: items.length >= eventsShown,
        viewer: known.viewer,
        ...notice,
        ...(draft === undefined ? {} : { draft }),
      },
      installation,
      clock.now(),
    );
    const status = code === undefined ? 200 : errorRegistry[code].status;
    return responder.page(context, { title: `Run ${runId}`, place: 'runs', viewer: known.viewer, body }, status);
  }

  routes.get('/runs', async (context) => {
    const known = await responder.signedIn(context);
    if (known === undefined) return responder.toLogin(context);
    const cursor = context.req.query('cursor');
    const page = await runs.listRuns(known.principal, {
      limit: runsShown,
      ...(cursor === undefined ? {} : { cursor }),
    });
    const body = runsPage(page.items, page.next, clock.now());
    return responder.page(context, { title: 'Runs', place: 'runs', viewer: known.viewer, body });
  });

  routes.get('/runs/:id', async (context) => {
    const known = await responder.signedIn(context);
    return known === undefined ? responder.toLogin(context) : show(context, known, context.req.param('id'));
  });

  routes.get('/runs/:id/fragment', async (context) => {
    const { principal, viewer } = requireSignedIn(await responder.signedIn(context));
    const run = await runs.findRun(principal, context.req.param('id'));
    const items = await readStory(runs, principal, run.runId);
    const { items: said } = await runs.runSteering(principal, run.runId);
    return responder.fragment(
      context,
      runPart({ run, items, said, viewer, isCut: items.length >= eventsShown }, installation, clock.now()),
    );
  });

  routes.post('/runs/:id/cancel', async (context) => {
    const runId = context.req.param('id');
    const known = await responder.signedIn(context);
    if (known === undefined) return context.redirect(`/login?to=${encodeURIComponent(`/runs/${runId}`)}`, 303);
    try {
      const form = await readForm(context);
      sessions.checkForm(context.req.raw, known.session, form.field('csrf'));
      await runs.cancelRun(known.principal, runId);
    } catch (error) {
      if (error instanceof CountersignError && error.code !== 'run-not-found')
        return show(context, known, runId, error);
      throw error;
    }
    return context.redirect(`/runs/${encodeURIComponent(runId)}`, 303);
  });

  routes.post('/runs/:id/steer', async (context) => {
    const runId = context.req.param('id');
    const known = await responder.signedIn(context);
    if (known === undefined) return context.redirect(`/login?to=${encodeURIComponent(`/runs/${runId}`)}`, 303);
    let draft: string | undefined;
    try {
      const form = await readForm(context);
      sessions.checkForm(context.req.raw, known.session, form.field('csrf'));
      // a browser sends line breaks as CR LF
      draft = form.field('text')?.replaceAll('\r\n', '\n');
      await runs.steerRun(known.principal, runId, { kind: 'json', value: { text: draft } }, form.field('key'));
    } catch (error) {
      if (error instanceof CountersignError && error.code !== 'run-not-found')
        return show(context, known, runId, error, draft);
      throw error;
    }
    return context.redirect(`/runs/${encodeURIComponent(runId)}`, 303);
  });

  return routes;
}

/** The whole story, as far as a page can show it. */
async function readStory(runs: RunService, principal: Principal, runId: string): Promise<readonly TimelineItem[]> {
  const items: TimelineItem[] = [];
  while (items.length < eventsShown) {
    const more = await runs.runTimeline(principal, runId, items.at(-1)?.position ?? 0);
    if (more.length === 0) break;
    items.push(...more);
  }
  return items;
}
