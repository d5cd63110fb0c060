import type { ApprovalDetail } from '../../api/approvals/approval-service.ts';
import type { InboxItem } from '../../api/services.ts';
import type { NoteView } from '../../contracts/http/note.schema.ts';
import { labelOf } from '../../domain/plain-words.ts';
import { headlineOf } from '../action-headline.ts';
import { choiceValue } from '../batch-form.ts';
import { html, type Markup, nothing } from '../markup.ts';
import { type Installation, personName } from '../page.ts';
import { answerList } from './answer-list.ts';
import { argumentTable } from './argument-table.ts';
import { changeSection } from './change-table.ts';
import { disagreement, recordField } from './deed-facts.ts';
import { exactValue } from './exact-value.ts';
import { answersFor } from './lent-right.ts';
import { moment, timeLeft } from './moment.ts';
import { moneyText } from './money.ts';
import { notesSaid } from './note-list.ts';
import { noticeBox } from './notice.ts';
import { shownText } from './shown-text.ts';

/** One question of a batch; what cannot be read is listed and cannot be chosen. */
export type BatchEntry =
  | { readonly kind: 'readable'; readonly detail: ApprovalDetail; readonly notes: readonly NoteView[] }
  | { readonly kind: 'unreadable'; readonly item: InboxItem };

const shownDigits = 12;

/**
 * Exactly what this one is, whole, what people have said of it, and its own answer. `asked`: why, where it is not for the
 * same reasons as the others.
 */
export function batchItem(
  { detail: { view, sheet, answerable, lent }, notes }: Extract<BatchEntry, { kind: 'readable' }>,
  asked: Markup,
  installation: Installation,
  now: number,
): Markup {
  const { approvalId, actionDigest, expiresAt } = view;
  const { money, facts } = headlineOf(sheet.tool, sheet.rows);
  const answer = answerable === 'yes' ? choices(view.approvalId, actionDigest) : notYours;
  return html`<li class="card batch-item" id="${approvalId}"${money === undefined ? nothing : html` data-amount="${money.amount}" data-currency="${money.currency}"`}>
<div class="section batch-action">
<div class="batch-title">${title(approvalId, sheet, money)}<p class="batch-left">${timeLeft(expiresAt, now)}</p></div>
${disagreement(sheet)}
<dl class="facts">${sheet.records.map((record) => recordField(record, () => nothing))}${facts.map((row) => html`<div><dt>${shownText(labelOf(row.path))}</dt><dd>${exactValue(row)}</dd></div>`)}</dl>
${asked}
${changeSection(sheet, installation)}
<details><summary>${sheet.rows.length === 1 ? 'The argument' : `All ${sheet.rows.length} arguments`}, whole and as sent</summary>${argumentTable(sheet.rows)}</details>
<details><summary>Digest <code>${actionDigest.slice('sha256:'.length).slice(0, shownDigits)}…</code></summary><p><code>${actionDigest}</code></p></details>
<p class="small muted batch-about">For ${personName(sheet.onBehalfOf, installation)} · asked ${moment(view.createdAt, now)} · run <a class="mono" href="/runs/${view.runId}">${view.runId}</a> · <a href="/approvals/${approvalId}">its own page</a></p>
${view.verdicts.length + (view.withdrawnVerdicts ?? []).length === 0 ? nothing : answerList(view, installation, now)}
${notesSaid(notes, installation, now)}
${answersFor(lent === undefined ? {} : { lent }, installation)}
</div>
${answer}
</li>`;
}

function title(
  approvalId: string,
  { tool, rows }: ApprovalDetail['sheet'],
  money: ReturnType<typeof headlineOf>['money'],
) {
  const { deed } = headlineOf(tool, rows);
  return html`<h2 id="${approvalId}-deed">${shownText(deed)}${money === undefined ? nothing : html` of ${moneyText(money)}`}</h2>`;
}

/** Nothing is chosen until somebody chooses it; approving comes last. */
function choices(approvalId: string, actionDigest: string): Markup {
  const choice = (value: string, kind: string, label: string): Markup =>
    html`<label class="choice ${kind}"><input type="radio" name="${approvalId}" value="${value}"${value === '' ? html` checked` : nothing}><span>${label}</span></label>`;
  return html`<div class="choices" role="radiogroup" aria-labelledby="${approvalId}-deed">
${choice('', 'open', 'Leave open')}
${choice(choiceValue('reject', actionDigest), 'refuse', 'Reject')}
${choice(choiceValue('approve', actionDigest), 'agree', 'Approve')}
</div>`;
}

const notYours: Markup = html`<p class="section small muted">Your answer would not count for this one; <strong>its own page</strong> says why.</p>`;

export function unreadableItem({ approvalId, expiresAt }: InboxItem, now: number): Markup {
  return html`<li class="card section batch-item" id="${approvalId}">
<div class="batch-title"><h2>This one cannot be read</h2><p class="batch-left">${timeLeft(expiresAt, now)}</p></div>
${noticeBox({ tone: 'bad', title: 'It cannot be answered.', text: 'What was asked is missing from the store, or was changed there. What nobody can see, nobody can approve.' })}
<p class="small"><a href="/approvals/${approvalId}">What can be done</a></p></li>`;
}
