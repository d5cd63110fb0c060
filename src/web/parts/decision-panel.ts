import type { ApprovalDetail } from '../../api/approvals/approval-service.ts';
import { type ApprovalView, maxReasonLength } from '../../contracts/http/approval.schema.ts';
import type { NoteView } from '../../contracts/http/note.schema.ts';
import { html, type Markup, nothing } from '../markup.ts';
import type { Installation, Viewer } from '../page.ts';
import { answerList } from './answer-list.ts';
import { answerRecap } from './answer-recap.ts';
import { escalationSteps } from './escalation-steps.ts';
import { howItStands } from './how-it-stands.ts';
import { answersFor } from './lent-right.ts';
import { localTime, timeLeft } from './moment.ts';
import { noteList } from './note-list.ts';
import { noticeBox } from './notice.ts';
import { type AnswerButton, answerButtons, canStepUp, stepUpAttributes, stepUpFields } from './step-up-fields.ts';
import { takeBack } from './take-back.ts';

export interface DecisionPanel {
  readonly detail: ApprovalDetail;
  readonly notes: readonly NoteView[];
  readonly viewer: Viewer;
  /** The page that asks was showing something older. */
  readonly changed: boolean;
  /** What happens after it is told to the page. */
  readonly position: number;
}

/** What the panel shows, in short: a page that holds another one is stale. */
export function panelKey(detail: ApprovalDetail, notes: readonly NoteView[]): string {
  const { view, answerable, lent } = detail;
  // That others are asked as well is no reason to disturb whoever is answering.
  const asked = view.state !== 'pending' || offersAnswer(detail) ? '' : view.quorum.roles.length;
  const key = `${view.state}.${canStepUp(detail) ? 'step-up' : answerable}.${view.verdicts.length}.${view.effect?.state ?? asked}`;
  return `${key}.${lent?.from ?? ''}.${notes.length}`;
}

/** Whether a panel with this key offered an answer. */
export function isOfferedKey(key: string): boolean {
  return key.startsWith('pending.yes.') || key.startsWith('pending.step-up.');
}

/** Notes among colleagues come and go without making another question of it. */
export function isSameQuestion(left: string, right: string): boolean {
  const withoutNotes = (key: string) => key.slice(0, key.lastIndexOf('.'));
  return withoutNotes(left) === withoutNotes(right);
}

/** Whether this person may answer here: at once, or with a proof that he can give. */
export function offersAnswer(detail: ApprovalDetail): boolean {
  return detail.view.state === 'pending' && (detail.answerable === 'yes' || canStepUp(detail));
}

/** Nothing more can happen to it, so nothing is waited for. */
function isFinal({ state, effect }: ApprovalView): boolean {
  if (state === 'consumed') return effect?.state === 'landed' || effect?.state === 'did-not-happen';
  return state !== 'pending' && state !== 'approved';
}

/** Where the approval stands, who has answered, and the answer itself where this person may give one. */
export function decisionPanel(panel: DecisionPanel, installation: Installation, now: number): Markup {
  const { detail, notes, viewer, changed, position } = panel;
  const { view } = detail;
  const open = offersAnswer(detail);
  return html`<section class="card section decision" id="decision" aria-labelledby="answer" tabindex="-1"
  ${isFinal(view) ? nothing : html`data-live="/approvals/${view.approvalId}/changes" data-since="${position}"`} data-fragment="/approvals/${view.approvalId}/fragment" data-key="${panelKey(detail, notes)}"
  data-say="${changed ? 'This approval has changed.' : ''}">
<h2 id="answer">${open ? 'Your answer' : 'Where it stands'}</h2>
${changed ? noticeBox({ tone: 'wait', title: 'This has changed while you were looking.', text: 'Below is how it stands now.' }) : nothing}
${view.state === 'pending' && detail.answerable !== 'approval-closed' ? countdown(view, now) : nothing}
${open ? html`${answersFor(detail, installation)}${answerForm(detail, viewer)}` : howItStands(detail, viewer, now)}
${takeBack(detail, viewer)}
${answerList(view, installation, now)}
${escalationSteps(view, now)}
${noteList({ approvalId: view.approvalId, state: view.state, notes, viewer }, installation, now)}
</section>`;
}

function countdown(view: ApprovalView, now: number): Markup {
  return html`<p class="countdown"><strong>${timeLeft(view.expiresAt, now)}</strong> <span class="muted">until ${localTime(view.expiresAt)}. No answer means no.</span></p>`;
}

const answersInOrder: readonly AnswerButton[] = [
  { verdict: 'reject', words: 'reject', tone: 'refuse' },
  { verdict: 'approve', words: 'approve', tone: 'primary' },
];

/** The reason comes first and approving comes last, so that nobody approves by pressing a key too often. */
function answerForm(detail: ApprovalDetail, { csrfToken }: Viewer): Markup {
  const { view } = detail;
  return html`<form method="post" action="/approvals/${view.approvalId}/verdicts" class="answer"${stepUpAttributes(detail)}>
<input type="hidden" name="csrf" value="${csrfToken}"><input type="hidden" name="actionDigest" value="${view.actionDigest}">
${answerRecap(detail.sheet)}
${stepUpFields(detail)}
<label for="reason">Reason <span class="muted">if you like; kept with your answer</span></label>
<textarea id="reason" name="reason" rows="3" maxlength="${maxReasonLength}" autocomplete="off"></textarea>
${answerButtons(detail, answersInOrder)}
</form>
${view.kind === 'tool-call' ? html`<p class="small change"><a href="/approvals/${view.approvalId}/edit">Change what will be sent instead</a></p>` : nothing}`;
}
