import type { ApprovalDetail } from '../../api/approvals/approval-service.ts';
import type { NoteView } from '../../contracts/http/note.schema.ts';
import type { ActionSheet } from '../../domain/action-sheet.ts';
import { assertNever } from '../../domain/assert-never.ts';
import { deedOf, labelOf, systemOf } from '../../domain/plain-words.ts';
import { textOf } from '../../domain/sheet-headline.ts';
import { headlineOf } from '../action-headline.ts';
import { batchAddress } from '../batch-address.ts';
import { html, type Markup, nothing } from '../markup.ts';
import { type Installation, personName, type Viewer } from '../page.ts';
import { argumentTable } from '../parts/argument-table.ts';
import { approvalBadge, modelName, riskBadge } from '../parts/badge.ts';
import { changeSection } from '../parts/change-table.ts';
import { decisionPanel, offersAnswer } from '../parts/decision-panel.ts';
import { disagreement, oddHint, recordField } from '../parts/deed-facts.ts';
import { shortValue } from '../parts/exact-value.ts';
import { moment } from '../parts/moment.ts';
import { moneyText } from '../parts/money.ts';
import { type Notice, noticeBox } from '../parts/notice.ts';
import { shownText } from '../parts/shown-text.ts';
import type { RunBackground } from '../run-background.ts';

export interface ApprovalPage {
  readonly detail: ApprovalDetail;
  readonly background: RunBackground;
  readonly notes: readonly NoteView[];
  readonly viewer: Viewer;
  /** What happens after it is told to the page. */
  readonly position: number;
  /** How many this viewer may answer together with this one, itself included. */
  readonly alike?: number;
  /** What became of an answer that was just sent and not taken. */
  readonly notice?: Notice;
}

/** Longer values, and those of several lines, stand in the table of arguments only. */
const factLength = 160;
const isFact = (text: string): boolean => text.length <= factLength && !text.includes('\n');

/** Exactly what will run, from the stored sheet and nothing else; then why it was asked, then the answer. */
export function approvalPage(
  { detail, background, notes, viewer, position, alike = 0, notice }: ApprovalPage,
  installation: Installation,
  now: number,
): Markup {
  const { sheet } = detail;
  return html`<p class="crumb"><a href="/approvals">← Inbox</a>${alike > 1 ? html` <a class="crumb-more" href="${batchAddress(detail.view.approvalId)}">Answer ${alike} like this together</a>` : nothing}</p>
${noticeBox(notice, 'alert')}
<div class="approval">
<article class="card action" aria-labelledby="deed">
${deedSection(detail, installation)}
${changeSection(sheet, installation)}
${reasonSection(detail)}
${argumentSection(sheet)}
${modelSection(background, detail)}
${offersAnswer(detail) ? html`<p class="jump"><a class="button" href="#decision">Go to your answer ↓</a></p>` : nothing}
</article>
<div class="side">
${decisionPanel({ detail, notes, viewer, position, changed: false }, installation, now)}
${aboutSection(detail, background, installation, now)}
</div>
${fingerprints(detail)}
</div>`;
}

function deedSection({ view, sheet }: ApprovalDetail, installation: Installation): Markup {
  const { deed, money, facts } = headlineOf(sheet.tool, sheet.rows);
  const short = facts.filter((row) => isFact(textOf(row)));
  return html`<div class="section deed">
<p class="eyebrow"><span>${shownText(sheet.agent)} ${view.state === 'pending' ? 'wants to' : 'asked to'}</span> ${riskBadge(view.risk)} ${view.state === 'pending' ? nothing : approvalBadge(view.state)}</p>
<h1 id="deed">${shownText(deed)}${money === undefined ? nothing : html` of ${moneyText(money)}`}</h1>
<dl class="facts">${sheet.records.map((record) => recordField(record))}${short.map((row) => html`<div><dt>${shownText(labelOf(row.path))}</dt><dd>${shortValue(textOf(row))}${oddHint(textOf(row))}</dd></div>`)}</dl>
${disagreement(sheet)}
${facts.length > short.length ? html`<p class="small">Longer values stand whole under <a href="#arguments">What will be sent</a>.</p>` : nothing}
${view.state === 'pending' ? html`<p class="consequence">${consequence(sheet, installation)}</p>` : nothing}
</div>`;
}

function consequence(sheet: ActionSheet, installation: Installation): Markup {
  const once = html`If this is approved, <strong>${shownText(sheet.agent)}</strong> (version ${sheet.agentVersion}) does it once, on behalf of <strong>${personName(sheet.onBehalfOf, installation)}</strong>`;
  switch (sheet.effect) {
    case 'irreversible':
      return html`${once}, in <strong>${shownText(systemOf(sheet.tool))}</strong>. <strong class="final">It cannot be undone from this page.</strong>${wayBack(sheet)}`;
    case 'write':
      return html`${once}, and data in <strong>${shownText(systemOf(sheet.tool))}</strong> changes.${wayBack(sheet)}`;
    case 'read':
      return html`${once}. It only reads from <strong>${shownText(systemOf(sheet.tool))}</strong>.`;
    case 'answer':
      return html`${once}: the text below leaves the run and is handed over as its answer.`;
    default:
      return assertNever(sheet.effect);
  }
}

/** What the reviewed manifest says takes it back; a call of its own, which nobody makes by itself. */
function wayBack({ undo }: ActionSheet): Markup {
  if (undo === undefined) return nothing;
  return html` <span class="undo">To undo it later, somebody has to ask for another action: ${shownText(deedOf(undo))} <code>${shownText(undo)}</code>.</span>`;
}

function reasonSection({ view, sheet: { reasons, facts } }: ApprovalDetail): Markup {
  const known = Object.entries(facts);
  return html`<section class="section" aria-labelledby="why"><h2 id="why">${view.state === 'pending' ? 'Why you are asked' : 'Why it was asked'}</h2>
<ul class="reasons">${reasons.map(({ rule, message }) => html`<li><p>${shownText(message)}</p><p class="small muted">Rule <code>${shownText(rule)}</code></p></li>`)}</ul>
${known.length === 0 ? nothing : html`<h3 class="records">What your own records say</h3><ul class="ticks">${known.toSorted(([, left], [, right]) => Number(left) - Number(right)).map(([relation, holds]) => tick(relation, holds))}</ul>`}
</section>`;
}

function tick(relation: string, holds: boolean): Markup {
  return html`<li class="${holds ? 'holds' : 'fails'}"><span class="sign" aria-hidden="true">${holds ? '✓' : '✗'}</span>
<span>${shownText(labelOf(relation))}</span> <span class="muted">${holds ? 'yes' : 'no'}</span></li>`;
}

function argumentSection({ rows, tool }: ActionSheet): Markup {
  return html`<section class="section" id="arguments" aria-labelledby="sent"><h2 id="sent">What will be sent</h2>
<p class="small muted">Every argument of <code>${shownText(tool)}</code>, whole and as it will be sent.</p>
${argumentTable(rows)}</section>`;
}

function modelSection({ task, rationale }: RunBackground, { prompt }: ApprovalDetail): Markup {
  if (rationale === undefined && task === undefined && prompt === undefined) return nothing;
  return html`<section class="section" aria-labelledby="words"><h2 id="words">What was said</h2>
${task === undefined ? nothing : html`<figure class="said"><figcaption>The task, as it was given</figcaption><blockquote>${shownText(task)}</blockquote></figure>`}
${rationale === undefined ? nothing : html`<figure class="said model"><figcaption>The model’s own words, when it planned the run. Plain text; nothing here was checked.</figcaption><blockquote>${shownText(rationale)}</blockquote></figure>`}
${prompt === undefined ? nothing : html`<details class="prompt"><summary>What the agent is told to do, in every run</summary><figure class="said"><figcaption>Its prompt, as it was reviewed</figcaption><blockquote>${shownText(prompt.text)}</blockquote></figure></details>`}
</section>`;
}

function aboutSection(
  { view, row, sheet }: ApprovalDetail,
  { model }: RunBackground,
  installation: Installation,
  now: number,
): Markup {
  return html`<section class="card section" aria-labelledby="about"><h2 id="about">About this request</h2>
<dl class="pairs">
<div><dt>Started by</dt><dd>${personName(row.initiator, installation)}</dd></div>
<div><dt>Agent</dt><dd>${shownText(sheet.agent)} <span class="muted">version ${sheet.agentVersion}</span></dd></div>
<div><dt>Agent’s owner</dt><dd>${shownText(row.ownerGroup)}</dd></div>
${model === undefined ? nothing : html`<div><dt>Model</dt><dd>${modelName(model)}</dd></div>`}
<div><dt>Asked</dt><dd>${moment(view.createdAt, now)}</dd></div>
<div><dt>Run</dt><dd><a class="mono" href="/runs/${view.runId}">${view.runId}</a></dd></div>
</dl></section>`;
}

function fingerprints({ view, row, envelope, prompt }: ApprovalDetail): Markup {
  const pairs: readonly (readonly [string, string])[] = [
    ['Action', view.actionDigest],
    ['What this page shows', row.renderHash],
    ['Reviewed tool', envelope.toolPin],
    ['Policy', envelope.askedUnderPolicy],
    ['Prompt', prompt?.digest ?? ''],
    ['Call', envelope.callId],
    ['Approval', view.approvalId],
  ];
  return html`<details class="card section prints"><summary>Fingerprints</summary>
<p class="small muted">An answer counts for these bytes only.</p>
<dl class="pairs">${pairs.filter(([, value]) => value !== '').map(([name, value]) => html`<div><dt>${name}</dt><dd><code>${shownText(value)}</code></dd></div>`)}</dl></details>`;
}
