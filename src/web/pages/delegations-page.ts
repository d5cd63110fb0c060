import { type DelegationView, maxDelegationReason } from '../../contracts/http/delegation.schema.ts';
import { mayBeLent, mostDelegationDays } from '../../domain/delegation.ts';
import type { Identity } from '../../ports/directory.port.ts';
import { html, type Markup, nothing } from '../markup.ts';
import { type Installation, personName, type Viewer } from '../page.ts';
import { badge, type Tone } from '../parts/badge.ts';
import { dayTime, moment } from '../parts/moment.ts';
import { type Notice, noticeBox } from '../parts/notice.ts';
import { shownText } from '../parts/shown-text.ts';

/** How long a delegation is, as the form offers it; `until` is a time of one's own. */
export const spans = { '1d': '1 day', '1w': '1 week', '4w': '4 weeks', 'until': 'Until' } as const;
export type Span = keyof typeof spans;

/** The form as it was sent, or as it is at first. */
export interface LendDraft {
  readonly to: string;
  readonly roles: readonly string[];
  readonly span: Span;
  /** `2026-12-03T18:00`, UTC. */
  readonly until: string;
  readonly begins: string;
  readonly reason: string;
}

export interface DelegationsPage {
  readonly items: readonly DelegationView[];
  readonly viewer: Viewer;
  /** Whom the directory can name; where it is empty, people are typed. */
  readonly people: readonly Identity[];
  readonly draft: LendDraft;
  readonly notice?: Notice;
}

/** What a person lent, what was lent to him, and a form to lend. */
export function delegationsPage(page: DelegationsPage, installation: Installation, now: number): Markup {
  const { items, viewer, notice } = page;
  const { subject } = viewer.identity;
  const list = (delegations: readonly DelegationView[], none: string) =>
    delegations.length === 0
      ? html`<p class="muted">${none}</p>`
      : html`<ul class="card rows delegations">${delegations.map((item) => delegationRow(item, viewer, installation, now))}</ul>`;
  return html`${noticeBox(notice, 'alert')}
<div class="page-head"><h1>Delegations</h1>
<p class="muted">Somebody may answer approvals for you while you are away. He answers in his own name, and the two of you count as one.</p></div>
<section class="group"><h2>Lent to you</h2>
${list(
  items.filter(({ to }) => to === subject),
  'Nobody has lent you anything.',
)}</section>
<section class="group"><h2>Lent by you</h2>
${list(
  items.filter(({ from }) => from === subject),
  'You have lent nothing.',
)}</section>
${lendForm(page, installation)}`;
}

function delegationRow(item: DelegationView, viewer: Viewer, installation: Installation, now: number): Markup {
  const { delegationId, from, to, roles, begins, ends, reason, may } = item;
  const other = from === viewer.identity.subject ? to : from;
  const [words, tone] = standing(item, now);
  return html`<li class="row" id="${delegationId}"><div class="row-main">
<h3>${personName(other, installation)} ${badge(words, tone)}</h3>
<p class="small muted">${shownText(roles.join(', '))} · ${dayTime(begins)} – ${dayTime(ends)}${ended(item, installation, now)}</p>
${reason === undefined ? nothing : html`<blockquote>${shownText(reason)}</blockquote>`}</div>
<div class="buttons">${may.end ? endForm(delegationId, to, viewer, installation) : nothing}</div>
</li>`;
}

function standing({ state, inForce, begins }: DelegationView, now: number): readonly [string, Tone] {
  if (state === 'ended') return ['Ended', 'plain'];
  if (inForce) return ['In force', 'good'];
  return Date.parse(begins) > now ? ['Not yet', 'wait'] : ['Over', 'plain'];
}

function ended({ endedBy, endedAt }: DelegationView, installation: Installation, now: number): Markup {
  if (endedBy === undefined || endedAt === undefined) return nothing;
  return html` · ended by ${personName(endedBy, installation)} ${moment(endedAt, now)}`;
}

function endForm(delegationId: string, to: string, { csrfToken }: Viewer, installation: Installation): Markup {
  return html`<form method="post" action="/delegations/${delegationId}/end"><input type="hidden" name="csrf" value="${csrfToken}">
<button class="button refuse">End<span class="hidden-text"> what was lent to ${personName(to, installation)}</span></button></form>`;
}

function lendForm({ viewer, people, draft }: DelegationsPage, installation: Installation): Markup {
  const { identity, csrfToken } = viewer;
  const roles = identity.roles.filter(mayBeLent);
  if (roles.length === 0)
    return html`<section class="group"><h2>Lend</h2><p class="muted">You hold no role that could be lent.</p></section>`;
  return html`<section class="group"><h2>Lend</h2>
<form method="post" action="/delegations" class="card section lend">
<input type="hidden" name="csrf" value="${csrfToken}">
<label for="to">Who may answer for you</label>
${people.length === 0 ? typedPerson(draft) : chosenPerson(people, draft, installation)}
<fieldset><legend>With which of your roles</legend>
${roles.map((role) => html`<label class="option"><input type="checkbox" name="role.${role}" value="on"${chosen(draft.roles.includes(role), 'checked')}> ${shownText(role)}</label>`)}
<p class="small muted">A lent role counts for answers to approvals and for nothing else, and not where policy asks for a step-up.</p></fieldset>
<fieldset><legend>How long</legend>
${Object.entries(spans).map(([span, text]) => html`<label class="option"><input type="radio" name="span" value="${span}"${chosen(draft.span === span, 'checked')}> ${text}</label>`)}
<input type="datetime-local" name="until" value="${draft.until}" aria-label="Until, UTC"> <span class="small muted">UTC; at most ${mostDelegationDays} days</span></fieldset>
<label for="begins">From <span class="muted">UTC; empty for at once</span></label>
<input type="datetime-local" id="begins" name="begins" value="${draft.begins}">
<label for="lend-reason">Reason <span class="muted">kept with it</span></label>
<input type="text" id="lend-reason" name="reason" maxlength="${maxDelegationReason}" value="${draft.reason}" autocomplete="off">
<p><button class="button primary">Lend</button></p>
</form></section>`;
}

function typedPerson({ to }: LendDraft): Markup {
  return html`<input type="text" id="to" name="to" value="${to}" required maxlength="1024" autocomplete="off" spellcheck="false" aria-describedby="to-hint">
<p class="small muted" id="to-hint">His subject, as records name him.</p>`;
}

function chosenPerson(people: readonly Identity[], { to }: LendDraft, installation: Installation): Markup {
  return html`<select id="to" name="to" required><option value="">Choose a person</option>${people.map(
    ({ subject }) =>
      html`<option value="${subject}"${chosen(subject === to, 'selected')}>${installation.nameOf(subject) ?? subject} (${subject})</option>`,
  )}</select>`;
}

function chosen(is: boolean, attribute: 'checked' | 'selected'): Markup {
  if (!is) return nothing;
  return attribute === 'checked' ? html` checked` : html` selected`;
}
