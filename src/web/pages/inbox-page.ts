import type { ApprovalDetail } from '../../api/services.ts';
import { headlineOf, textOf } from '../action-headline.ts';
import { html, type Markup, nothing } from '../markup.ts';
import { type Installation, personName } from '../page.ts';
import { riskBadge } from '../parts/badge.ts';
import { shortValue } from '../parts/exact-value.ts';
import { moment, timeLeft } from '../parts/moment.ts';
import { moneyText } from '../parts/money.ts';
import { shownText } from '../parts/shown-text.ts';
import { labelOf } from '../plain-words.ts';

export interface Inbox {
  /** Pending ones, most urgent first. */
  readonly items: readonly ApprovalDetail[];
  /** Pending ones in all, as far as they were counted. */
  readonly total: number;
  /** Whether there are yet more than were counted. */
  readonly isMore: boolean;
}

const factsShown = 3;
const factLength = 80;
/** What ends within the hour stands out. */
const soonMs = 3_600_000;

/** What is waiting: what, how much, for whom, why, since when, how long still. */
export function inboxPage(inbox: Inbox, installation: Installation, now: number): Markup {
  return html`<div class="page-head"><h1>Inbox</h1>
<p class="muted">Most urgent first. No answer means no.</p></div>
${inboxList(inbox, installation, now)}`;
}

/** The part that is fetched again when something changed. */
export function inboxList({ items, total, isMore }: Inbox, installation: Installation, now: number): Markup {
  const key = items.map(({ view }) => `${view.approvalId}${view.verdicts.length}`).join(' ');
  return html`<div id="inbox" data-live="/inbox/changes" data-fragment="/inbox/fragment" data-key="${key}" data-waiting="${total}"
  data-say="${total === 0 ? 'Nothing is waiting' : `${total} waiting`}">
${items.length === 0 ? emptyInbox : html`<ul class="card rows">${items.map((item) => inboxRow(item, installation, now))}</ul>`}
${total > items.length ? html`<p class="muted more">${isMore ? 'More than ' : ''}${total - items.length} more are waiting; these are the most urgent.</p>` : nothing}
</div>`;
}

const emptyInbox: Markup = html`<div class="card empty"><h2>Nothing is waiting for you</h2>
<p class="muted">When an agent wants to do something that policy puts before a person, it appears here.</p>
<p><a href="/runs">See what the agents are doing</a></p></div>`;

function inboxRow({ view, sheet, answerable }: ApprovalDetail, installation: Installation, now: number): Markup {
  const { deed, money, facts } = headlineOf(sheet.tool, sheet.rows);
  const short = facts
    .filter((row) => textOf(row).length <= factLength && !textOf(row).includes('\n'))
    .slice(0, factsShown);
  const address = `/approvals/${view.approvalId}`;
  return html`<li class="row" id="${view.approvalId}">
<div class="row-main">
<h2><a href="${address}">${shownText(deed)}</a>${money === undefined ? nothing : html` <span class="row-money">${moneyText(money)}</span>`} ${riskBadge(view.risk)}</h2>
<dl class="row-facts">${sheet.records.map((record) => html`<div><dt>${shownText(labelOf(record.label))}</dt><dd>${shortValue(textOf(record))}</dd></div>`)}${short.map((row) => html`<div><dt>${shownText(labelOf(row.path))}</dt><dd>${shortValue(textOf(row))}</dd></div>`)}</dl>
<p class="row-why"><span class="muted">Asked because</span> ${shownText(sheet.reasons.map((reason) => reason.message).join(' ') || 'a rule asks for a person.')}</p>
<p class="small muted">${shownText(sheet.agent)} for ${personName(sheet.onBehalfOf, installation)} · asked ${moment(view.createdAt, now)}${answerable === 'yes' ? nothing : html` · <span>${notYours[answerable] ?? ''}</span>`}</p>
</div>
<p class="row-left${Date.parse(view.expiresAt) - now < soonMs ? ' soon' : ''}">${timeLeft(view.expiresAt, now)}</p>
</li>`;
}

const notYours: Readonly<Record<string, string>> = {
  'not-an-approver': 'not for your roles',
  'self-approval': 'somebody else has to answer',
  'already-decided': 'you have answered',
  'step-up-required': 'needs a fresh proof of identity',
};
