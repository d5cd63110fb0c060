import { createHash } from 'node:crypto';
import type { InboxItem, InboxPage } from '../../api/services.ts';
import { addressOf, type InboxAddress, isNarrowed } from '../inbox-address.ts';
import { html, type Markup, nothing } from '../markup.ts';
import type { Installation } from '../page.ts';
import { inboxBar, matching, whole } from '../parts/inbox-bar.ts';
import { entryKey, entryOrder, inboxRow } from '../parts/inbox-row.ts';

/** What is waiting; what ends first comes first. */
export function inboxPage(page: InboxPage, address: InboxAddress, installation: Installation, now: number): Markup {
  return html`<div class="page-head"><h1>Inbox</h1>
<p class="muted">What ends first comes first. No answer means no.</p></div>
${inboxList(page, address, installation, now)}`;
}

/** The part that the script keeps current: row by row from the stream, or whole where that does not do. */
export function inboxList(page: InboxPage, address: InboxAddress, installation: Installation, now: number): Markup {
  const { items, next, previous, position, waiting } = page;
  const fragment = addressOf('/inbox/fragment', address, placeIn(address));
  return html`<div id="inbox" data-stream="${addressOf('/inbox/changes', address)}" data-since="${position}" data-fragment="${fragment}"
  data-key="${keyOf(page)}" data-from="${previous === undefined ? '' : orderOf(items[0])}" data-to="${next === undefined ? '' : orderOf(items.at(-1))}" data-waiting="${waiting}">
${inboxBar(page, address)}
${items.length === 0 ? emptyInbox(page, address) : html`<ul class="card rows" id="rows">${items.map((item) => inboxRow(item, installation, now))}</ul>`}
${pageLinks(page, address)}
</div>`;
}

const placeIn = ({ after, before }: InboxAddress): Partial<InboxAddress> => ({ after, before });
const orderOf = (item: InboxItem | undefined): string => (item === undefined ? '' : entryOrder(item));

function keyOf({ items, waiting, next }: InboxPage): string {
  const shown = items.map((item) => `${item.approvalId}.${entryKey(item)}`).join(' ');
  return createHash('sha256')
    .update(`${waiting} ${next !== undefined} ${shown}`)
    .digest('hex')
    .slice(0, 16);
}

function emptyInbox({ waiting }: InboxPage, address: InboxAddress): Markup {
  if (address.after !== undefined || address.before !== undefined) {
    return html`<div class="card empty"><h2>Nothing is left on this page</h2>
<p><a href="${addressOf('/approvals', address)}">Go to the first page</a></p></div>`;
  }
  if (waiting > 0 && isNarrowed(address)) {
    const mine = address.asked === 'me';
    return html`<div class="card empty"><h2>${mine ? 'Nothing is asked of you' : 'Nothing waits that fits'}</h2>
<p class="muted">${mine ? 'What waits is for other roles, or was answered or started by you.' : 'Something waits, but not with these filters.'}</p>
<p><a href="/approvals">Show everything that waits</a></p></div>`;
  }
  return html`<div class="card empty"><h2>Nothing is waiting for you</h2>
<p class="muted">When an agent wants to do something that policy puts before a person, it appears here.</p>
<p><a href="/runs">See what the agents are doing</a></p></div>`;
}

function pageLinks({ items, preceding, previous, next, counts }: InboxPage, address: InboxAddress): Markup {
  if (previous === undefined && next === undefined) return html`<div id="inbox-pages"></div>`;
  return html`<nav id="inbox-pages" class="pages" aria-label="Pages">
${previous === undefined ? nothing : html`<a class="button quiet" rel="prev" href="${addressOf('/approvals', address, { before: previous })}">← Earlier ends</a>`}
<p class="small muted"><span class="number" id="inbox-range" data-preceding="${preceding}">${whole(preceding + 1)}–${whole(preceding + items.length)}</span> of <span class="number" id="inbox-total">${whole(matching(counts, address))}</span></p>
${next === undefined ? nothing : html`<a class="button quiet" rel="next" href="${addressOf('/approvals', address, { after: next })}">Later ends →</a>`}
</nav>`;
}
