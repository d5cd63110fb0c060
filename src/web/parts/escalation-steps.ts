import type { ApprovalView } from '../../contracts/http/approval.schema.ts';
import { html, type Markup, nothing } from '../markup.ts';
import { absoluteText } from '../time-text.ts';
import { moment } from './moment.ts';
import { shownText } from './shown-text.ts';

/** While a question is open: who was asked besides, who will be, and who is told before silence rejects it. */
export function escalationSteps({ state, escalation, expiresAt }: ApprovalView, now: number): Markup {
  if (state !== 'pending' || escalation === undefined) return nothing;
  const { widen, remindAt, owner } = escalation;
  const reminder = remindAt === undefined ? html`before that` : html`from ${clock(remindAt)}`;
  return html`<ul class="small muted">${widen.map(
    ({ at, roles }) =>
      html`<li>${Date.parse(at) <= now ? 'Since' : 'From'} ${clock(at)} (${moment(at, now)}) also: ${shownText(roles.join(', '))}.</li>`,
  )}
<li>Without an answer it is rejected at ${clock(expiresAt)}. The agent’s owner, ${shownText(owner)}, is told ${reminder}, if the operator has said how to reach it.</li></ul>`;
}

/** `14:30 UTC`; the title has the day. */
function clock(at: string): Markup {
  const text = absoluteText(at);
  return html`<time datetime="${at}" title="${text}">${text.slice(11, 16)} UTC</time>`;
}
