import type { ApprovalDetail } from '../../api/approvals/approval-service.ts';
import type { VerdictKind } from '../../domain/approval.ts';
import type { ErrorCode } from '../../domain/error-registry.ts';
import { headlineOf } from '../action-headline.ts';
import { html, type Markup, nothing } from '../markup.ts';
import type { Viewer } from '../page.ts';
import { badge, type Tone } from '../parts/badge.ts';
import { howItStands } from '../parts/how-it-stands.ts';
import { moneyText } from '../parts/money.ts';
import { shownText } from '../parts/shown-text.ts';
import { refusalWords } from '../refusal-words.ts';
import { moreAlike } from './batch-page.ts';

/** An answer that was sent, beside how the approval stands now; undefined where that cannot be read. */
export interface SentEntry {
  readonly approvalId: string;
  readonly detail: ApprovalDetail | undefined;
  readonly refused?: ErrorCode;
}

export interface BatchSentPage {
  readonly like: string;
  readonly sent: readonly SentEntry[];
  /** Of those like it, how many still wait for this viewer. */
  readonly left: number;
  readonly viewer: Viewer;
}

const verdictWords: Readonly<Record<VerdictKind, readonly [string, Tone]>> = {
  approve: ['You approved', 'good'],
  reject: ['You rejected', 'bad'],
  edit: ['You edited', 'good'],
};

/** What became of each answer, from what is stored: a stored verdict is said to be given, and nothing else is. */
export function batchSentPage({ like, sent, left, viewer }: BatchSentPage, now: number): Markup {
  const given = sent.filter((entry) => ownVerdict(entry, viewer) !== undefined).length;
  const missed = sent.length - given;
  return html`<div class="batch-page"><p class="crumb"><a href="/approvals">← Inbox</a></p>
<div class="page-head"><h1>${sent.length === 0 ? 'Nothing was sent' : heading(given, missed)}</h1></div>
<ul class="card sent">${sent.map((entry) => sentItem(entry, viewer, now))}</ul>
<p class="batch-next">${moreAlike(like, left)} <a class="button quiet" href="/approvals">Go to the inbox</a></p></div>`;
}

function heading(given: number, missed: number): string {
  const stored = given === 1 ? 'One answer is stored and signed' : `${given} answers are stored and signed`;
  if (missed === 0) return stored;
  return given === 0
    ? 'No answer was taken'
    : `${stored}, ${missed === 1 ? 'one was not taken' : `${missed} were not taken`}`;
}

function ownVerdict({ detail }: SentEntry, { identity }: Viewer) {
  return detail?.view.verdicts.find(({ by }) => by === identity.subject);
}

function sentItem(entry: SentEntry, viewer: Viewer, now: number): Markup {
  const { approvalId, detail } = entry;
  const own = ownVerdict(entry, viewer);
  const [text, tone] = own === undefined ? (['Not taken', 'wait'] as const) : verdictWords[own.verdict];
  return html`<li class="section" id="${approvalId}"><h2>${badge(text, tone)} <a href="/approvals/${approvalId}">${detail === undefined ? 'An approval that cannot be read' : headline(detail)}</a></h2>
${own === undefined ? notTaken(entry, viewer, now) : nothing}
${own === undefined || detail === undefined ? nothing : html`<div class="sent-state">${howItStands(detail, viewer, now)}</div>`}</li>`;
}

function headline({ sheet }: ApprovalDetail): Markup {
  const { deed, money } = headlineOf(sheet.tool, sheet.rows);
  return html`${shownText(deed)}${money === undefined ? nothing : html` of ${moneyText(money)}`}`;
}

function notTaken({ detail, refused }: SentEntry, viewer: Viewer, now: number): Markup {
  if (detail === undefined)
    return html`<p>What was asked is missing from the store, or was changed there; nobody can answer it.</p>`;
  if (refused === undefined && detail.answerable === 'yes')
    return html`<p>No answer of yours is stored. It is open.</p>`;
  const { title, text } = refusalWords(refused ?? 'approval-closed');
  return html`<p><strong>${title}</strong> ${text}</p>${detail.answerable === 'yes' ? nothing : html`<div class="sent-state">${howItStands(detail, viewer, now)}</div>`}`;
}
