import { Hono } from 'hono';
import { type SSEStreamingApi, streamSSE } from 'hono/streaming';
import { createStreamSlots } from '../../api/edge/stream-slots.ts';
import type { ApprovalService, Principal } from '../../api/services.ts';
import type { ApprovalView } from '../../contracts/http/approval.schema.ts';
import type { Installation } from '../page.ts';
import { type Inbox, inboxList, inboxPage } from '../pages/inbox-page.ts';
import { type Responder, requireSignedIn } from '../responder.ts';
import type { WebDependencies } from '../web-dependencies.ts';

/** Lists come newest first, and what ends soonest may be the oldest: all of them are looked at, up to this many. */
const counted = 1_000;
const pageSize = 200;
const shown = 50;
/** What another process committed is not told here; looking again this often finds it. */
const lookAgainMs = 15_000;
/** Open tabs of one person that are told of changes; further ones show what they showed when they were opened. */
const streamsOfOnePerson = 32;
/** Then the browser connects again, and its session is asked for again. */
const streamMs = 5 * 60_000;

/** The inbox: what waits for people, and the stream that tells it to look again. */
export function inboxRoutes(
  { services, outbox, clock }: WebDependencies,
  responder: Responder,
  installation: Installation,
): Hono {
  const routes = new Hono();
  const slots = createStreamSlots(streamsOfOnePerson);

  routes.get('/', (context) => context.redirect('/approvals', 303));

  routes.get('/approvals', async (context) => {
    const known = await responder.signedIn(context);
    if (known === undefined) return responder.toLogin(context);
    const inbox = await readInbox(services.approvals, known.principal);
    const body = inboxPage(inbox, installation, clock.now());
    return responder.page(context, {
      title: 'Inbox',
      place: 'inbox',
      viewer: known.viewer,
      waiting: inbox.total,
      body,
    });
  });

  routes.get('/inbox/fragment', async (context) => {
    const { principal } = requireSignedIn(await responder.signedIn(context));
    return responder.fragment(
      context,
      inboxList(await readInbox(services.approvals, principal), installation, clock.now()),
    );
  });

  routes.get('/inbox/changes', async (context) => {
    const { principal } = requireSignedIn(await responder.signedIn(context));
    const { tenant, subject } = principal.identity;
    // Nobody would read the stream, so it would never end.
    if (context.req.method === 'HEAD') return context.body(null, 200);
    const release = slots.take(`${tenant}/${subject}`);
    return streamSSE(context, (stream) => tellChanges(stream, outbox, tenant).finally(release));
  });

  return routes;
}

/** Most urgent first: what ends soonest. */
async function readInbox(approvals: ApprovalService, principal: Principal): Promise<Inbox> {
  const { items, isMore } = await allPending(approvals, principal);
  const urgent = items
    .toSorted((left, right) => Date.parse(left.expiresAt) - Date.parse(right.expiresAt))
    .slice(0, shown);
  const details = await Promise.all(urgent.map((view) => approvals.findApprovalDetail(principal, view.approvalId)));
  return { items: details.filter(({ view }) => view.state === 'pending'), total: items.length, isMore };
}

async function allPending(
  approvals: ApprovalService,
  principal: Principal,
): Promise<{ readonly items: readonly ApprovalView[]; readonly isMore: boolean }> {
  const items: ApprovalView[] = [];
  let cursor: string | undefined;
  do {
    const page = await approvals.listApprovals(principal, {
      state: 'pending',
      limit: pageSize,
      ...(cursor === undefined ? {} : { cursor }),
    });
    items.push(...page.items);
    cursor = page.next;
  } while (cursor !== undefined && items.length < counted);
  return { items, isMore: cursor !== undefined };
}

/** Says that something changed, never what: the page fetches what this person may see. */
async function tellChanges(stream: SSEStreamingApi, outbox: WebDependencies['outbox'], tenant: string): Promise<void> {
  // Told once at the beginning: something may have changed between the page and its stream.
  let changes = 1;
  let told = 0;
  let wake = (): void => undefined;
  const unsubscribe = outbox.onAppend((changed) => {
    if (changed !== tenant) return;
    changes += 1;
    wake();
  });
  stream.onAbort(() => wake());
  try {
    await stream.write(': open\n\n');
    for (const end = performance.now() + streamMs; performance.now() < end && !stream.aborted; ) {
      // What is committed while we write is not lost: it is told at once in the next round.
      if (changes === told) await pause(lookAgainMs, (resume) => (wake = resume));
      told = changes;
      if (!stream.aborted) await stream.writeSSE({ event: 'changed', data: '' });
    }
  } finally {
    unsubscribe();
  }
}

/** Ends after the time, or when what it hands out is called. */
function pause(milliseconds: number, handOut: (resume: () => void) => void): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    handOut(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
