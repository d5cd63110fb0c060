import type { SteerMessageView } from '../../contracts/http/steering.schema.ts';
import type { TimelineItem } from '../../contracts/http/timeline.schema.ts';
import { changedRows, type SheetRow, sheetRows } from '../../domain/action-sheet.ts';
import { assertNever } from '../../domain/assert-never.ts';
import { deedOf, labelOf } from '../../domain/plain-words.ts';
import { textOf } from '../../domain/sheet-headline.ts';
import { headlineOf } from '../action-headline.ts';
import { foldStory, type SeveralActions } from '../fold-story.ts';
import { html, type Markup, nothing } from '../markup.ts';
import { giverName, type Installation, personName } from '../page.ts';
import {
  type ActionStanding,
  type ActionStory,
  runStory,
  type StoryEdit,
  type StoryEntry,
  standingOf,
  timeOf,
} from '../run-story.ts';
import { absoluteText } from '../time-text.ts';
import { badge, modelName, runBadge, type Tone } from './badge.ts';
import { exactValue, shortValue } from './exact-value.ts';
import { clockTime } from './moment.ts';
import { moneyText } from './money.ts';
import { shownText } from './shown-text.ts';
import { saidMessage } from './steering.ts';

const standings: Record<ActionStanding, readonly [string, Tone]> = {
  done: ['Done', 'good'],
  failed: ['Failed', 'bad'],
  'in-doubt': ['In doubt', 'bad'],
  refused: ['Refused', 'bad'],
  rejected: ['Rejected by a person', 'bad'],
  expired: ['No answer in time', 'bad'],
  withdrawn: ['Withdrawn', 'plain'],
  waiting: ['Waiting for a person', 'wait'],
  'under-way': ['Under way', 'accent'],
};

const factsShown = 4;
const factLength = 64;

/** The run from its first moment on, one entry an action. */
export function storyList(
  items: readonly TimelineItem[],
  said: readonly SteerMessageView[],
  installation: Installation,
): Markup {
  const story = foldStory(runStory(items, said));
  if (story.length === 0) return html`<p class="muted">Nothing has happened yet.</p>`;
  const dates = story.map((entry) => absoluteText(beginOf(entry)).slice(0, 10));
  return html`<ol class="story">${story.map(
    (entry, index) =>
      html`${dates[index] === dates[index - 1] ? nothing : html`<li class="day">${dates[index] ?? ''} <span>UTC</span></li>`}${entryItem(entry, installation)}`,
  )}</ol>`;
}

function beginOf(entry: StoryEntry | SeveralActions): string {
  return entry.kind === 'several' ? (entry.actions[0]?.at ?? '') : timeOf(entry);
}

function entryItem(entry: StoryEntry | SeveralActions, installation: Installation): Markup {
  switch (entry.kind) {
    case 'several':
      return several(entry, installation);
    case 'started':
      return line(
        'plain',
        entry.item.at,
        html`<p><strong>Started</strong> by ${personName(entry.item.initiator, installation)}</p>`,
      );
    case 'planned':
      return planned(entry.item);
    case 'thought':
      return thought(entry.item);
    case 'action':
      return action(entry, installation);
    case 'said':
      return line('accent', entry.item.at, saidMessage(entry.item, installation));
    case 'closed':
      return line(
        'plain',
        entry.item.at,
        html`<p><strong>Ended</strong> ${runBadge(entry.item.state)}</p>${entry.item.failure === undefined ? nothing : html`<p>${shownText(entry.item.failure.message)} <code>${entry.item.failure.code}</code></p>`}`,
      );
    default:
      return assertNever(entry);
  }
}

function line(tone: Tone, at: string, content: Markup): Markup {
  return html`<li class="entry ${tone}">${clockTime(at)}<div class="told">${content}</div></li>`;
}

function planned(item: Extract<TimelineItem, { event: 'mandate-frozen' }>): Markup {
  return line(
    'accent',
    item.at,
    html`<p><strong>Mandate frozen</strong> <span class="muted">what it may use, and how often; nothing else for the rest of the run</span></p>
<ul class="mandate">${item.tools.map(({ name, maxCalls }) => html`<li><code>${shownText(name)}</code> <span class="muted number">≤ ${maxCalls}</span></li>`)}</ul>
${item.rationale === '' ? nothing : html`<figure class="said model"><figcaption>The model’s own words</figcaption><blockquote>${shownText(item.rationale)}</blockquote></figure>`}`,
  );
}

function thought(item: Extract<TimelineItem, { event: 'model-called' }>): Markup {
  const { at, turn, model, inputTokens, outputTokens } = item;
  const what = turn === 0 ? 'Model asked for a plan' : `Model turn ${turn}`;
  return html`<li class="entry thought">${clockTime(at)}<div class="told"><p class="muted small">${what} · ${turn > 0 || model === '' ? nothing : html`${modelName(item)} · `}<span class="number">${inputTokens.toLocaleString('en-US')}</span> tokens in, <span class="number">${outputTokens.toLocaleString('en-US')}</span> out</p></div></li>`;
}

function action(story: ActionStory, installation: Installation): Markup {
  const standing = standingOf(story);
  const [word, tone] = standings[standing];
  const rows = sheetRows(story.args, {});
  const { deed, money, facts } = headlineOf(story.tool, rows);
  const short = facts.filter((row) => textOf(row).length <= factLength).slice(0, factsShown);
  return html`<li class="entry ${tone}" id="call-${story.callId}">${clockTime(story.at)}<div class="told">
<p class="did"><strong>${shownText(deed)}</strong>${money === undefined ? nothing : html` <span>${moneyText(money)}</span>`} ${badge(word, tone)}</p>
${short.length === 0 ? nothing : html`<p class="brief">${short.map((row) => html`<span><span class="muted">${shownText(labelOf(row.path))}</span> ${shortValue(textOf(row))}</span> `)}</p>`}
${story.effect?.event === 'effect-landed' && story.effect.outcome !== 'ok' ? html`<p class="because"><span class="muted">The model was told</span> <code>${story.effect.outcome}</code></p>` : nothing}
${reasonsShown(story, standing)}
${people(story, installation)}
<details id="more-${story.callId}"><summary>Details</summary>
<dl class="arguments"><div class="argument"><dt>Tool</dt><dd><code>${shownText(story.tool)}</code></dd></div><div class="argument"><dt>Call</dt><dd><code>${story.callId}</code></dd></div>
${rows.map((row) => html`<div class="argument"><dt><code>${shownText(row.path)}</code></dt><dd>${exactValue(row)}</dd></div>`)}
${story.decisions.map((decision) => html`<div class="argument"><dt>Decided ${clockTime(decision.at)}</dt><dd>${decision.decision}: ${decision.reasons.map((reason) => html`<code>${shownText(reason.rule)}</code> `)}</dd></div>`)}</dl></details>
</div></li>`;
}

function several({ id, tool, actions }: SeveralActions, installation: Installation): Markup {
  const [first] = actions;
  return html`<li class="entry good" id="several-${id}">${clockTime(first?.at ?? '')}<div class="told">
<p class="did"><strong>${shownText(deedOf(tool))}</strong> <span class="number">${actions.length} times</span> ${badge('Done', 'good')}</p>
<details id="each-${id}"><summary>Each of them</summary><ol class="story">${actions.map((story) => action(story, installation))}</ol></details>
</div></li>`;
}

/** An allowed read needs no reason in the story; everything else says why. */
function reasonsShown({ decisions }: ActionStory, standing: ActionStanding): Markup {
  const telling =
    decisions.findLast((decision) => decision.decision !== 'allow') ??
    (standing === 'done' ? undefined : decisions.at(-1));
  if (telling === undefined || telling.reasons.length === 0 || telling.decision === 'allow') return nothing;
  const lead = telling.decision === 'deny' ? 'Refused because' : 'Asked because';
  return html`${telling.reasons.map(
    ({ rule, message }) =>
      html`<p class="because"><span class="muted">${lead}</span> ${shownText(message)} <code class="rule">${shownText(rule)}</code></p>`,
  )}`;
}

function people({ asked, verdicts, edits, answered }: ActionStory, installation: Installation): Markup {
  if (asked === undefined) return nothing;
  const words = { approve: 'approved', reject: 'rejected', edit: 'edited' } as const;
  const later = (asked.widen ?? []).filter(({ at }) => answered === undefined || at < answered.at);
  return html`${later.map(
    ({ at, roles }) =>
      html`<p class="because"><span class="muted">Also asked from</span> ${clockTime(at)} ${shownText(roles.join(', '))}</p>`,
  )}<p class="because">${verdicts.map(
    (verdict) =>
      html`<strong>${giverName(verdict, installation)}</strong> ${words[verdict.verdict]}${verdict.reason === undefined || verdict.reason === '' ? nothing : html`: “${shownText(verdict.reason)}”`}${verdict.withdrawnAt === undefined ? nothing : ', and took it back'}. `,
  )}<a href="/approvals/${asked.approvalId}">${answered === undefined ? 'Open the approval' : 'See the approval'}</a></p>${edits.map((edit) => changed(edit, installation))}`;
}

/** Which arguments a person wrote in the place of others; long ones stand whole under the details of the approvals. */
function changed({ by, before, after }: StoryEdit, installation: Installation): Markup {
  const rows = changedRows(sheetRows(before, {}), sheetRows(after, {}));
  return html`<ul class="edits" aria-label="What was changed">${rows.map(
    (row) =>
      html`<li><span class="muted">${by === undefined ? 'Changed' : html`${personName(by, installation)} changed`} ${shownText(labelOf(row.path))}:</span> ${briefly(row.before)} → <strong>${briefly(row.after)}</strong></li>`,
  )}</ul>`;
}

function briefly(row: SheetRow | undefined): Markup {
  if (row === undefined) return html`<span class="muted">not given</span>`;
  const text = textOf(row);
  return text.length <= factLength ? shortValue(text) : html`${shortValue(text.slice(0, factLength))}…`;
}
