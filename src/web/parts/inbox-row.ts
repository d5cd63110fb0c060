import type { InboxItem } from '../../api/services.ts';
import type { ApprovalSummary } from '../../domain/approval-summary.ts';
import { deedOf, labelOf } from '../../domain/plain-words.ts';
import { textOf } from '../../domain/sheet-headline.ts';
import { html, type Markup, nothing } from '../markup.ts';
import { type Installation, personName } from '../page.ts';
import { badge, riskBadge } from './badge.ts';
import { shortValue } from './exact-value.ts';
import { moment, timeLeft } from './moment.ts';
import { moneyText } from './money.ts';
import { shownText } from './shown-text.ts';

const soonMs = 3_600_000;
const urgentMs = 600_000;

/** What one entry shows, in short: a page that holds another one is stale. */
export function entryKey({ verdicts, answerable, summary }: InboxItem): string {
  return `${verdicts}.${answerable}.${summary === undefined ? 'unreadable' : ''}`;
}

/** Rows stand in the order of these texts. */
export function entryOrder({ expiresAt, approvalId }: InboxItem): string {
  return `${expiresAt}|${approvalId}`;
}

/** One pending approval: what, how much, for whom, why, since when, how long still. */
export function inboxRow(item: InboxItem, installation: Installation, now: number): Markup {
  const { approvalId, expiresAt, summary } = item;
  const left = Date.parse(expiresAt) - now;
  const pressing = left < urgentMs ? ' urgent' : left < soonMs ? ' soon' : '';
  return html`<li class="row risk-${item.risk}${pressing}" id="${approvalId}" data-order="${entryOrder(item)}" data-key="${entryKey(item)}">
<div class="row-main">
<h2><a href="/approvals/${approvalId}">${shownText(deedOf(item.tool))}</a>${summary?.money === undefined ? nothing : html` <span class="row-money">${moneyText(summary.money)}</span>`} ${riskBadge(item.risk)}${summary === undefined ? html` ${badge('Cannot be read', 'bad')}` : nothing}</h2>
${summary === undefined ? unreadable(item) : readable(summary)}
<p class="small muted row-about">${about(item, installation, now)}</p>
</div>
<p class="row-left">${timeLeft(expiresAt, now)}</p>
</li>`;
}

function readable(summary: ApprovalSummary): Markup {
  const fields = [
    ...summary.records.map(({ label, json }) => [label, json] as const),
    ...summary.facts.map(({ path, json }) => [path, json] as const),
  ];
  return html`${fields.length === 0 ? nothing : html`<dl class="row-facts">${fields.map(([name, json]) => html`<div><dt>${shownText(labelOf(name))}</dt><dd>${shortValue(textOf({ json }))}</dd></div>`)}</dl>`}
${summary.unshown > 0 ? html`<p class="small muted">${summary.unshown === 1 ? 'One more argument decides' : `${summary.unshown} more arguments decide`} where it goes; the page shows all.</p>` : nothing}
${summary.disagreeing.length === 0 ? nothing : html`<p class="row-disagree"><strong>Your own records disagree:</strong> ${shownText(summary.disagreeing.map(labelOf).join(', '))}.</p>`}
<p class="row-why"><span class="muted">Asked because</span> ${shownText(summary.reasons.join(' ') || 'a rule asks for a person.')}</p>`;
}

/** What to do, since nobody can answer what nobody can see. */
function unreadable({ runId }: InboxItem): Markup {
  return html`<p class="row-why">What was asked is missing from the store, or was changed there, so nobody can approve it.
It ends by itself when its time is up. Stop the <a class="above" href="/runs/${runId}">run</a> to end it now, or restore the data folder from a backup to read it again.</p>`;
}

function about(item: InboxItem, installation: Installation, now: number): Markup {
  const { agent, summary, createdAt, runId, verdicts, answerable } = item;
  const note = notYours[answerable];
  return html`${shownText(agent)}${summary === undefined ? nothing : html` for ${personName(summary.onBehalfOf, installation)}`} · asked ${moment(createdAt, now)} · run <span class="mono">${runId}</span>${verdicts === 0 ? nothing : html` · ${verdicts === 1 ? 'one answer' : `${verdicts} answers`} so far`}${note === undefined ? nothing : html` · <span class="row-note">${note}</span>`}`;
}

const notYours: Readonly<Partial<Record<InboxItem['answerable'], string>>> = {
  'not-an-approver': 'not for your roles',
  'self-approval': 'somebody else has to answer',
  'already-decided': 'you have answered',
  'step-up-required': 'needs a proof that it is you',
};
