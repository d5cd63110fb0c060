import type { RunView } from '../../contracts/http/run.schema.ts';
import type { SteerMessageView } from '../../contracts/http/steering.schema.ts';
import type { TimelineItem } from '../../contracts/http/timeline.schema.ts';
import { isClosed } from '../../domain/run.ts';
import { html, type Markup, nothing } from '../markup.ts';
import { type Installation, personName, type Viewer } from '../page.ts';
import { modelName, runBadge } from '../parts/badge.ts';
import { moment } from '../parts/moment.ts';
import { type Notice, noticeBox } from '../parts/notice.ts';
import { shownText } from '../parts/shown-text.ts';
import { steerForm } from '../parts/steering.ts';
import { storyList } from '../parts/story-list.ts';
import { backgroundIn } from '../run-background.ts';
import { spanText } from '../time-text.ts';

export interface RunPage {
  readonly run: RunView;
  readonly items: readonly TimelineItem[];
  /** What the principal has said since the run began. */
  readonly said: readonly SteerMessageView[];
  readonly viewer: Viewer;
  /** What he wrote and could not be taken. */
  readonly draft?: string;
  /** Whether later events are not among the items. */
  readonly isCut: boolean;
  readonly notice?: Notice;
}

/** One run as a story: what it was to do, what it read, proposed, was refused, asked, did. */
export function runPage(page: RunPage, installation: Installation, now: number): Markup {
  return html`<p class="crumb"><a href="/runs">← Runs</a></p>
${noticeBox(page.notice, 'alert')}
${runPart(page, installation, now)}`;
}

/** The part that is fetched again when something happened. */
export function runPart(page: RunPage, installation: Installation, now: number): Markup {
  const { run, items, said, isCut } = page;
  const last = items.at(-1);
  const heard = said.filter(({ state }) => state === 'taken').length;
  return html`<div id="run" data-key="${last?.position ?? 0}.${run.state}.${run.pendingApprovals}.${said.length}.${heard}" data-fragment="/runs/${run.runId}/fragment"${
    isClosed(run.state) ? nothing : html` data-live="/v1/runs/${run.runId}/events"`
  } data-say="${run.pendingApprovals > 0 ? 'The run waits for a person.' : ''}">
${runHead(run, items, installation, now)}
${run.pendingApprovals > 0 ? waitingBox(run, items) : nothing}
${run.failure === undefined ? nothing : noticeBox({ tone: 'bad', title: `${run.failure.message}`, text: `(${run.failure.code})` })}
${run.output === undefined ? nothing : answerBox(run.output.text)}
<div class="run-grid">
<section aria-labelledby="story"><h2 id="story">What happened</h2>${storyList(items, said, installation)}
${isCut ? html`<p class="under-way">This run is longer than a page can show: these are its first events. <code>countersign runs</code> has all of them.</p>` : nothing}
${isClosed(run.state) ? nothing : html`<p class="under-way muted">The run goes on; this page follows it. <a href="/runs/${run.runId}">Reload</a></p>`}</section>
${runFacts(page, now)}
</div></div>`;
}

function runHead(run: RunView, items: readonly TimelineItem[], installation: Installation, now: number): Markup {
  const started = items.find((item) => item.event === 'run-started');
  return html`<div class="run-head"><p class="eyebrow"><span>${shownText(run.agent)}</span> <span class="muted">version ${run.version}</span> ${runBadge(run.state)}</p>
<h1>Run <span class="mono">${run.runId}</span></h1>
${started === undefined ? nothing : html`<figure class="said"><figcaption>${personName(started.initiator, installation)} asked ${moment(run.startedAt, now)}</figcaption><blockquote>${shownText(started.task)}</blockquote></figure>`}</div>`;
}

function waitingBox(run: RunView, items: readonly TimelineItem[]): Markup {
  const closed = new Set(items.filter((item) => item.event === 'approval-closed').map((item) => item.approvalId));
  const open = items.filter((item) => item.event === 'approval-opened').filter((item) => !closed.has(item.approvalId));
  const [only] = open;
  const address = only !== undefined && open.length === 1 ? `/approvals/${only.approvalId}` : '/approvals';
  return html`<div class="notice wait" role="note"><p><strong>${run.pendingApprovals === 1 ? 'One action waits' : `${run.pendingApprovals} actions wait`} for a person.</strong>
<a href="${address}">${open.length === 1 ? 'Look at it' : 'Open the inbox'}</a></p></div>`;
}

function answerBox(text: string): Markup {
  return html`<figure class="said model card section"><figcaption>The run’s answer, in the model’s own words</figcaption><blockquote class="scroll" tabindex="0" role="region" aria-label="The run’s answer">${shownText(text)}</blockquote></figure>`;
}

function runFacts({ run, items, viewer, draft }: RunPage, now: number): Markup {
  const { model } = backgroundIn(items);
  const { usage } = run;
  const took = (run.closedAt === undefined ? now : Date.parse(run.closedAt)) - Date.parse(run.startedAt);
  return html`<aside class="card section run-facts" aria-label="Facts of the run"><h2>Facts</h2><dl class="pairs">
${model === undefined ? nothing : html`<div><dt>Model</dt><dd>${modelName(model)}</dd></div>`}
<div><dt>Started</dt><dd>${moment(run.startedAt, now)}</dd></div>
<div><dt>${run.closedAt === undefined ? 'Running for' : 'Took'}</dt><dd class="number">${spanText(took)}</dd></div>
<div><dt>Model calls</dt><dd class="number">${count(usage.modelCalls)}</dd></div>
<div><dt>Tool calls</dt><dd class="number">${count(usage.toolCalls)}</dd></div>
<div><dt>Tokens in</dt><dd class="number">${count(usage.inputTokens)}</dd></div>
<div><dt>Tokens out</dt><dd class="number">${count(usage.outputTokens)}</dd></div>
<div><dt>Cost</dt><dd class="number">${usage.costMicroUsd === 0 ? '0' : (usage.costMicroUsd / 1_000_000).toFixed(4)} USD</dd></div>
</dl>
${run.links.temporal === '' ? nothing : html`<p class="small"><a href="${run.links.temporal}" rel="noreferrer">History in the Temporal UI</a></p>`}
${isClosed(run.state) ? nothing : html`${isInitiator(items, viewer) ? steerForm(run.runId, viewer, draft) : nothing}${cancelForm(run, viewer)}`}</aside>`;
}

/** Nobody else may speak to the run, so nobody else is offered to. */
function isInitiator(items: readonly TimelineItem[], { identity }: Viewer): boolean {
  return items.some((item) => item.event === 'run-started' && item.initiator === identity.subject);
}

function cancelForm({ runId }: RunView, { csrfToken }: Viewer): Markup {
  return html`<details class="cancel" id="cancel"><summary>Stop this run</summary>
<form method="post" action="/runs/${runId}/cancel"><p class="small muted">It ends after the action that is under way. What was done stays done.</p>
<input type="hidden" name="csrf" value="${csrfToken}"><button class="button refuse">Stop the run</button></form></details>`;
}

function count(number: number): string {
  return number.toLocaleString('en-US');
}
