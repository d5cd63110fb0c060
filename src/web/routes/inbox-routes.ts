import { type Context, Hono } from 'hono';
import type { SSEStreamingApi } from 'hono/streaming';
import type { InboxChange } from '../../api/inbox/inbox-feed.ts';
import type { Principal } from '../../api/principal.ts';
import type { InboxPage } from '../../api/services.ts';
import { assertNever } from '../../domain/assert-never.ts';
import { type EventStreams, resumeAfter } from '../event-streams.ts';
import { type InboxAddress, placeOf, queryOf, readAddress } from '../inbox-address.ts';
import { html } from '../markup.ts';
import type { Installation } from '../page.ts';
import { inboxList, inboxPage } from '../pages/inbox-page.ts';
import { inboxBar, matching, whole } from '../parts/inbox-bar.ts';
import { inboxRow } from '../parts/inbox-row.ts';
import { type Responder, requireSignedIn } from '../responder.ts';
import type { WebDependencies } from '../web-dependencies.ts';

/** The inbox: what waits for people, and the stream of what happens to it. */
export function inboxRoutes(
  { services, clock }: WebDependencies,
  responder: Responder,
  installation: Installation,
  streams: EventStreams,
): Hono {
  const { inbox } = services;
  const routes = new Hono();
  const addressIn = (context: Context): InboxAddress => readAddress(context.req.query());
  const read = (principal: Principal, address: InboxAddress): Promise<InboxPage> =>
    inbox.inbox(principal, queryOf(address), placeOf(address));

  routes.get('/', (context) => context.redirect('/approvals', 303));

  routes.get('/approvals', async (context) => {
    const known = await responder.signedIn(context);
    if (known === undefined) return responder.toLogin(context);
    const address = addressIn(context);
    const page = await read(known.principal, address);
    const body = inboxPage(page, address, installation, clock.now());
    return responder.page(context, {
      title: 'Inbox',
      place: 'inbox',
      viewer: known.viewer,
      waiting: page.waiting,
      body,
    });
  });

  routes.get('/inbox/fragment', async (context) => {
    const { principal } = requireSignedIn(await responder.signedIn(context));
    const address = addressIn(context);
    const page = await read(principal, address);
    return responder.fragment(context, inboxList(page, address, installation, clock.now()));
  });

  routes.get('/inbox/changes', async (context) => {
    const { principal } = requireSignedIn(await responder.signedIn(context));
    const address = addressIn(context);
    const after = resumeAfter(context) ?? (await inbox.position());
    return streams.open(context, principal, async (stream, signal) => {
      for await (const change of inbox.follow(principal, after, signal)) await tell(stream, principal, address, change);
    });
  });

  /** Only the rows that changed, rendered for this person and these filters; and the numbers beside the filters. */
  async function tell(
    stream: SSEStreamingApi,
    principal: Principal,
    address: InboxAddress,
    change: InboxChange,
  ): Promise<void> {
    switch (change.kind) {
      case 'idle':
        await stream.write(': alive\n\n');
        return;
      case 'reload':
        await stream.writeSSE({ id: String(change.position), event: 'reload', data: '' });
        return;
      case 'news': {
        const told = [...new Set(change.news.map(({ approvalId }) => approvalId))];
        const part = await inbox.pick(principal, queryOf(address), told);
        const listed = new Set(part.items.map(({ approvalId }) => approvalId));
        const now = clock.now();
        const data = {
          rows: String(await html`${part.items.map((item) => inboxRow(item, installation, now))}`),
          gone: told.filter((approvalId) => !listed.has(approvalId)),
          bar: String(await inboxBar(part, address)),
          total: whole(matching(part.counts, address)),
          waiting: part.waiting,
        };
        await stream.writeSSE({ id: String(change.position), event: 'news', data: JSON.stringify(data) });
        return;
      }
      default:
        assertNever(change);
    }
  }

  return routes;
}
