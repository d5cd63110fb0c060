import type { ApprovalDetail } from '../../api/approvals/approval-service.ts';
import { maxReasonLength } from '../../contracts/http/approval.schema.ts';
import type { ActionSheet } from '../../domain/action-sheet.ts';
import { sumsOf } from '../../domain/money-sums.ts';
import { systemOf } from '../../domain/plain-words.ts';
import type { Money } from '../../domain/sheet-headline.ts';
import { headlineOf } from '../action-headline.ts';
import { batchAddress } from '../batch-address.ts';
import { html, type Markup, nothing } from '../markup.ts';
import type { Installation, Viewer } from '../page.ts';
import { riskBadge } from '../parts/badge.ts';
import { type BatchEntry, batchItem, unreadableItem } from '../parts/batch-item.ts';
import { moneyText } from '../parts/money.ts';
import { type Notice, noticeBox } from '../parts/notice.ts';
import { shownText } from '../parts/shown-text.ts';

export interface BatchPage {
  /** The approval that the others are like. */
  readonly like: string;
  /** By what ends first. */
  readonly entries: readonly BatchEntry[];
  /** How many there are, with those that are not on this page. */
  readonly total: number;
  readonly viewer: Viewer;
  readonly notice?: Notice;
}

/** Questions that are alike, each whole and with its own answer, sent with one button. */
export function batchPage(page: BatchPage, installation: Installation, now: number): Markup {
  const { like, entries, total, viewer, notice } = page;
  const details = entries.flatMap((entry) => (entry.kind === 'readable' ? [entry.detail] : []));
  const [first] = details;
  const crumb = html`<p class="crumb"><a href="/approvals">← Inbox</a></p>${noticeBox(notice, 'alert')}`;
  if (entries.length === 0) return html`${crumb}${nothingAlike(like)}`;
  return html`<div class="batch-page">${crumb}
<form method="post" action="/approvals/batch" id="batch" autocomplete="off">
<input type="hidden" name="csrf" value="${viewer.csrfToken}"><input type="hidden" name="like" value="${like}">
${first === undefined ? nothing : aboutAll(first, details, total, entries.length)}
<ul class="batch-items">${entries.map((entry) =>
    entry.kind === 'readable'
      ? batchItem(entry, ownReasons(entry.detail, first), installation, now)
      : unreadableItem(entry.item, now),
  )}</ul>
${total > entries.length ? html`<p class="muted batch-rest">These ${entries.length} end first. ${total - entries.length} more like them wait: they come when these are answered.</p>` : nothing}
${details.some(({ answerable }) => answerable === 'yes') ? sending : nothing}
</form></div>`;
}

function nothingAlike(like: string): Markup {
  return html`<div class="card empty"><h1>Nothing like it waits for your answer</h1>
<p class="muted">It was answered, has ended, or is answered by itself.</p>
<p>${like === '' ? nothing : html`<a href="/approvals/${like}">See where it stands</a> · `}<a href="/approvals">Go to the inbox</a></p></div>`;
}

/** What is the same for all of them, said once. */
function aboutAll(
  { view, sheet }: ApprovalDetail,
  details: readonly ApprovalDetail[],
  total: number,
  listed: number,
): Markup {
  const { deed } = headlineOf(sheet.tool, sheet.rows);
  return html`<header class="card section batch-head">
<p class="eyebrow"><span>${shownText(sheet.agent)} wants to</span> ${riskBadge(view.risk)}</p>
<h1>${shownText(deed)}${listed === 1 ? nothing : html`, <span class="number">${listed}</span> times`}</h1>
${sumLine(details, total)}
<ul class="batch-why">${sheet.reasons.map(({ message }) => html`<li>${shownText(message)}</li>`)}</ul>
<p>Look at each one and choose, then send at the end. <strong>What you do not choose stays open</strong>, and no answer means no.
${view.quorum.needed === 1 ? nothing : html` Each needs ${view.quorum.needed} people.`} ${consequence(sheet)}</p>
</header>`;
}

function sumLine(details: readonly ApprovalDetail[], total: number): Markup {
  const moneys = details.map(({ sheet }) => headlineOf(sheet.tool, sheet.rows).money);
  const known = moneys.filter((money): money is Money => money !== undefined);
  if (known.length < 2) return nothing;
  const which = known.length === total ? `All ${total} together` : `${known.length} of them together`;
  return html`<p class="batch-sum">${which}: ${sumsOf(known).map((sum, index) => html`${index === 0 ? '' : ' and '}<strong>${moneyText(sum)}</strong>`)}</p>`;
}

function consequence({ effect, tool }: ActionSheet): Markup {
  if (effect !== 'irreversible') return html`What you approve is done once.`;
  return html`What you approve is done once, in ${shownText(systemOf(tool))}; <strong class="final">it cannot be undone from here.</strong>`;
}

/** The same rules ask about all of them; what they say may still differ. */
function ownReasons({ sheet }: ApprovalDetail, first: ApprovalDetail | undefined): Markup {
  const texts = reasonTexts(sheet);
  if (first === undefined || texts.join('\n') === reasonTexts(first.sheet).join('\n')) return nothing;
  return html`<p class="small"><span class="muted">Asked because</span> ${shownText(texts.join(' '))}</p>`;
}

const reasonTexts = ({ reasons }: ActionSheet): readonly string[] => reasons.map(({ message }) => message);

const sending: Markup = html`<div class="card section batch-reason">
<label for="reason">Reason for what you reject <span class="muted">kept with each rejection</span></label>
<textarea id="reason" name="reason" rows="2" maxlength="${maxReasonLength}" autocomplete="off"></textarea></div>
<div class="card batch-send"><p id="batch-tally" role="status"></p><button class="button primary" id="batch-button">Send your answers</button></div>`;

export const nothingChosen: Notice = {
  tone: 'wait',
  title: 'Nothing was chosen, so nothing was sent.',
  text: 'Choose an answer for at least one of them.',
};

/** How to go on with the ones that are left. */
export function moreAlike(like: string, total: number): Markup {
  if (total === 0) return nothing;
  return html`<a class="button" href="${batchAddress(like)}">${total === 1 ? 'One more like these waits' : `${total} more like these wait`}</a>`;
}
